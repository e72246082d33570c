import type { ReceptiveBox, ReceptiveField } from './receptive-field.ts'

/** Sums over patches of one frame: the receptive field of a unit, in pixels of the network's input. */
export interface PatchSum {
  readonly height: number
  readonly width: number
  readonly channels: number
  /** `[height, width, channels]`: sum and sum of squares of the samples, 0..255. */
  readonly sum: Float64Array
  readonly squares: Float64Array
  /** `[height, width]`: patches that have this pixel; fewer where fields were cut at the border. */
  readonly count: Int32Array
}

export function emptyPatchSum(height: number, width: number, channels: number): PatchSum {
  const pixels = height * width
  return {
    height,
    width,
    channels,
    sum: new Float64Array(pixels * channels),
    squares: new Float64Array(pixels * channels),
    count: new Int32Array(pixels),
  }
}

/** Where the cut box lies in the uncut frame of the receptive field. */
export function offsetInFrame(
  field: ReceptiveField,
  unit: readonly [number, number],
  box: ReceptiveBox,
): { row: number; column: number } {
  if (field.whole) return { row: 0, column: 0 }
  return {
    row: box.top - (field.vertical.start + unit[0] * field.vertical.stride),
    column: box.left - (field.horizontal.start + unit[1] * field.horizontal.stride),
  }
}

/**
 * Adds the box of an image `[imageHeight, imageWidth, channels]` to the frame at the given offset. Pixels beyond the
 * border are left out of sum and count, so that they do not darken the average (ours).
 */
export function addPatch(
  into: PatchSum,
  image: { readonly width: number; readonly data: ArrayLike<number> },
  box: ReceptiveBox,
  offset: { readonly row: number; readonly column: number },
): void {
  const { channels, width } = into
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const pixel = (y - box.top + offset.row) * width + (x - box.left + offset.column)
      into.count[pixel] += 1
      for (let c = 0; c < channels; c++) {
        const sample = image.data[(y * image.width + x) * channels + c]
        into.sum[pixel * channels + c] += sample
        into.squares[pixel * channels + c] += sample * sample
      }
    }
  }
}

/**
 * Mean `[height, width, channels]`, NaN where no patch reaches, and standard deviation `[height, width]`, the root mean
 * square over the colours.
 */
export function finishPatchSum(patches: PatchSum): { mean: Float32Array; spread: Float32Array } {
  const { channels, sum, squares, count } = patches
  const mean = new Float32Array(sum.length)
  const spread = new Float32Array(count.length)
  for (let pixel = 0; pixel < count.length; pixel++) {
    let variance = 0
    for (let c = 0; c < channels; c++) {
      const i = pixel * channels + c
      const average = sum[i] / count[pixel]
      mean[i] = average
      variance += Math.max(0, squares[i] / count[pixel] - average * average) / channels
    }
    spread[pixel] = Math.sqrt(variance)
  }
  return { mean, spread }
}
