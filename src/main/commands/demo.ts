import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { FlowerVariant } from '../../core/an8flower/classes.ts'
import { VebiError } from '../../shared/errors.ts'
import { createProject, withProject } from '../app.ts'
import { evaluationText } from './project.ts'
import { table } from './terminal.ts'
import { analyse, analysisDefaults, type AnalysisOptions, type AnalysisResult } from '../jobs/analysis.ts'
import { exportAnalysis } from '../jobs/export.ts'
import { generateAn8Flower } from '../jobs/generate.ts'
import type { Project } from '../jobs/project.ts'
import type { JobContext } from '../jobs/runner.ts'

/** Models that this project trained on its own generator's images; see `recipe.json` beside each. */
const RESOURCES = resolve(import.meta.dirname, '..', '..', '..', 'resources', 'demo')

/** Images of the demo: another seed than the models were trained with, so that every image is new to them. */
const DEMO_SEED = 2026
const DEMO_COUNT = 100

export interface DemoResult {
  readonly document: unknown
  readonly text: string
}

/** Generates flowers, runs the whole method on the trained demo model, and writes the folder of figures. */
export async function runDemo(out: string, variant: FlowerVariant, context: JobContext): Promise<DemoResult> {
  const model = join(RESOURCES, variant)
  if (!existsSync(join(model, 'model.json')))
    throw new VebiError('missing-file', `${model} holds no trained model: is the clone complete?`)
  const began = performance.now()
  const images = join(out, `an8flower-${variant}`)
  await generateAn8Flower({ variant, out: images, seed: DEMO_SEED, count: DEMO_COUNT }, context)
  const folder = join(out, `project-${variant}`)
  if (!existsSync(join(folder, 'project.sqlite'))) {
    await createProject(
      folder,
      {
        model,
        train: join(images, 'train'),
        test: join(images, 'test'),
        masks: join(images, 'masks', 'test'),
        labels: join(model, 'labels.txt'),
        preprocessing: { scale: 1 / 255 },
      },
      { signal: context.signal },
    )
  }
  const figures = join(out, `figures-${variant}`)
  const options = analysisDefaults('paper')
  return withProject(folder, { signal: context.signal }, async (project) => {
    const result = await analyse(project, options, context)
    const files = await exportAnalysis(project, options, result, { out: figures, dpi: 300 }, context)
    const seconds = (performance.now() - began) / 1000
    const summary = await summarise(project, options, result, model)
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
