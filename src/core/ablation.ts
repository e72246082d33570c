import { locate, type FeatureLayout } from './features.ts'
import { quantile } from './quantile.ts'
import { randomIndex, randomStream } from './random.ts'

/**
 * Union of the relevant features of all classes in removal order: largest max_j |w_jk| first, ties by feature
 * index (ours; the paper does not state an order).
 *
 * @param weights `[C, m]` row-major.
 */
export function removalOrder(weights: Float64Array, classes: number, size: number): Int32Array {
  const strength = new Float64Array(size)
  for (let j = 0; j < classes; j++) {
    for (let k = 0; k < size; k++) strength[k] = Math.max(strength[k], Math.abs(weights[j * size + k]))
  }
  const features = Array.from(strength.keys()).filter((k) => strength[k] > 0)
  features.sort((a, b) => strength[b] - strength[a] || a - b)
  return Int32Array.from(features)
}

/** Features with positive weight for class j, strongest first. */
export function positiveFeatures(weights: Float64Array, classIndex: number, size: number): Int32Array {
  const row = weights.subarray(classIndex * size, (classIndex + 1) * size)
  const features: number[] = []
  row.forEach((weight, k) => weight > 0 && features.push(k))
  features.sort((a, b) => row[b] - row[a] || a - b)
  return Int32Array.from(features)
}

/**
 * Control for `features`: at each place a random channel of the same layer, drawn without replacement from all
 * channels of that layer (the relevant ones included).
 */
export function layerMatchedRandom(
  features: Int32Array,
  layout: FeatureLayout,
  ...seeds: readonly number[]
): Int32Array {
  const random = randomStream(...seeds)
  const pools = new Map<number, { left: number; readonly moved: Map<number, number> }>()
  return features.map((feature) => {
    const { layer } = locate(layout, feature)
    let pool = pools.get(layer.node)
    if (!pool) pools.set(layer.node, (pool = { left: layer.channels, moved: new Map() }))
    // The channels 0 .. left - 1 but for those that the last one has replaced: a class draws few of thousands.
    const { moved } = pool
    const drawn = randomIndex(random, pool.left)
    const chosen = moved.get(drawn) ?? drawn
    const last = --pool.left
    moved.set(drawn, moved.get(last) ?? last)
    return layer.offset + chosen
  })
}

/** Numbers of removed features at which a curve is measured: 0, all of them, and evenly between. */
export function curveSteps(total: number, points: number): number[] {
  const intervals = Math.min(total, Math.max(1, points - 1))
  const steps = new Set([0, total])
  for (let i = 1; i < intervals; i++) steps.add(Math.round((i * total) / intervals))
  return [...steps].sort((a, b) => a - b)
}

/**
 * Per-class accuracy and its mean over the classes that have images (mCA).
 *
 * @param correct `[C]` right predictions, @param totals `[C]` images.
 */
export function classAccuracy(
  correct: ArrayLike<number>,
  totals: ArrayLike<number>,
): { perClass: Float64Array; mean: number } {
  const perClass = Float64Array.from(totals, (total, j) => (total > 0 ? correct[j] / total : NaN))
  const present = perClass.filter((accuracy) => !Number.isNaN(accuracy))
  return { perClass, mean: present.reduce((sum, accuracy) => sum + accuracy, 0) / present.length }
}

/** Mean and the central 95 % of repeated measurements: where 95 of 100 random sets lie, not the error of the mean. */
export function meanAndBand(values: ArrayLike<number>): { mean: number; low: number; high: number } {
  const list = Float64Array.from(values)
  return {
    mean: list.reduce((sum, value) => sum + value, 0) / list.length,
    low: quantile(list, 0.025),
    high: quantile(list, 0.975),
  }
}
