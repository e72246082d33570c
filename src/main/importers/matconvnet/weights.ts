import type { Weight } from '../../../shared/graph.ts'
import type { NumericArray } from '../matlab/values.ts'
import { filterShape } from './windows.ts'

/** Weights in the layout of the graph; an array that several layers share becomes one weight. */
export class WeightStore {
  private readonly kernels = new Map<NumericArray, Weight>()
  private readonly vectors = new Map<NumericArray, Weight>()

  /** Filters, column-major `[height, width, inChannels / groups, outChannels]`, in row-major order. */
  kernel(filters: NumericArray): Weight {
    const known = this.kernels.get(filters)
    if (known) return known
    const shape = filterShape(filters)
    const kernel: Weight = { shape, data: rowMajor(filters.data, shape) }
    this.kernels.set(filters, kernel)
    return kernel
  }

  /** All values in a row. */
  vector(values: NumericArray): Weight {
    const known = this.vectors.get(values)
    if (known) return known
    const vector: Weight = { shape: [values.data.length], data: Float32Array.from(values.data) }
    this.vectors.set(values, vector)
    return vector
  }
}

/** Values with the first axis fastest, rearranged to have the last axis fastest. */
function rowMajor(
  values: Float32Array | Float64Array,
  [height, width, channels, filters]: readonly [number, number, number, number],
): Float32Array {
  const rearranged = new Float32Array(values.length)
  const taps = height * width
  for (let filter = 0; filter < filters; filter++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (filter * channels + channel) * taps
      for (let tap = 0; tap < taps; tap++) {
        const place = (tap % height) * width + Math.floor(tap / height)
        rearranged[(place * channels + channel) * filters + filter] = values[from + tap]
      }
    }
  }
  return rearranged
}
