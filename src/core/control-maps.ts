import { centreBoxMap } from './centre-box.ts'
import { randomStream } from './random.ts'
import { uniformInt } from 'pure-rand/distribution/uniformInt'

/** An 8-bit image, `[height, width, channels]`. */
interface Image {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: ArrayLike<number>
}

/** Maps that know nothing of the network, which stand in every table (method section 7). */
export const CONTROLS = [
  { id: 'random-map', name: 'Random map' },
  { id: 'centre-box', name: 'Centre box' },
  { id: 'sobel', name: 'Sobel of the image' },
  { id: 'constant', name: 'Constant map' },
] as const

export type ControlId = (typeof CONTROLS)[number]['id']

/**
 * @param image as the network sees it; each map is `[height * width]` in [0, 1].
 * @param boxShare share of the image in the centre box, above 0 up to 1: as large as the masks are on average.
 */
export function controlMaps(
  image: Image,
  boxShare: number,
  seeds: readonly number[],
): Record<ControlId, Float32Array> {
  const { height, width } = image
  return {
    'random-map': randomMap(image, seeds),
    'centre-box': centreBoxMap(height, width, boxShare),
    sobel: sobelMap(image),
    constant: new Float32Array(height * width).fill(1),
  }
}

/** Independent values of [0, 1], `[height * width]`. */
export function randomMap(
  { height, width }: Pick<Image, 'height' | 'width'>,
  seeds: readonly number[],
): Float32Array {
  const random = randomStream(...seeds)
  return Float32Array.from({ length: height * width }, () => uniformInt(random, 0, 0xffff) / 0xffff)
}

/** Gradient magnitude by the 3x3 Sobel kernels, largest over the colours, border repeated, scaled to a maximum of 1. */
export function sobelMap({ height, width, channels, data }: Image): Float32Array {
  const map = new Float32Array(height * width)
  let highest = 0
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width
    const here = y * width
    const below = Math.min(height - 1, y + 1) * width
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - 1)
      const right = Math.min(width - 1, x + 1)
      let largest = 0
      for (let c = 0; c < channels; c++) {
        const upperLeft = data[(above + left) * channels + c]
        const upperRight = data[(above + right) * channels + c]
        const lowerLeft = data[(below + left) * channels + c]
        const lowerRight = data[(below + right) * channels + c]
        const toRight = data[(here + right) * channels + c] - data[(here + left) * channels + c]
        const down = data[(below + x) * channels + c] - data[(above + x) * channels + c]
        const horizontal = upperRight - upperLeft + 2 * toRight + lowerRight - lowerLeft
        const vertical = lowerLeft - upperLeft + 2 * down + lowerRight - upperRight
        largest = Math.max(largest, horizontal * horizontal + vertical * vertical)
      }
      const magnitude = Math.sqrt(largest)
      map[here + x] = magnitude
      highest = Math.max(highest, magnitude)
    }
  }
  if (highest > 0) for (let i = 0; i < map.length; i++) map[i] /= highest
  return map
}
