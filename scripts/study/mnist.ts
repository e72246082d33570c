/**
 * The MNIST study of the README: LeNet of the paper trained by VEBI, 60,000 training and 10,000 test images, m = 1140,
 * both presets, mu 10, 20 and 40. Prints Markdown tables and writes figures. Everything is cached: run it again and it
 * reads what is there.
 *
 *   node scripts/study/mnist.ts [folder, default vebi-mnist]     MNIST is looked for in VEBI_DATA or ../shared/data
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createProject, withProject } from '../../src/main/app.ts'
import { withContext } from '../../src/main/commands/terminal.ts'
import { analysisDefaults } from '../../src/shared/analysis.ts'
import { analyse, type AnalysisResult } from '../../src/main/jobs/analysis.ts'
import { exportAnalysis } from '../../src/main/jobs/export.ts'
import { train } from '../../src/main/jobs/train.ts'
import { openSource } from '../../src/main/data/source.ts'
import { startEngine } from '../../src/main/model/engine.ts'
import type { JobContext } from '../../src/main/jobs/runner.ts'

const folder = process.argv[2] ?? 'vebi-mnist'
const data = join(process.env['VEBI_DATA'] ?? resolve(import.meta.dirname, '..', '..', '..', 'shared', 'data'), 'mnist')
const pair = (name: string): string =>
  `${join(data, `${name}-images-idx3-ubyte.gz`)}:${join(data, `${name}-labels-idx1-ubyte.gz`)}`

if (!existsSync(data)) {
  console.error(`${data} does not exist: put the four MNIST files there, or name their parent folder in VEBI_DATA.`)
  process.exit(1)
}

const percent = (value: number): string => (100 * value).toFixed(1)
// A loss that rounds to zero has no sign.
const points = (value: number): string => (Math.round(1000 * value) / 1000 || 0).toFixed(3)

function mean<Item>(items: readonly Item[], pick: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + pick(item), 0) / items.length
}

async function trainOnce(model: string, context: JobContext): Promise<void> {
  if (existsSync(join(model, 'recipe.json'))) return
  const recipe = {
    architecture: 'lenet',
    optimizer: 'momentum',
    learningRate: 0.03,
    epochs: 8,
    batchSize: 64,
    seed: 1,
  } as const
  const source = await openSource(pair('train'))
  const test = await openSource(pair('t10k'), { classes: source.classes })
  const found = await train(
    { train: source, validation: undefined, test, out: model, recipe, engine: await startEngine() },
    context,
  )
  console.log(`LeNet: ${percent(found.testAccuracy)} % of the test images\n`)
}

function unionRow(preset: string, mu: number, { ablation, selections }: AnalysisResult): string {
  const last = ablation.curves.map((curve) => curve.points.at(-1)!)
  const accepted = selections.every((selection) => selection.certificates.every((each) => each.accepted))
  return [
    '',
    preset,
    mu,
    last.map((point) => point.removed).join(' / '),
    last.map((point) => percent(point.accuracy)).join(' / '),
    last
      .map((point) => `${percent(point.random)} (${percent(point.randomLow)}-${percent(point.randomHigh)})`)
      .join(' / '),
    accepted ? 'yes' : 'no',
    '',
  ]
    .join(' | ')
    .trim()
}

function classwiseRow(preset: string, mu: number, { ablation }: AnalysisResult): string {
  const cells = ablation.curves.map(({ classwise }) =>
    [
      mean(classwise, (each) => each.lossOwn),
      mean(classwise, (each) => each.lossOthers),
      mean(classwise, (each) => each.lossRandom),
    ]
      .map(points)
      .join(' ; '),
  )
  return ['', preset, mu, ...cells, ''].join(' | ').trim()
}

await withContext(async (context) => {
  const model = join(folder, 'lenet')
  await trainOnce(model, context)
  const project = join(folder, 'project')
  if (!existsSync(join(project, 'project.sqlite'))) {
    await createProject(project, { model, train: pair('train'), test: pair('t10k'), preprocessing: { scale: 1 / 255 } })
  }
  await withProject(project, { signal: context.signal }, async (opened) => {
    const union: string[] = []
    const classwise: string[] = []
    for (const preset of ['paper', 'released'] as const) {
      for (const mu of [10, 20, 40]) {
        const options = { ...analysisDefaults(preset), mu }
        const result = await analyse(opened, options, context)
        await exportAnalysis(
          opened,
          options,
          result,
          { out: join(folder, `figures-${preset}-mu${mu}`), dpi: 200 },
          context,
        )
        union.push(unionRow(preset, mu, result))
        classwise.push(classwiseRow(preset, mu, result))
        if (union.length === 1)
          console.log(`Original mCA ${percent(result.ablation.original)} %, ${result.ablation.repeats} random sets\n`)
      }
    }
    console.log(
      '| preset | mu | features All / OnlyConv | mCA % without them | random, same layers (95 % band) | certificates accepted |',
    )
    console.log('|---|---|---|---|---|---|')
    console.log(union.join('\n'))
    console.log('\n| preset | mu | All: loss on the class ; on the others ; random | OnlyConv: the same |')
    console.log('|---|---|---|---|')
    console.log(classwise.join('\n'))
  })
})
