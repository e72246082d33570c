import { colourAt } from '../../../core/colour-maps.ts'
import type { Matrix } from '../../../shared/matrix.ts'
import type { Pixels } from '../../lib/matrix-pixels.ts'

/** Grey levels at the upper end of the colours of a spread image: half of the range of an image, as in figures. */
export const SPREAD_SCALE = 127.5

/** A standard deviation `[height, width]` in grey levels on one scale for all features; NaN is transparent. */
export function spreadPixels({ shape, data }: Matrix<Float32Array>): Pixels {
  const [height = 0, width = 0] = shape
  const rgba = new Uint8ClampedArray(height * width * 4)
  for (let i = 0; i < height * width; i++) {
    if (Number.isNaN(data[i])) continue
    rgba.set(colourAt('viridis', data[i] / SPREAD_SCALE), i * 4)
    rgba[i * 4 + 3] = 255
  }
  return { height, width, rgba }
}

/** Smallest, mean and largest of the values that are numbers; null where none is. */
export function rangeOf(data: ArrayLike<number>): { min: number; mean: number; max: number } | null {
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let count = 0
  for (let i = 0; i < data.length; i++) {
    const value = data[i]
    if (Number.isNaN(value)) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    count++
  }
  return count === 0 ? null : { min, mean: sum / count, max }
}
