import type { Command } from 'commander'
import { removalOrder } from '../../core/ablation.ts'
import { createProject, withProject } from '../app.ts'
import type { AblationResult, EvaluationResult } from '../../shared/results.ts'
import { ablate } from '../jobs/ablation.ts'
import { specsOf } from '../../shared/analysis.ts'
import { analyse, explanationSpec, tracked, type AnalysisResult } from '../jobs/analysis.ts'
import { average } from '../jobs/averages.ts'
import { explain } from '../jobs/explanation.ts'
import { exportAnalysis } from '../jobs/export.ts'
import { extract, type ExtractionSummary } from '../jobs/extraction.ts'
import { featureLabel } from '../jobs/figure-data.ts'
import type { Project } from '../jobs/project.ts'
import type { JobContext } from '../jobs/runner.ts'
import { select, selectionName, type Selection } from '../jobs/selection.ts'
import {
  analysisOf,
  preprocessingOf,
  wholeNumber,
  type PreprocessingFlags,
  withAblation,
  withAverages,
  withExplanation,
  withJson,
  withPreprocessing,
  withPreset,
  withSelection,
  type AnalysisFlags,
} from './options.ts'
import { note, say, table, withContext } from './terminal.ts'

interface InitFlags extends PreprocessingFlags {
  model: string
  train: string
  test: string
  masks?: string
  labels?: string
  modelClasses?: boolean
  json?: boolean
}

/** Commands that work in a project folder. */
export function addProjectCommands(program: Command): void {
  withPreprocessing(withJson(program.command('init <project>')))
    .description('make a project from a model and its images')
    .requiredOption('--model <path>', 'the trained model')
    .requiredOption('--train <data>', 'training images: folder per class, IDX pair images:labels, or CSV')
    .requiredOption('--test <data>', 'test images, likewise')
    .option('--masks <folder>', 'masks of the test images, by the same relative names')
    .option('--labels <file>', "class names in the order of the network's outputs, one per line")
    .option('--model-classes', "take the class names that the model's file holds, where no label file is given")
    .action(async (folder: string, flags: InitFlags) => {
      const { model, train, test, masks, labels, modelClasses } = flags
      const config = await withContext((context) =>
        createProject(
          folder,
          { model, train, test, masks, labels, modelClasses, preprocessing: preprocessingOf(flags) },
          { ...listening(context), onNote: note },
        ),
      )
      say(flags.json, config, () => `${folder}: ${config.classes.length} classes, ready for "vebi run ${folder}".`)
    })

  withPreset(program.command('extract <project>'))
    .description('channel responses of all training images')
    .action(
      inProject<AnalysisFlags>(async (project, flags, context) => {
        const summary = await tracked(project, 'extraction', specsOf(analysisOf(flags)).extraction, context, extract)
        return { document: summary, text: () => extractionText(summary) }
      }),
    )

  withSelection(program.command('select <project>'))
    .description('relevant features of each class')
    .action(
      inProject<AnalysisFlags>(async (project, flags, context) => {
        const selections = await selectAll(project, flags, context)
        return {
          document: selections.map((selection) => selectionDocument(project, selection)),
          text: () => selectionText(project, selections),
        }
      }),
    )

  withAblation(withSelection(program.command('ablate <project>')))
    .description('accuracy on the test images while relevant features are removed')
    .action(
      inProject<AnalysisFlags>(async (project, flags, context) => {
        const result = await tracked(project, 'ablation', specsOf(analysisOf(flags)).ablation, context, ablate)
        return { document: result, text: () => ablationText(result) }
      }),
    )

  withAverages(withSelection(program.command('average <project>')))
    .description('average images of the relevant features')
    .action(
      inProject<AnalysisFlags>(async (project, flags, context) => {
        const averages = await tracked(project, 'averages', specsOf(analysisOf(flags)).averages, context, average)
        const features = [...averages.values()].map(({ feature, distinctImages, clipped, entries }) => ({
          feature,
          distinctImages,
          patches: entries.length,
          clipped: clipped.length,
        }))
        return { document: features, text: () => `${features.length} features interpreted; "vebi export" draws them.` }
      }),
    )

  withExplanation(withSelection(program.command('explain <project>')))
    .description('heatmaps for predictions on test images')
    .action(
      inProject<AnalysisFlags>(async (project, flags, context) => {
        const options = analysisOf(flags)
        const spec = await explanationSpec(project, options)
        const explanations = await tracked(project, 'explanation', spec, context, explain)
        const [selection] = await selectAll(project, { ...flags, sets: options.sets.slice(0, 1) }, context)
        const document = explanations.map(({ image, predicted, confidence, features }) => ({
          image,
          name: project.test.records[image].name,
          true: project.config.classes[project.test.records[image].label],
          predicted: project.config.classes[predicted],
          confidence,
          features: features.map(({ feature, contribution }) => ({
            ...featureLabel(selection.layout, feature),
            contribution,
          })),
        }))
        return {
          document,
          text: () =>
            table(
              ['image', 'true', 'predicted', 'confidence', 'strongest features (layer/channel)'],
              document.map((row) => [
                row.name,
                row.true,
                row.predicted,
                row.confidence.toFixed(3),
                row.features.map(({ layerName, channel }) => `${layerName}/${channel}`).join(' ') ||
                  'none speaks for this class',
              ]),
            ),
        }
      }),
    )

  withEverything(program.command('run <project>'))
    .description('all steps, resumable')
    .action(
      inProject<AnalysisFlags>(async (project, flags, context) => {
        const result = await analyse(project, analysisOf(flags), context)
        return { document: analysisDocument(project, result), text: () => analysisText(project, result) }
      }),
    )

  withEverything(program.command('export <project>'))
    .description('figures and tables with their manifest; computes what is missing')
    .requiredOption('--out <folder>', 'where the files go')
    .option('--dpi <n>', 'resolution of the PNG files', wholeNumber(30), 300)
    .action(
      inProject<AnalysisFlags & { out: string; dpi: number }>(async (project, flags, context) => {
        const options = analysisOf(flags)
        const result = await analyse(project, options, context)
        const files = await exportAnalysis(project, options, result, { out: flags.out, dpi: flags.dpi }, context)
        return { document: files, text: () => `${Object.keys(files).length} files and manifest.json in ${flags.out}` }
      }),
    )
}

export function withEverything(command: Command): Command {
  return withExplanation(withAverages(withAblation(withSelection(command))))
}

function inProject<Flags extends AnalysisFlags>(
  work: (project: Project, flags: Flags, context: JobContext) => Promise<{ document: unknown; text: () => string }>,
): (folder: string, flags: Flags) => Promise<void> {
  return async (folder, flags) => {
    const { document, text } = await withContext((context) =>
      withProject(folder, listening(context), async (project) => {
        const found = await work(project, flags, context)
        return { document: found.document, text: found.text() }
      }),
    )
    say(flags.json, document, () => text)
  }
}

export function listening(context: JobContext): {
  signal: AbortSignal
  onProgress: (phase: string, done: number, total: number) => void
} {
  return {
    signal: context.signal,
    onProgress: (phase, done, total) => context.report({ phase, done, total, unit: 'images' }),
  }
}

async function selectAll(project: Project, flags: AnalysisFlags, context: JobContext): Promise<Selection[]> {
  const selections: Selection[] = []
  for (const spec of specsOf(analysisOf(flags)).selections) {
    selections.push(await tracked(project, 'selection', spec, context, select))
  }
  return selections
}

function extractionText({ images, features, unreadable, accuracy }: ExtractionSummary): string {
  const skipped = unreadable
    .slice(0, 5)
    .map(({ name, reason }) => `\n  skipped ${name}: ${reason}`)
    .join('')
  const more = unreadable.length > 5 ? `\n  and ${unreadable.length - 5} more` : ''
  return `${images} images, ${features} features, training accuracy ${(100 * accuracy).toFixed(2)} %${
    unreadable.length > 0 ? `; ${unreadable.length} unreadable images were skipped${skipped}${more}` : ''
  }`
}

function selectionDocument(project: Project, selection: Selection): unknown {
  const { layout, weights, spec, certificates } = selection
  return {
    ...spec,
    features: removalOrder(weights, project.config.classes.length, layout.size).length,
    classes: project.config.classes.map((name, j) => ({
      name,
      certificate: certificates[j],
      features: [...layoutRow(selection, j)].map(([feature, weight]) => ({ ...featureLabel(layout, feature), weight })),
    })),
  }
}

function layoutRow({ layout, weights }: Selection, j: number): Map<number, number> {
  const row = weights.subarray(j * layout.size, (j + 1) * layout.size)
  return new Map(
    [...row.entries()].filter(([, weight]) => weight !== 0).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])),
  )
}

function selectionText(project: Project, selections: readonly Selection[]): string {
  return selections
    .map((selection) => {
      const { spec, layout, weights, certificates } = selection
      const union = removalOrder(weights, project.config.classes.length, layout.size).length
      const rows = certificates.map((each, j) => [
        project.config.classes[j],
        each.nonZeros,
        each.l1Norm.toPrecision(4),
        each.objective.toPrecision(6),
        each.relativeGap.toExponential(1),
        each.accepted ? each.method : 'not accepted',
      ])
      return `${selectionName(spec)}, preset ${spec.preset}, mu ${spec.mu}: ${union} relevant features\n${table(['class', 'features', 'l1', 'objective', 'gap', 'solved by'], rows)}`
    })
    .join('\n\n')
}

function percent(value: number | null): string {
  return value === null || Number.isNaN(value) ? '-' : (100 * value).toFixed(1)
}

function ablationText(result: AblationResult): string {
  const curves = result.curves.map((curve) => {
    const rows = curve.points.map((point) => [
      point.removed,
      percent(point.accuracy),
      percent(point.random),
      `${percent(point.randomLow)}-${percent(point.randomHigh)}`,
    ])
    const mean = (pick: (effect: AblationResult['curves'][number]['classwise'][number]) => number): string =>
      percent(curve.classwise.reduce((sum, effect) => sum + pick(effect), 0) / curve.classwise.length)
    return `${table([`removed (${curve.name})`, 'mCA %', `random (${result.repeats} sets)`, '95 % band'], rows)}
class-wise, mean over classes: ${mean((e) => e.lossOwn)} points lost on the class, ${mean((e) => e.lossOthers)} on the others, ${mean((e) => e.lossRandom)} with random features of the same layers`
  })
  return [`Original: mCA ${percent(result.original)} %`, ...curves].join('\n\n')
}

export function evaluationText({ images, scores }: EvaluationResult): string {
  return table(
    [`heatmap (${images} images)`, 'area under IoU', 'best IoU', 'at threshold'],
    scores.map(({ name, control, area, best }) => [
      control ? `control: ${name}` : name,
      area.toFixed(3),
      best.iou.toFixed(3),
      best.threshold.toFixed(2),
    ]),
  )
}

function analysisDocument(project: Project, result: AnalysisResult): unknown {
  return {
    engine: project.engine,
    extraction: result.extraction,
    selections: result.selections.map((selection) => selectionDocument(project, selection)),
    ablation: result.ablation,
    explanations: result.explanations.length,
    averages: result.averages.size,
    masks: result.masks,
  }
}

function analysisText(project: Project, result: AnalysisResult): string {
  const parts = [
    `Engine: ${project.engine.name} ${project.engine.version}`,
    extractionText(result.extraction),
    selectionText(project, result.selections),
    ablationText(result.ablation),
    `${result.averages.size} average images, ${result.explanations.length} explanations; "vebi export" draws them.`,
  ]
  if (result.masks) parts.push(evaluationText(result.masks))
  return parts.join('\n\n')
}
