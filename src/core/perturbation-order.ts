import { ascendingOrder } from './ascending-order.ts'

/**
 * When each pixel is deleted or inserted (Petsiuk et al. 2018): the highest values first, in groups of equal size.
 * Equal values come in the order of `tieOrder`, so that a flat map perturbs pixels at random.
 *
 * @param heatmap `[pixels]`; @param steps number of groups; @param tieOrder `[pixels]`, a permutation of the pixels.
 * @returns `[pixels]`, the group of each pixel, 0 first.
 */
export function perturbationSteps(heatmap: Float32Array, steps: number, tieOrder: ArrayLike<number>): Int32Array {
  const pixels = heatmap.length
  // Sorting keeps the order of equal values.
  const inTieOrder = new Float32Array(pixels)
  for (let i = 0; i < pixels; i++) inTieOrder[i] = heatmap[tieOrder[i]]
  const order = ascendingOrder(inTieOrder)
  const result = new Int32Array(pixels)
  for (let fromBelow = 0; fromBelow < pixels; fromBelow++) {
    result[tieOrder[order[fromBelow]]] = Math.floor(((pixels - 1 - fromBelow) * steps) / pixels)
  }
  return result
}
