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

/**
 * Puts a curve on shares of the removed features, so that curves over different numbers of features can be averaged:
 * linear between its steps.
 *
 * @param steps numbers of removed features, ascending from 0.
 * @param points shares, evenly from 0 to 1; at least 2.
 * @returns for each share the step before it and the weight `[0, 1]` of the step after that one.
 */
export function placesOfShares(
  steps: readonly number[],
  points: number,
): readonly { readonly before: number; readonly weight: number }[] {
  const total = steps.at(-1)!
  return Array.from({ length: points }, (_, i) => {
    const wanted = (i * total) / (points - 1)
    let before = 0
    while (before < steps.length - 2 && steps[before + 1] <= wanted) before++
    const after = steps[before + 1]
    return { before, weight: after === undefined ? 0 : (wanted - steps[before]) / (after - steps[before]) }
  })
}
