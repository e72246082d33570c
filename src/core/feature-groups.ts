import type { LabelSums } from './statistics.ts'

/** Features whose descriptors correlate more than this, in magnitude, count as one. */
export const NEAR_DUPLICATE = 0.95

/** Below this part of its mean square a feature's variance is rounding of the float32 products. */
const CONSTANT = 1e-5

/**
 * Groups of near-duplicates: a convolution and its ReLU often say the same, and a selection may take either. Features
 * with |r| > `threshold` (Pearson, over the images) belong together, and so do those that others link (single linkage).
 * A constant feature is alone.
 *
 * @param gram X X', `[size, size]`; @param sums `[size]`, sum of each feature over the images.
 * @returns `[size]`, the smallest feature index of each feature's group.
 */
export function nearDuplicates(
  gram: Float64Array,
  sums: Float64Array,
  images: number,
  threshold: number = NEAR_DUPLICATE,
): Int32Array {
  const size = sums.length
  const first = Int32Array.from({ length: size }, (_, k) => k)
  const rootOf = (k: number): number => {
    let root = k
    while (first[root] !== root) root = first[root]
    for (let next = k; next !== root; ) {
      const held = first[next]
      first[next] = root
      next = held
    }
    return root
  }
  const deviations = new Float64Array(size)
  for (let k = 0; k < size; k++) {
    const square = gram[k * size + k] / images
    const variance = square - (sums[k] / images) ** 2
    deviations[k] = variance > CONSTANT * square ? Math.sqrt(variance) : 0
  }
  for (let k = 0; k < size; k++) {
    if (deviations[k] === 0) continue
    for (let l = k + 1; l < size; l++) {
      if (deviations[l] === 0) continue
      const covariance = gram[k * size + l] / images - (sums[k] / images) * (sums[l] / images)
      if (Math.abs(covariance) <= threshold * deviations[k] * deviations[l]) continue
      const [a, b] = [rootOf(k), rootOf(l)]
      first[Math.max(a, b)] = Math.min(a, b)
    }
  }
  return first.map((_, k) => rootOf(k))
}

/** Sum of each feature over all images, `[size]`: every image has one label. */
export function featureSums({ size, sums }: LabelSums): Float64Array {
  const totals = new Float64Array(size)
  for (let i = 0; i < sums.length; i++) totals[i % size] += sums[i]
  return totals
}
