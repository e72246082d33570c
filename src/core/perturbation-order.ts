/**
 * When each pixel is deleted or inserted (Petsiuk et al. 2018): the highest values first, in groups of equal size.
 * Equal values come in the order of `tieOrder`, so that a flat map perturbs pixels at random.
 *
 * @param heatmap `[pixels]`; @param steps number of groups; @param tieOrder `[pixels]`, a permutation of the pixels.
 * @returns `[pixels]`, the group of each pixel, 0 first.
 */
export function perturbationSteps(heatmap: ArrayLike<number>, steps: number, tieOrder: ArrayLike<number>): Int32Array {
  const pixels = heatmap.length
  const sorted = Float64Array.from(heatmap).sort()
  // How many of each value have their place already, at the first of equal values.
  const placed = new Int32Array(pixels)
  const result = new Int32Array(pixels)
  for (let i = 0; i < pixels; i++) {
    const pixel = tieOrder[i]
    const first = firstAtLeast(sorted, heatmap[pixel])
    const fromBelow = first + placed[first]++
    result[pixel] = Math.floor(((pixels - 1 - fromBelow) * steps) / pixels)
  }
  return result
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}
