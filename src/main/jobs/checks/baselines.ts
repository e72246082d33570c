import { curveSteps, layerMatchedRandom, positiveFeatures } from '../../../core/ablation.ts'
import { FEWEST_SETS } from '../../../core/against-random.ts'
import { areaWeights, placesOfShares } from '../../../core/area-under-removal.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { throwIfCancelled, VebiError } from '../../../shared/errors.ts'
import { batches } from '../../data/batches.ts'
import { releaseMeans } from '../../model/channel-means.ts'
import { batchSizeFor } from '../../model/network.ts'
import { SharedAblation, type Stand } from '../../model/shared-ablation.ts'
import type { ArtifactWriter } from '../../store/artifacts.ts'
import { standOf } from '../ablation.ts'
import { spreadIndexes } from '../image-set.ts'
import { networkInputs, type Project } from '../project.ts'
import { breathe, type JobContext } from '../runner.ts'
import { relevantFeatures, select, type Selection } from '../selection.ts'
import { baselinesResult, REMOVALS, type Removal, type RemovalScores } from './baselines-result.ts'
import { cachedCheck } from './cached.ts'
import { selectionInputs } from './solved-classes.ts'

/** Images that the sets share the intact network's outputs of. */
const BATCH = 512
/** Measured points of the curve of the union and of the curve of one class. */
const UNION_POINTS = 17
const CLASS_POINTS = 9

/** A set of features in the order of removal, and random sets that match it in count and in layers. */
interface Plan {
  /** The chosen set, then the random ones. */
  readonly sets: readonly Int32Array[]
  readonly steps: readonly number[]
}

/**
 * Removes the selected features and, instead of them, random ones of the same layers, and compares the areas under the
 * accuracy: of the union on all images, and of each class's own features on the images of the class (method section 6).
 */
export async function checkBaselines(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  if (spec.repeats < FEWEST_SETS) {
    throw new VebiError(
      'bad-argument',
      `The random baselines need at least ${FEWEST_SETS} random sets, not ${spec.repeats}; 30 or more are usual.`,
    )
  }
  const selection = await select(project, spec.selection, context)
  const inputs = {
    ...networkInputs(project),
    images: project.keys.test,
    count: spec.images,
    points: [UNION_POINTS, CLASS_POINTS],
    ...selectionInputs(project, spec, selection),
  }
  return cachedCheck(project, inputs, async (writer) => {
    const union = planFor(relevantFeatures(selection), selection, spec, UNION_POINTS)
    if (union.sets[0].length === 0) {
      throw new VebiError('bad-argument', 'The selection holds no feature that could be removed: choose a larger μ.')
    }
    const { classes } = project.config
    const own = classes.map((_, j) =>
      planFor(positiveFeatures(selection.weights, j, selection.layout.size), selection, spec, CLASS_POINTS, j + 1),
    )
    await measureAll(project, spec, selection, union, own, writer, context)
    return baselinesResult({
      classes,
      labels: readLabels(project, writer),
      removals: REMOVALS.map((removal) => readScores(project, writer, union, removal)),
      steps: union.steps,
      shares: Array.from({ length: CLASS_POINTS }, (_, i) => i / (CLASS_POINTS - 1)),
      features: own.map(({ sets }) => sets[0].length),
      repeats: spec.repeats,
      seed: spec.seed,
    })
  })
}

function planFor(
  chosen: Int32Array,
  { layout }: Selection,
  { repeats, seed }: CheckSpec,
  points: number,
  ...more: readonly number[]
): Plan {
  const random = Array.from({ length: repeats }, (_, r) => layerMatchedRandom(chosen, layout, seed, r, ...more))
  return { sets: [chosen, ...random], steps: curveSteps(chosen.length, points) }
}

/** One part for each batch of images, with all sets and all ways of removal. */
async function measureAll(
  project: Project,
  spec: CheckSpec,
  selection: Selection,
  union: Plan,
  own: readonly Plan[],
  writer: ArtifactWriter,
  context: JobContext,
): Promise<void> {
  const { test, network, config, graph } = project
  const count = test.records.length
  const indexes = Int32Array.from(spreadIndexes(count, spec.images ?? count))
  const total = indexes.length
  const batchSize = batchSizeFor(graph, BATCH)
  const present = new Set(writer.parts())
  if (present.size * batchSize >= total) return
  const stands = new Map<Removal, Stand>()
  try {
    for (const removal of REMOVALS) {
      const choice = { replacement: removal, seed: spec.seed }
      stands.set(removal, await standOf(project, choice, [selection], context))
    }
    for (let part = 0; part * batchSize < total; part++) {
      throwIfCancelled(context.signal)
      const start = part * batchSize
      const end = Math.min(total, start + batchSize)
      if (!present.has(part)) {
        const options = { batchSize, indexes, start, end, signal: context.signal }
        for await (const batch of batches(test, config.preprocessing, options)) {
          const labels = batch.indexes.map((index) => test.records[index].label)
          const arrays: Record<string, Uint8Array | Float32Array | Float64Array | Int32Array> = { labels }
          for (const [r, removal] of REMOVALS.entries()) {
            if (labels.length === 0) break
            const shared = SharedAblation.of(
              network,
              batch.data,
              labels.length,
              selection.layout,
              stands.get(removal)!,
            )
            const step = async (share: number): Promise<void> => {
              const done = start + Math.floor(((r + share) / REMOVALS.length) * (end - start))
              context.report({ phase: 'remove', done, total, unit: 'images' })
              await breathe()
              throwIfCancelled(context.signal)
            }
            try {
              arrays[`${removal}.right`] = await measureUnion(shared, union, labels, (share) => step(share / 2))
              const { areas, heights } = await measureOwn(shared, own, labels, (share) => step(0.5 + share / 2))
              arrays[`${removal}.own`] = areas
              arrays[`${removal}.ownHeights`] = heights
            } finally {
              shared.dispose()
            }
          }
          writer.put(part, arrays)
        }
      }
      context.report({ phase: 'remove', done: end, total, unit: 'images' })
    }
  } finally {
    for (const stand of stands.values()) if (stand.kind === 'mean') releaseMeans(stand.means)
  }
}

/** `[sets, steps, images]`, 1 where the prediction is right. */
async function measureUnion(
  shared: SharedAblation,
  { sets, steps }: Plan,
  labels: Int32Array,
  step: (share: number) => Promise<void>,
): Promise<Uint8Array> {
  const images = labels.length
  const right = new Uint8Array(sets.length * steps.length * images)
  for (const [s, order] of sets.entries()) {
    shared.curve(order, steps).forEach((predicted, i) => {
      const begin = (s * steps.length + i) * images
      for (let image = 0; image < images; image++) right[begin + image] = predicted[image] === labels[image] ? 1 : 0
    })
    await step((s + 1) / sets.length)
  }
  return right
}

interface OwnScores {
  /** `[sets, images]`, area under each image's curve while the features of its own class are removed. */
  readonly areas: Float64Array
  /** `[sets, CLASS_POINTS, images]`, the curve itself over the share of these features. */
  readonly heights: Float32Array
}

async function measureOwn(
  shared: SharedAblation,
  plans: readonly Plan[],
  labels: Int32Array,
  step: (share: number) => Promise<void>,
): Promise<OwnScores> {
  const images = labels.length
  const areas = new Float64Array(plans[0].sets.length * images)
  const heights = new Float32Array(plans[0].sets.length * CLASS_POINTS * images)
  for (const [j, { sets, steps }] of plans.entries()) {
    const rows = Array.from(labels.keys()).filter((image) => labels[image] === j)
    if (rows.length === 0) continue
    const weights = areaWeights(steps)
    const places = placesOfShares(steps, CLASS_POINTS)
    const some = shared.rows(rows)
    try {
      for (const [s, order] of sets.entries()) {
        const curve = some.curve(order, steps)
        rows.forEach((image, row) => {
          const right = (step: number): number => Number(curve[step]?.[row] === j)
          for (let i = 0; i < steps.length; i++) areas[s * images + image] += weights[i] * right(i)
          places.forEach(({ before, weight }, point) => {
            const height = (1 - weight) * right(before) + weight * right(before + 1)
            heights[(s * CLASS_POINTS + point) * images + image] = height
          })
        })
        await step((j + (s + 1) / sets.length) / plans.length)
      }
    } finally {
      some.dispose()
    }
  }
  return { areas, heights }
}

function readLabels({ store: { artifacts } }: Project, { artifact }: ArtifactWriter): Int32Array {
  const parts = artifacts.parts(artifact)
  return Int32Array.from(parts.flatMap((part) => [...artifacts.read(artifact, part, 'labels', 'int32').data]))
}

/** Puts the parts of one way of removal together, images last. */
function readScores(
  { store: { artifacts } }: Project,
  { artifact }: ArtifactWriter,
  { sets, steps }: Plan,
  removal: Removal,
): RemovalScores {
  const filled = artifacts
    .parts(artifact)
    .map((part) => ({ part, images: artifacts.read(artifact, part, 'labels', 'int32').data.length }))
    .filter(({ images }) => images > 0)
  const total = filled.reduce((sum, { images }) => sum + images, 0)
  const right = new Uint8Array(sets.length * steps.length * total)
  const own = new Float64Array(sets.length * total)
  const ownHeights = new Float32Array(sets.length * CLASS_POINTS * total)
  let first = 0
  for (const { part, images } of filled) {
    const someRight = artifacts.read(artifact, part, `${removal}.right`, 'uint8').data
    for (let row = 0; row < sets.length * steps.length; row++) {
      right.set(someRight.subarray(row * images, (row + 1) * images), row * total + first)
    }
    const someOwn = artifacts.read(artifact, part, `${removal}.own`, 'float64').data
    for (let s = 0; s < sets.length; s++) own.set(someOwn.subarray(s * images, (s + 1) * images), s * total + first)
    const someHeights = artifacts.read(artifact, part, `${removal}.ownHeights`, 'float32').data
    for (let row = 0; row < sets.length * CLASS_POINTS; row++) {
      ownHeights.set(someHeights.subarray(row * images, (row + 1) * images), row * total + first)
    }
    first += images
  }
  return { removal, right, own, ownHeights }
}
