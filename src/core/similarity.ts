import { ascendingOrder } from './ascending-order.ts'
import { gaussianFilter } from './gaussian-filter.ts'

/** How alike two heatmaps of one image are, by rank and by structure (Adebayo et al. 2018, section 3). */

/**
 * Spearman's rank correlation over the pixels; equal values share the mean of their ranks. NaN where one of the maps is
 * flat: it has no order.
 *
 * @param first, @param second `[pixels]`.
 */
export function spearman(first: ArrayLike<number>, second: ArrayLike<number>): number {
  return rankCorrelation(ranks(first), ranks(second))
}

/** The same of maps whose ranks are known (`ranks`). */
export function rankCorrelation(first: Float64Array, second: Float64Array): number {
  const count = first.length
  const mean = (count - 1) / 2
  let product = 0
  let firstSquares = 0
  let secondSquares = 0
  for (let i = 0; i < count; i++) {
    const a = first[i] - mean
    const b = second[i] - mean
    product += a * b
    firstSquares += a * a
    secondSquares += b * b
  }
  if (firstSquares === 0 || secondSquares === 0) return NaN
  return product / Math.sqrt(firstSquares * secondSquares)
}

/** Ranks from 0, equal values sharing the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const count = values.length
  const order = ascendingOrder(values)
  const result = new Float64Array(count)
  for (let i = 0; i < count; ) {
    const value = values[order[i]]
    let end = i + 1
    while (end < count && values[order[end]] === value) end++
    const rank = (i + end - 1) / 2
    for (; i < end; i++) result[order[i]] = rank
  }
  return result
}

/** Standard deviation of the window in pixels, and where it ends: 11 x 11 pixels. */
const SIGMA = 1.5
const TRUNCATE = 3.5
/** The window's reach; the borders, where it is cut, do not count. */
export const SSIM_MARGIN = 5

/**
 * Structural similarity with a Gaussian window of 11 x 11 pixels (Wang et al. 2004), averaged over the pixels whose
 * window lies inside the map. NaN for maps smaller than the window.
 *
 * @param first, @param second `[height, width]` in [0, 1].
 */
export function structuralSimilarity(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  height: number,
  width: number,
): number {
  if (Math.min(height, width) < 2 * SSIM_MARGIN + 1) return NaN
  return similarityOf(windowStatistics(first, height, width), windowStatistics(second, height, width))
}

/** What a comparison needs of one map; one map is often compared with several. */
export interface WindowStatistics {
  readonly height: number
  readonly width: number
  readonly map: Float64Array
  readonly mean: Float64Array
  readonly variance: Float64Array
}

export function windowStatistics(values: ArrayLike<number>, height: number, width: number): WindowStatistics {
  const map = new Float64Array(values)
  const mean = gaussianFilter(map, height, width, SIGMA, TRUNCATE)
  const variance = gaussianFilter(product(map, map), height, width, SIGMA, TRUNCATE)
  for (let i = 0; i < variance.length; i++) variance[i] -= mean[i] * mean[i]
  return { height, width, map, mean, variance }
}

/** Structural similarity of two maps of one size, by their statistics. */
export function similarityOf(first: WindowStatistics, second: WindowStatistics): number {
  const { height, width } = first
  const covariance = gaussianFilter(product(first.map, second.map), height, width, SIGMA, TRUNCATE)
  const luminance = 0.01 ** 2
  const contrast = 0.03 ** 2
  let sum = 0
  for (let y = SSIM_MARGIN; y < height - SSIM_MARGIN; y++) {
    for (let x = SSIM_MARGIN; x < width - SSIM_MARGIN; x++) {
      const i = y * width + x
      const a = first.mean[i]
      const b = second.mean[i]
      const together = covariance[i] - a * b
      sum +=
        ((2 * a * b + luminance) * (2 * together + contrast)) /
        ((a * a + b * b + luminance) * (first.variance[i] + second.variance[i] + contrast))
    }
  }
  return sum / ((height - 2 * SSIM_MARGIN) * (width - 2 * SSIM_MARGIN))
}

/** Pixel by pixel. */
function product(first: Float64Array, second: Float64Array): Float64Array {
  const result = new Float64Array(first.length)
  for (let i = 0; i < result.length; i++) result[i] = first[i] * second[i]
  return result
}
