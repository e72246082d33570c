import {
  classAccuracy,
  curveSteps,
  layerMatchedRandom,
  meanAndBand,
  positiveFeatures,
  removalOrder,
} from '../../core/ablation.ts'
import type { AblationSpec } from '../../shared/jobs.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { AblationResult } from '../../shared/results.ts'
import { batches } from '../data/batches.ts'
import { batchSizeFor } from '../model/network.ts'
import { shuffledIndexes } from '../../core/random.ts'
import { ChannelMeans, releaseMeans } from '../model/channel-means.ts'
import { SharedAblation, type Stand } from '../model/shared-ablation.ts'
import type { ArtifactWriter } from '../store/artifacts.ts'
import { networkInputs, type Project } from './project.ts'
import { breathe, type JobContext } from './runner.ts'
import { select, selectionName, type Selection } from './selection.ts'

/** Images that the variants share the intact network's outputs of. */
const ABLATION_BATCH = 512

/** Training images whose mean stands in for removed channels. */
const MEAN_IMAGES = 1024

/**
 * Accuracy on the test images while relevant features are removed, one selection beside the other, beside random
 * features of the same layers and beside the intact network (paper, section 4.1 and Fig. 4).
 */
export async function ablate(project: Project, spec: AblationSpec, context: JobContext): Promise<AblationResult> {
  if (spec.repeats < 1)
    throw new VebiError('bad-argument', `The ablation needs at least one random set, not ${spec.repeats}.`)
  const selections: Selection[] = []
  for (const each of spec.selections) selections.push(await select(project, each, context))
  const { artifacts } = project.store
  const inputs = ablationInputs(project, spec, selections)
  const found = artifacts.find('ablation', inputs)
  if (found?.complete) return found.meta as AblationResult

  const plans = selections.map((selection) => planOf(selection, spec, project.config.classes.length))
  const writer = artifacts.begin('ablation', inputs)
  const counts = await countCorrect(project, spec, selections, plans, writer, context)
  const result = resultOf(project, spec, plans, counts)
  writer.finish(result)
  return result
}

/** What the counts are keyed by. */
export function ablationInputs(
  project: Project,
  spec: AblationSpec,
  selections: readonly Pick<Selection, 'key'>[],
): Record<string, unknown> {
  return {
    ...networkInputs(project),
    images: project.keys.test,
    selections: selections.map((selection) => selection.key),
    replacement: spec.replacement,
    repeats: spec.repeats,
    points: spec.points,
    seed: spec.seed,
  }
}

/** What is measured for one selection. All variants of a plan are measured on the same batches. */
interface Plan {
  readonly name: string
  readonly selection: Selection
  readonly steps: readonly number[]
  readonly relevant: Int32Array
  readonly random: readonly Int32Array[]
  /** By class: its own features, and random ones of the same layers, measured on the images of that class alone. */
  readonly classes: readonly { readonly relevant: Int32Array; readonly random: readonly Int32Array[] }[]
}

/** Right predictions, `[classes]` for each measurement, in the order in which a plan's variants are run. */
interface Counts {
  readonly totals: Int32Array
  readonly original: Int32Array
  /** For each plan: `[steps, C]` for the relevant order and `[repeats, steps, C]` for the random ones. */
  readonly curves: readonly {
    readonly relevant: Int32Array
    readonly random: Int32Array
    readonly own: Int32Array
    readonly ownRandom: Int32Array
  }[]
}

function planOf(selection: Selection, spec: AblationSpec, classes: number): Plan {
  const { layout, weights } = selection
  const relevant = removalOrder(weights, classes, layout.size)
  const repeats = Array.from({ length: spec.repeats }, (_, repeat) => repeat)
  return {
    name: selectionName(selection.spec),
    selection,
    steps: curveSteps(relevant.length, spec.points),
    relevant,
    random: repeats.map((repeat) => layerMatchedRandom(relevant, layout, spec.seed, repeat)),
    classes: Array.from({ length: classes }, (_, j) => {
      const own = positiveFeatures(weights, j, layout.size)
      return {
        relevant: own,
        random: repeats.map((repeat) => layerMatchedRandom(own, layout, spec.seed, repeat, j + 1)),
      }
    }),
  }
}

function emptyCounts(plans: readonly Plan[], spec: AblationSpec, classes: number): Counts {
  return {
    totals: new Int32Array(classes),
    original: new Int32Array(classes),
    curves: plans.map((plan) => ({
      relevant: new Int32Array(plan.steps.length * classes),
      random: new Int32Array(spec.repeats * plan.steps.length * classes),
      own: new Int32Array(classes * classes),
      ownRandom: new Int32Array(classes * spec.repeats),
    })),
  }
}

/** Runs all variants, batch by batch; each finished batch is stored, and read back when the job is resumed. */
async function countCorrect(
  project: Project,
  spec: AblationSpec,
  selections: readonly Selection[],
  plans: readonly Plan[],
  writer: ArtifactWriter,
  context: JobContext,
): Promise<Counts> {
  const { test, network, config, graph, store } = project
  const classes = config.classes.length
  const sum = emptyCounts(plans, spec, classes)
  const batchSize = batchSizeFor(graph, ABLATION_BATCH)
  const present = new Set(writer.parts())
  const total = test.records.length
  const stand = await standOf(project, spec, selections, context)
  try {
    for (let part = 0; part * batchSize < total; part++) {
      throwIfCancelled(context.signal)
      const begin = part * batchSize
      const end = Math.min(total, begin + batchSize)
      if (!present.has(part)) {
        const counts = emptyCounts(plans, spec, classes)
        for await (const batch of batches(test, config.preprocessing, {
          batchSize,
          start: begin,
          end,
          signal: context.signal,
        })) {
          if (batch.indexes.length === 0) continue
          const labels = batch.indexes.map((index) => test.records[index].label)
          const shared = SharedAblation.of(network, batch.data, labels.length, selections[0].layout, stand)
          try {
            await measureBatch(shared, labels, plans, counts, async (done, variants) => {
              throwIfCancelled(context.signal)
              context.report({
                phase: 'ablate',
                done: begin + ((end - begin) * done) / variants,
                total,
                unit: 'images',
              })
              await breathe()
            })
          } finally {
            shared.dispose()
          }
        }
        writer.put(part, arraysOf(counts))
      }
      for (const [name, values] of Object.entries(arraysOf(sum))) {
        const stored = store.artifacts.read(writer.artifact, part, name, 'int32').data
        for (let i = 0; i < values.length; i++) values[i] += stored[i]
      }
      context.report({ phase: 'ablate', done: end, total, unit: 'images' })
    }
  } finally {
    if (stand.kind === 'mean') releaseMeans(stand.means)
  }
  return sum
}

/** One batch through every variant of every plan; `between` is awaited after each variant. */
async function measureBatch(
  shared: SharedAblation,
  labels: Int32Array,
  plans: readonly Plan[],
  counts: Counts,
  between: (done: number, variants: number) => Promise<void>,
): Promise<void> {
  const classes = counts.totals.length
  const variants = plans.reduce(
    (sum, plan) => sum + 1 + plan.random.length + plan.classes.reduce((n, each) => n + 1 + each.random.length, 0),
    0,
  )
  let done = 0
  const tally = (into: Int32Array, at: number, predicted: Int32Array, truth: Int32Array): void => {
    for (let i = 0; i < truth.length; i++) if (predicted[i] === truth[i]) into[at + truth[i]] += 1
  }
  for (const label of labels) counts.totals[label] += 1
  const intact = shared.original()
  tally(counts.original, 0, intact, labels)
  for (const [p, plan] of plans.entries()) {
    const into = counts.curves[p]
    const width = plan.steps.length * classes
    shared
      .curve(plan.relevant, plan.steps)
      .forEach((predicted, s) => tally(into.relevant, s * classes, predicted, labels))
    await between(++done, variants)
    for (const [r, order] of plan.random.entries()) {
      shared
        .curve(order, plan.steps)
        .forEach((predicted, s) => tally(into.random, r * width + s * classes, predicted, labels))
      await between(++done, variants)
    }
    for (const [j, { relevant, random }] of plan.classes.entries()) {
      tally(into.own, j * classes, shared.curve(relevant, [relevant.length])[0], labels)
      await between(++done, variants)
      const rows = [...labels.keys()].filter((row) => labels[row] === j)
      const own = rows.length > 0 && relevant.length > 0 ? shared.rows(rows) : undefined
      try {
        for (const [r, order] of random.entries()) {
          const predicted = own?.curve(order, [order.length])[0]
          const right = predicted
            ? predicted.filter((winner) => winner === j).length
            : rows.filter((row) => intact[row] === j).length
          into.ownRandom[j * random.length + r] += right
          await between(++done, variants)
        }
      } finally {
        own?.dispose()
      }
    }
  }
}

/** The counts as named arrays, for storing and for summing up. */
function arraysOf(counts: Counts): Record<string, Int32Array> {
  const arrays: Record<string, Int32Array> = { totals: counts.totals, original: counts.original }
  counts.curves.forEach((curve, p) => {
    for (const [name, values] of Object.entries<Int32Array>(curve)) arrays[`${p}.${name}`] = values
  })
  return arrays
}

/** What stands in for removed channels; of means, the caller is to dispose (`releaseMeans`). */
export async function standOf(
  project: Project,
  spec: Pick<AblationSpec, 'replacement' | 'seed'>,
  selections: readonly Pick<Selection, 'layout'>[],
  context: JobContext,
): Promise<Stand> {
  if (spec.replacement !== 'mean')
    return spec.replacement === 'zero' ? { kind: 'zero' } : { kind: 'resample', seed: spec.seed }
  const nodes = selections[0].layout.layers.map((layer) => layer.node)
  const means = new ChannelMeans(project.network, nodes)
  const total = project.train.records.length
  const indexes = shuffledIndexes(total, spec.seed).slice(0, MEAN_IMAGES).sort()
  const batchSize = batchSizeFor(project.graph, ABLATION_BATCH)
  for await (const batch of batches(project.train, project.config.preprocessing, {
    batchSize,
    indexes,
    signal: context.signal,
  })) {
    if (batch.indexes.length > 0) means.add(batch.data, batch.indexes.length)
    await breathe()
  }
  return { kind: 'mean', means: means.finish() }
}

function resultOf(project: Project, spec: AblationSpec, plans: readonly Plan[], counts: Counts): AblationResult {
  const classes = counts.totals.length
  const { totals } = counts
  const images = totals.reduce((sum, count) => sum + count, 0)
  if (images === 0) throw new VebiError('bad-data', `None of the test images in ${project.test.location} can be read.`)
  const at = (values: Int32Array, offset: number) => classAccuracy(values.subarray(offset, offset + classes), totals)
  const original = at(counts.original, 0)
  return {
    original: original.mean,
    originalPerClass: plain(original.perClass),
    images: [...totals],
    unreadable: project.test.records.length - images,
    repeats: spec.repeats,
    curves: plans.map((plan, p) => {
      const found = counts.curves[p]
      const width = plan.steps.length * classes
      return {
        name: plan.name,
        order: [...plan.relevant],
        points: plan.steps.map((removed, s) => {
          const relevant = at(found.relevant, s * classes)
          const random = meanAndBand(plan.random.map((_, r) => at(found.random, r * width + s * classes).mean))
          return {
            removed,
            accuracy: relevant.mean,
            perClass: plain(relevant.perClass),
            random: random.mean,
            randomLow: random.low,
            randomHigh: random.high,
          }
        }),
        classwise: plan.classes.flatMap((each, j) => {
          if (totals[j] === 0) return []
          const accuracy = at(found.own, j * classes).perClass
          const losses = original.perClass.map((before, i) => before - accuracy[i])
          const others = losses.filter((loss, i) => i !== j && !Number.isNaN(loss))
          const random = meanAndBand(
            each.random.map((_, r) => original.perClass[j] - found.ownRandom[j * each.random.length + r] / totals[j]),
          )
          return [
            {
              classIndex: j,
              features: each.relevant.length,
              lossOwn: losses[j],
              lossOthers: others.reduce((sum, loss) => sum + loss, 0) / Math.max(1, others.length),
              lossRandom: random.mean,
              lossRandomLow: random.low,
              lossRandomHigh: random.high,
            },
          ]
        }),
      }
    }),
  }
}

/** JSON has no NaN: the accuracy of a class without images is null. */
function plain(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value))
}
