import type { SparseWeights } from './sparse-weights.ts'

export interface LinearScores {
  /** `[images]`, 1 where argmax_j w_j x is the label; the first of equals. */
  readonly right: Uint8Array
  /** `[images]`: sum_j (w_j x - l_j)^2, with l 1 for the label and 0 for every other class. */
  readonly squaredError: Float64Array
}

/**
 * How well the weights of a selection predict labels.
 * @param rows `[images, size]` descriptors; @param labels `[images]`.
 */
export function linearScores(
  { starts, features, values }: SparseWeights,
  rows: Float32Array,
  size: number,
  labels: ArrayLike<number>,
): LinearScores {
  const images = labels.length
  const right = new Uint8Array(images)
  const squaredError = new Float64Array(images)
  for (let image = 0; image < images; image++) {
    const begin = image * size
    let best = -Infinity
    let winner = 0
    let error = 0
    for (let j = 0; j < starts.length - 1; j++) {
      let score = 0
      for (let i = starts[j]; i < starts[j + 1]; i++) score += values[i] * rows[begin + features[i]]
      if (score > best) [best, winner] = [score, j]
      error += (score - (labels[image] === j ? 1 : 0)) ** 2
    }
    right[image] = winner === labels[image] ? 1 : 0
    squaredError[image] = error
  }
  return { right, squaredError }
}
