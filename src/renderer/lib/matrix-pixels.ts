import type { Matrix } from '../../shared/matrix.ts'

/** Pixels for a canvas: `[height, width, 4]` red, green, blue, opacity. */
export interface Pixels {
  readonly height: number
  readonly width: number
  readonly rgba: Uint8ClampedArray<ArrayBuffer>
}

type Samples = Matrix<Float32Array | Uint8Array>

/** A picture `[height, width, channels]` with samples 0..255 and one or three channels; NaN is transparent. */
export function matrixPixels({ shape, data }: Samples): Pixels {
  const [height = 0, width = 0, channels = 1] = shape
  return pixelsOf(data, height, width, channels, 0)
}

/** One picture of a montage `[pictures, height, width, channels]`. */
export function montagePixels({ shape, data }: Samples, index: number): Pixels {
  const [, height = 0, width = 0, channels = 1] = shape
  return pixelsOf(data, height, width, channels, index * height * width * channels)
}

/** One map of a stack `[maps, height, width]`, without copying. */
export function mapAt({ shape, data }: Matrix<Float32Array>, index: number): Matrix<Float32Array> {
  const [, height = 0, width = 0] = shape
  return { shape: [height, width], data: data.subarray(index * height * width, (index + 1) * height * width) }
}

function pixelsOf(data: ArrayLike<number>, height: number, width: number, channels: number, offset: number): Pixels {
  const rgba = new Uint8ClampedArray(height * width * 4)
  for (let i = 0; i < height * width; i++) {
    const at = offset + i * channels
    const red = data[at] ?? NaN
    if (Number.isNaN(red)) continue
    rgba[i * 4] = red
    rgba[i * 4 + 1] = channels === 3 ? (data[at + 1] ?? 0) : red
    rgba[i * 4 + 2] = channels === 3 ? (data[at + 2] ?? 0) : red
    rgba[i * 4 + 3] = 255
  }
  return { height, width, rgba }
}
