import { randomStream } from './random.ts'
import { uniformInt } from 'pure-rand/distribution/uniformInt'

/** An 8-bit image, `[height, width, channels]`. */
interface Image {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: ArrayLike<number>
}

/**
 * Maps that know nothing of the network, to hold explanations against (method section 7); each `[height * width]` in
 * [0, 1]. The centre box covers the middle half of each axis.
 */
export function controlMaps(
  image: Image,
  ...seeds: readonly number[]
): Record<'random-map' | 'centre-box' | 'sobel', Float32Array> {
  return { 'random-map': randomMap(image, seeds), 'centre-box': centreBox(image), sobel: sobelMap(image) }
}

/** Independent values of [0, 1], `[height * width]`. */
export function randomMap(
  { height, width }: Pick<Image, 'height' | 'width'>,
  seeds: readonly number[],
): Float32Array {
  const random = randomStream(...seeds)
  return Float32Array.from({ length: height * width }, () => uniformInt(random, 0, 0xffff) / 0xffff)
}

function centreBox({ height, width }: Image): Float32Array {
  const map = new Float32Array(height * width)
  for (let y = Math.round(height / 4); y < Math.round((3 * height) / 4); y++) {
    map.fill(1, y * width + Math.round(width / 4), y * width + Math.round((3 * width) / 4))
  }
  return map
}

/** Gradient magnitude by the 3x3 Sobel kernels, largest over the colours, border repeated, scaled to a maximum of 1. */
export function sobelMap({ height, width, channels, data }: Image): Float32Array {
  const map = new Float32Array(height * width)
  let highest = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let largest = 0
      for (let c = 0; c < channels; c++) {
        const at = (dy: number, dx: number): number => {
          const row = Math.min(height - 1, Math.max(0, y + dy))
          const column = Math.min(width - 1, Math.max(0, x + dx))
          return data[(row * width + column) * channels + c]
        }
        const horizontal = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1)
        const vertical = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1)
        largest = Math.max(largest, Math.hypot(horizontal, vertical))
      }
      map[y * width + x] = largest
      highest = Math.max(highest, largest)
    }
  }
  if (highest > 0) for (let i = 0; i < map.length; i++) map[i] /= highest
  return map
}
