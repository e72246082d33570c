import * as tf from '@tensorflow/tfjs-core'
import { curveSteps, layerMatchedRandom, removalOrder } from '../../src/core/ablation.ts'
import { locate, type FeatureLayout } from '../../src/core/features.ts'
import { withProject } from '../../src/main/app.ts'
import { batches } from '../../src/main/data/batches.ts'
import { extract } from '../../src/main/jobs/extraction.ts'
import { select } from '../../src/main/jobs/selection.ts'
import { integersOf } from '../../src/main/model/download.ts'
import type { Network } from '../../src/main/model/network.ts'
import { SharedAblation } from '../../src/main/model/shared-ablation.ts'
import { makeProject, quiet } from './fixtures.ts'
import { interleaved, medianRatio, seconds, type Measurement } from './measurement.ts'

const LEAST_RATIO = 3
const IMAGES = 512
const POINTS = 20
const RANDOM_SETS = 3
const SEED = 1
/** Images that may be predicted otherwise: two classes that are equal but for rounding. */
const MOST_OTHERWISE = 1e-3

/** Relevant features of a layer set and random ones, removed step by step: shared work against a full pass each. */
export async function measureAblation(
  folder: string,
  model: string,
  images: number,
  repeats: number,
): Promise<Measurement[]> {
  const path = await makeProject(folder, model, images)
  return withProject(path, {}, async (project) => {
    await extract(project, { preset: 'released', layers: 'All' }, quiet)
    const { value: batch } = await batches(project.test, project.config.preprocessing, { batchSize: IMAGES }).next()
    const measurements: Measurement[] = []
    for (const layers of ['All', 'OnlyConv']) {
      const spec = { preset: 'released', layers, mu: 40, nonnegative: false, labels: 'true' } as const
      const { weights, layout } = await select(project, spec, quiet)
      const relevant = removalOrder(weights, project.config.classes.length, layout.size)
      const orders = [
        relevant,
        ...Array.from({ length: RANDOM_SETS }, (_, i) => layerMatchedRandom(relevant, layout, SEED, i)),
      ]
      const steps = curveSteps(relevant.length, POINTS)
      const { network } = project
      const { data } = batch!
      let shared: Int32Array[] = []
      let full: Int32Array[] = []
      const times = await interleaved(
        {
          shared: () => (shared = sharedCurves(network, data, layout, orders, steps)),
          full: () => (full = fullCurves(network, data, layout, orders, steps)),
        },
        repeats,
      )
      const ratio = medianRatio(times.full, times.shared)
      const otherwise = shareOtherwise(shared, full)
      measurements.push({
        name: `ablation ${layers}: every variant in full / shared`,
        value: ratio.toFixed(1),
        promise: `at least ${LEAST_RATIO}`,
        kept: ratio >= LEAST_RATIO && otherwise <= MOST_OTHERWISE,
        note:
          `${seconds(times.full)} / ${seconds(times.shared)}; ${relevant.length} features, ${steps.length} steps, ` +
          `${RANDOM_SETS} random sets, ${IMAGES} images; ${(100 * otherwise).toFixed(3)} % predicted otherwise`,
      })
    }
    return measurements
  })
}

function sharedCurves(
  network: Network,
  data: Float32Array,
  layout: FeatureLayout,
  orders: readonly Int32Array[],
  steps: readonly number[],
): Int32Array[] {
  const shared = SharedAblation.of(network, data, IMAGES, layout, { kind: 'zero' })
  const curves = orders.flatMap((order) => shared.curve(order, steps))
  shared.dispose()
  return curves
}

function fullCurves(
  network: Network,
  data: Float32Array,
  layout: FeatureLayout,
  orders: readonly Int32Array[],
  steps: readonly number[],
): Int32Array[] {
  const input = network.upload(data, IMAGES)
  const curves = orders.flatMap((order) =>
    steps.map((step) => fullPass(network, input, layout, order.subarray(0, step))),
  )
  input.dispose()
  return curves
}

/** Predictions of the whole network, each removed channel set to zero as soon as it is computed. */
function fullPass(network: Network, input: tf.Tensor, layout: FeatureLayout, features: Int32Array): Int32Array {
  const masks = new Map<number, Float32Array>()
  for (const feature of features) {
    const { layer, channel } = locate(layout, feature)
    if (!masks.has(layer.node)) masks.set(layer.node, new Float32Array(layer.channels).fill(1))
    masks.get(layer.node)![channel] = 0
  }
  const { output } = network.graph
  const kept = network.forward(input, {
    keep: [output],
    visit: (node, value) => {
      const mask = masks.get(node.id)
      return mask ? tf.tidy(() => tf.mul(value, tf.tensor1d(mask))) : undefined
    },
  })
  const scores = kept.get(output)!
  const winners = integersOf(() => tf.argMax(scores, 1))
  scores.dispose()
  return winners
}

function shareOtherwise(some: readonly Int32Array[], others: readonly Int32Array[]): number {
  let different = 0
  some.forEach((winners, i) => winners.forEach((winner, row) => (different += Number(winner !== others[i][row]))))
  return different / (some.length * IMAGES)
}
