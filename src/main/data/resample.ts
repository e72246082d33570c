import type { Mask, RawImage } from './types.ts'

/** Where the wanted window lies in the scaled image, in pixels of the scaled image. */
export interface Placement {
  readonly scaledHeight: number
  readonly scaledWidth: number
  readonly top: number
  readonly left: number
  /** Size of the window. */
  readonly height: number
  readonly width: number
}

interface Size {
  readonly height: number
  readonly width: number
}

/**
 * `fit` scales both axes to the target. `crop` keeps the aspect ratio: the target just fits into the scaled image
 * (its other side rounded down), and the window is its centre (offsets rounded down).
 */
export function placeWindow(image: Size, target: Size, resize: 'fit' | 'crop'): Placement {
  const { height, width } = target
  if (resize === 'fit') return { scaledHeight: height, scaledWidth: width, top: 0, left: 0, height, width }
  const byHeight = height * image.width >= width * image.height
  const scaledHeight = byHeight ? height : Math.max(height, Math.floor((width * image.height) / image.width))
  const scaledWidth = byHeight ? Math.max(width, Math.floor((height * image.width) / image.height)) : width
  const top = (scaledHeight - height) >> 1
  const left = (scaledWidth - width) >> 1
  return { scaledHeight, scaledWidth, top, left, height, width }
}

/**
 * Fixed-point bits of a weight: 255 * 2^22 still fits a signed 32-bit sum. Rounded weights miss the sum 2^22 by at most
 * half a unit each, far too little to reach level 256.
 */
const WEIGHT_BITS = 22
const HALF = 1 << (WEIGHT_BITS - 1)

/** The taps of each output position along one axis: `starts[i]`, and `taps` weights from `weights[i * taps]` on. */
interface AxisTaps {
  readonly taps: number
  readonly starts: Int32Array
  readonly counts: Int32Array
  readonly weights: Int32Array
}

/**
 * Bilinear resampling with antialiasing: each axis is filtered with a triangle whose half width is one pixel of the
 * coarser of the two grids, cut at the border and normalised; horizontal first, rounded to 8 bits between the axes.
 * Equal, sample for sample, to Pillow's `resize(..., BILINEAR)` followed by the crop, and so to torchvision on PIL
 * images (Pillow 13 goes vertical first where the width grows while the height shrinks: one level apart at most).
 * Only the window is computed.
 */
export function resampleBilinear(image: RawImage, placement: Placement): RawImage {
  const { channels } = image
  const { height, width } = placement
  const vertical = triangleTaps(image.height, placement.scaledHeight, placement.top, height)
  const horizontal = triangleTaps(image.width, placement.scaledWidth, placement.left, width)
  const firstRow = vertical.starts[0]
  const rowCount = vertical.starts[height - 1] + vertical.counts[height - 1] - firstRow
  const narrow = filterRows(image, horizontal, firstRow, rowCount, width)
  return { height, width, channels, data: filterColumns(narrow, vertical, firstRow, width * channels) }
}

/** Nearest neighbour with the same geometry: the input pixel below the centre of each output pixel. */
export function resampleNearest(mask: Mask, placement: Placement): Mask {
  const { height, width } = placement
  const data = new Uint8Array(height * width)
  const columns = nearestIndexes(mask.width, placement.scaledWidth, placement.left, width)
  const rows = nearestIndexes(mask.height, placement.scaledHeight, placement.top, height)
  for (let row = 0; row < height; row++) {
    const source = rows[row] * mask.width
    for (let column = 0; column < width; column++) data[row * width + column] = mask.data[source + columns[column]]!
  }
  return { height, width, data }
}

function nearestIndexes(inSize: number, scaledSize: number, offset: number, outSize: number): Int32Array {
  return Int32Array.from({ length: outSize }, (_, position) =>
    Math.min(inSize - 1, Math.floor(((offset + position + 0.5) * inSize) / scaledSize)))
}

function triangleTaps(inSize: number, scaledSize: number, offset: number, outSize: number): AxisTaps {
  const step = inSize / scaledSize
  const reach = Math.max(step, 1)
  const taps = Math.ceil(reach) * 2 + 1
  const starts = new Int32Array(outSize)
  const counts = new Int32Array(outSize)
  const weights = new Int32Array(outSize * taps)
  const triangle = new Float64Array(taps)
  for (let position = 0; position < outSize; position++) {
    const centre = (offset + position + 0.5) * step
    const start = Math.max(0, Math.floor(centre - reach + 0.5))
    const count = Math.min(inSize, Math.floor(centre + reach + 0.5)) - start
    let sum = 0
    for (let tap = 0; tap < count; tap++) {
      triangle[tap] = Math.max(0, 1 - Math.abs((start + tap + 0.5 - centre) / reach))
      sum += triangle[tap]
    }
    for (let tap = 0; tap < count; tap++) {
      weights[position * taps + tap] = Math.floor((triangle[tap] / sum) * 2 ** WEIGHT_BITS + 0.5)
    }
    starts[position] = start
    counts[position] = count
  }
  return { taps, starts, counts, weights }
}

/** `[rowCount, width, channels]` from the rows of the image that the vertical filter reads. */
function filterRows(image: RawImage, axis: AxisTaps, firstRow: number, rowCount: number, width: number): Uint8Array {
  const { channels, data } = image
  const out = new Uint8Array(rowCount * width * channels)
  for (let row = 0; row < rowCount; row++) {
    const source = (firstRow + row) * image.width * channels
    let written = row * width * channels
    for (let column = 0; column < width; column++) {
      const count = axis.counts[column]
      const weight = column * axis.taps
      const first = source + axis.starts[column] * channels
      for (let channel = 0; channel < channels; channel++) {
        let sum = HALF
        for (let tap = 0, sample = first + channel; tap < count; tap++, sample += channels) {
          sum += data[sample] * axis.weights[weight + tap]
        }
        out[written++] = sum >> WEIGHT_BITS
      }
    }
  }
  return out
}

/** Row by row with whole rows as taps, so that memory is read in order. `rowLength` is width * channels. */
function filterColumns(rows: Uint8Array, axis: AxisTaps, firstRow: number, rowLength: number): Uint8Array {
  const height = axis.starts.length
  const out = new Uint8Array(height * rowLength)
  const sums = new Int32Array(rowLength)
  for (let row = 0; row < height; row++) {
    sums.fill(HALF)
    for (let tap = 0; tap < axis.counts[row]; tap++) {
      const weight = axis.weights[row * axis.taps + tap]
      const source = (axis.starts[row] - firstRow + tap) * rowLength
      for (let sample = 0; sample < rowLength; sample++) sums[sample] += rows[source + sample] * weight
    }
    for (let sample = 0; sample < rowLength; sample++) out[row * rowLength + sample] = sums[sample] >> WEIGHT_BITS
  }
  return out
}
