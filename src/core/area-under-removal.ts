/**
 * Weights `[steps]` with which the values of a curve sum up to the area under it (trapezoids), over the share of the
 * removed features from 0 to 1; a curve of one point has its value.
 *
 * @param steps numbers of removed features, ascending from 0.
 */
export function areaWeights(steps: readonly number[]): Float64Array {
  const weights = new Float64Array(steps.length)
  const total = steps.at(-1)!
  if (steps.length === 1) return weights.fill(1)
  for (let i = 1; i < steps.length; i++) {
    const half = (steps[i] - steps[i - 1]) / (2 * total)
    weights[i - 1] += half
    weights[i] += half
  }
  return weights
}
