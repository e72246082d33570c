import { gaussianFilter } from './gaussian-filter.ts'
import { randomIndex, randomStream } from './random.ts'

/** What stands in the covered places of an image. No fill is neutral: each is something that the network may know. */
export const OCCLUSION_FILLS = [
  { id: 'grey', name: 'Mid-grey' },
  { id: 'mean', name: 'Mean colour of the image' },
  { id: 'blur', name: 'The image, blurred' },
  { id: 'noise', name: 'Noise' },
] as const

export type OcclusionFill = (typeof OCCLUSION_FILLS)[number]['id']

/** Standard deviation of the blur, as a share of the shorter side. */
const BLUR_SHARE = 1 / 20

/** An 8-bit image, `[height, width, channels]`. */
interface Image {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: Uint8Array
}

/**
 * An image of the same size that consists of nothing but the fill. Noise is uniform over all sample values and
 * independent between pixels and channels.
 */
export function fillSamples(
  { height, width, channels, data }: Image,
  fill: OcclusionFill,
  seeds: readonly number[],
): Uint8Array {
  switch (fill) {
    case 'grey':
      return new Uint8Array(data.length).fill(128)
    case 'mean':
      return perChannel(channels, data, (plane) => {
        const mean = plane.reduce((sum, value) => sum + value, 0) / plane.length
        return plane.fill(mean)
      })
    case 'blur':
      return perChannel(channels, data, (plane) =>
        gaussianFilter(plane, height, width, BLUR_SHARE * Math.min(height, width)),
      )
    case 'noise': {
      const random = randomStream(...seeds)
      return Uint8Array.from({ length: data.length }, () => randomIndex(random, 256))
    }
  }
}

/** Applies a function to each channel by itself and rounds. */
function perChannel(channels: number, data: Uint8Array, apply: (plane: Float64Array) => Float64Array): Uint8Array {
  const pixels = data.length / channels
  const result = new Uint8Array(data.length)
  const plane = new Float64Array(pixels)
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) plane[i] = data[i * channels + c]
    const applied = apply(plane)
    for (let i = 0; i < pixels; i++) result[i * channels + c] = Math.round(applied[i])
  }
  return result
}
