import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

export interface PatchOptions {
  /** Side of the square patches, in pixels. */
  readonly side: number
  /** Share of the image at which to stop. */
  readonly share: number
}

/**
 * Box occlusion (paper, section 4.3): square patches, one after another, around pixels drawn from the distribution that
 * the heatmap defines, until a share of the image is covered. Pixels that are covered already are not drawn again, so
 * that every patch covers something new; once nothing of the heatmap is left, the rest is drawn evenly. Patches are cut
 * at the border.
 *
 * @param heatmap `[height * width]`, finite and not negative.
 * @returns `[height * width]`: share of the image that was covered when the patch over a pixel was placed; Infinity
 *   where there is none. With the pixels whose value is below s covered, at least the share s is.
 */
export function drawPatches(
  heatmap: ArrayLike<number>,
  height: number,
  width: number,
  { side, share }: PatchOptions,
  random: RandomGenerator,
): Float64Array {
  const pixels = height * width
  const left = Float64Array.from(heatmap)
  // A pixel is found by its row first: there may be hundreds of patches.
  const rows = Float64Array.from({ length: height }, (_, y) => sumOf(left, y * width, width))
  const covered = new Float64Array(pixels).fill(Infinity)
  let count = 0
  while (count < share * pixels) {
    let centre = drawOne(left, rows, uniformFloat64(random))
    if (centre < 0) {
      for (let i = 0; i < pixels; i++) left[i] = covered[i] === Infinity ? 1 : 0
      for (let y = 0; y < height; y++) rows[y] = sumOf(left, y * width, width)
      centre = drawOne(left, rows, uniformFloat64(random))
    }
    const before = count / pixels
    const top = Math.floor(centre / width) - Math.floor(side / 2)
    const first = (centre % width) - Math.floor(side / 2)
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      for (let x = Math.max(0, first); x < Math.min(width, first + side); x++) {
        const i = y * width + x
        left[i] = 0
        if (covered[i] !== Infinity) continue
        covered[i] = before
        count++
      }
      rows[y] = sumOf(left, y * width, width)
    }
  }
  return covered
}

/**
 * An index with probability proportional to its weight; -1 where all are zero.
 *
 * @param weights `[height * width]`; @param rows `[height]`, the sum of each row; @param uniform in [0, 1).
 */
function drawOne(weights: Float64Array, rows: Float64Array, uniform: number): number {
  const wanted = uniform * sumOf(rows, 0, rows.length)
  const row = firstBeyond(rows, 0, rows.length, wanted)
  if (row < 0) return -1
  const width = weights.length / rows.length
  return firstBeyond(weights, row * width, width, wanted - sumOf(rows, 0, row))
}

/**
 * Index of the first value at which the running sum exceeds `wanted`; where rounding keeps it from doing so, of the
 * last that is not zero; -1 where all are zero.
 */
function firstBeyond(values: Float64Array, begin: number, count: number, wanted: number): number {
  let sum = 0
  let last = -1
  for (let i = begin; i < begin + count; i++) {
    if (values[i] === 0) continue
    sum += values[i]
    last = i
    if (sum > wanted) return i
  }
  return last
}

function sumOf(values: Float64Array, begin: number, count: number): number {
  let sum = 0
  for (let i = begin; i < begin + count; i++) sum += values[i]
  return sum
}
