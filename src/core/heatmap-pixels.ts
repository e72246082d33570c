import type { HeatmapDisplay } from '../shared/figures.ts'
import { VebiError } from '../shared/errors.ts'
import { colourAt, isFlatRange } from './colour-maps.ts'

/** A map to be shown, `[height, width]`, row-major. Only magnitudes are shown: signed maps keep their sign as data. */
export interface ShownMap {
  readonly height: number
  readonly width: number
  readonly data: ArrayLike<number>
}

export interface MapRange {
  readonly min: number
  readonly max: number
  /** Largest magnitude. */
  readonly top: number
  /** Whether all magnitudes are equal within the rounding of float32: there is nothing to show. */
  readonly flat: boolean
}

export interface HeatmapPixels {
  /** `[height * factor, width * factor, 4]`: red, green, blue, opacity; not premultiplied. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>
  readonly height: number
  readonly width: number
  readonly range: MapRange
  /** Raw magnitude at the upper end of the colours; 0 for a flat map on its own scale. */
  readonly scaleMax: number
  /** Values beyond the end of a given scale, drawn as its end. */
  readonly clamped: number
}

/** Colours are looked up in a table of so many. */
const LEVELS = 1024

/** Raw range of a map. Throws VebiError('bad-data') for a value that is not finite. */
export function mapRange(data: ArrayLike<number>): MapRange {
  let min = Infinity
  let max = -Infinity
  let bottom = Infinity
  let top = 0
  for (let i = 0; i < data.length; i++) {
    const value = data[i]
    if (!Number.isFinite(value)) throw new VebiError('bad-data', `Value ${i} of a heatmap is ${value}.`)
    const magnitude = Math.abs(value)
    if (value < min) min = value
    if (value > max) max = value
    if (magnitude < bottom) bottom = magnitude
    if (magnitude > top) top = magnitude
  }
  if (data.length === 0) return { min: 0, max: 0, top: 0, flat: true }
  return { min, max, top, flat: isFlatRange(bottom, top) }
}

/**
 * A heatmap as pixels to be laid over its image. Magnitudes run over [0, scaleMax]; with `scaleMax` null over
 * [0, the largest of this map]. Below the threshold, a share of the scale, nothing is drawn. A flat map is drawn in
 * the one colour of its magnitude on a given scale, and in the lowest colour on its own scale, and never stretched.
 * `factor`: pixels for each value along both axes; with `smooth` the values are interpolated between their centres
 * (bilinear), otherwise repeated. Without `smooth` the picture may as well be enlarged by whoever shows it.
 */
export function heatmapPixels(map: ShownMap, display: HeatmapDisplay, factor = 1): HeatmapPixels {
  const range = mapRange(map.data)
  const ownScale = display.scaleMax === null
  const scaleMax = ownScale ? (range.flat ? 0 : range.top) : Math.max(0, display.scaleMax)
  const { data, height, width } = enlarge(map, factor, display.smooth)
  const rgba = new Uint8ClampedArray(height * width * 4)
  const table = colourTable(display.colourMap)
  const opaque = Math.round(Math.min(1, Math.max(0, display.opacity)) * 255)
  let clamped = 0
  for (let i = 0; i < height * width; i++) {
    const magnitude = Math.abs(data[i])
    if (!ownScale && magnitude > scaleMax) clamped++
    const position = scaleMax > 0 ? Math.min(1, magnitude / scaleMax) : 0
    const level = Math.round(position * (LEVELS - 1)) * 3
    rgba[i * 4] = table[level]
    rgba[i * 4 + 1] = table[level + 1]
    rgba[i * 4 + 2] = table[level + 2]
    rgba[i * 4 + 3] = position < display.threshold && scaleMax > 0 ? 0 : opaque
  }
  return { rgba, height, width, range, scaleMax, clamped }
}

function colourTable(name: HeatmapDisplay['colourMap']): Uint8Array {
  const table = new Uint8Array(LEVELS * 3)
  for (let level = 0; level < LEVELS; level++) table.set(colourAt(name, level / (LEVELS - 1)), level * 3)
  return table
}

/**
 * Magnitudes on a grid that is `factor` times finer along both axes; the map keeps its extent. Bilinear between the
 * centres of the values, or each value repeated.
 */
export function enlarge(
  { data, height, width }: ShownMap,
  factor: number,
  smooth: boolean,
): ShownMap & { readonly data: Float32Array } {
  const out = new Float32Array(height * factor * width * factor)
  const columns = Array.from({ length: width * factor }, (_, x) => neighbours(x, factor, width, smooth))
  for (let y = 0; y < height * factor; y++) {
    const row = neighbours(y, factor, height, smooth)
    for (const [x, column] of columns.entries()) {
      const at = (i: number, j: number): number => Math.abs(data[i * width + j])
      const upper = at(row.from, column.from) * (1 - column.share) + at(row.from, column.to) * column.share
      const lower = at(row.to, column.from) * (1 - column.share) + at(row.to, column.to) * column.share
      out[y * width * factor + x] = upper * (1 - row.share) + lower * row.share
    }
  }
  return { data: out, height: height * factor, width: width * factor }
}

/** The two values around a fine position and the share of the second; at the borders the border value alone. */
function neighbours(fine: number, factor: number, size: number, smooth: boolean) {
  if (!smooth) {
    const at = Math.floor(fine / factor)
    return { from: at, to: at, share: 0 }
  }
  const position = Math.min(size - 1, Math.max(0, (fine + 0.5) / factor - 0.5))
  const from = Math.floor(position)
  return { from, to: Math.min(size - 1, from + 1), share: position - from }
}
