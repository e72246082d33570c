import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { FlowerVariant } from '../../core/an8flower/classes.ts'
import { withProject } from '../app.ts'
import { demoModel, prepareDemo } from '../demo.ts'
import { evaluationText } from './project.ts'
import { table } from './terminal.ts'
import { analysisDefaults, type AnalysisOptions } from '../../shared/analysis.ts'
import { analyse, type AnalysisResult } from '../jobs/analysis.ts'
import { exportAnalysis } from '../jobs/export.ts'
import type { Project } from '../jobs/project.ts'
import type { JobContext } from '../jobs/runner.ts'

export interface DemoResult {
  readonly document: unknown
  readonly text: string
}

/** Generates flowers, runs the whole method on the trained demo model, and writes the folder of figures. */
export async function runDemo(out: string, variant: FlowerVariant, context: JobContext): Promise<DemoResult> {
  const began = performance.now()
  const folder = await prepareDemo({ out, variant }, context)
  const figures = join(out, `figures-${variant}`)
  const options = analysisDefaults('paper')
  return withProject(folder, { signal: context.signal }, async (project) => {
    const result = await analyse(project, options, context)
    const files = await exportAnalysis(project, options, result, { out: figures, dpi: 300 }, context)
    const seconds = (performance.now() - began) / 1000
    const summary = await summarise(project, options, result, demoModel(variant))
    return {
      document: { ...summary, seconds, figures: relative('.', figures), files: Object.keys(files).length },
      text: `${lines(summary)}\n${Object.keys(files).length} files and manifest.json in ${figures}, ${seconds.toFixed(0)} s on ${project.engine.name} ${project.engine.version}`,
    }
  })
}

interface Summary {
  readonly variant: string
  readonly recordedAccuracy: number
  readonly original: number
  readonly sets: readonly {
    name: string
    features: number
    removed: number
    random: number
    lossOwn: number
    lossOthers: number
    lossRandom: number
  }[]
  readonly masks: AnalysisResult['masks']
}

async function summarise(
  project: Project,
  options: AnalysisOptions,
  result: AnalysisResult,
  model: string,
): Promise<Summary> {
  const recipe = JSON.parse(await readFile(join(model, 'recipe.json'), 'utf8')) as { testAccuracy: number }
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    variant: project.config.model.split(/[\\/]/).at(-1)!,
    recordedAccuracy: recipe.testAccuracy,
    original: result.ablation.original,
    sets: result.ablation.curves.map(({ name, points, classwise }) => {
      const last = points.at(-1)!
      return {
        name: `${name}, preset ${options.preset}, mu ${options.mu}`,
        features: last.removed,
        removed: last.accuracy,
        random: last.random,
        lossOwn: mean(classwise.map((effect) => effect.lossOwn)),
        lossOthers: mean(classwise.map((effect) => effect.lossOthers)),
        lossRandom: mean(classwise.map((effect) => effect.lossRandom)),
      }
    }),
    masks: result.masks,
  }
}

function lines({ variant, recordedAccuracy, original, sets, masks }: Summary): string {
  const percent = (value: number): string => (100 * value).toFixed(1)
  const parts = [
    `an8Flower ${variant}: mean class accuracy ${percent(original)} % on the demo's test images (recorded when trained: ${percent(recordedAccuracy)} %)`,
    table(
      [
        'relevant features',
        'count',
        'mCA % without them',
        'random, same layers',
        'lost on own class',
        'on others',
        'with random',
      ],
      sets.map((set) => [
        set.name,
        set.features,
        percent(set.removed),
        percent(set.random),
        percent(set.lossOwn),
        percent(set.lossOthers),
        percent(set.lossRandom),
      ]),
    ),
  ]
  if (masks) parts.push(evaluationText(masks))
  return parts.join('\n\n')
}
