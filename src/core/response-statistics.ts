import type { FeatureLayout } from './features.ts'
import { quantiles } from './quantile.ts'

/** How responses are spread over images: of whole layers, and of one feature by class. */

/** Shares of the images below the quantiles that are shown. */
export const RESPONSE_QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const

export interface LayerSpread {
  /** Over images and channels; NaN without images. */
  readonly mean: number
  /** Of the whole population (divided by the number of values). */
  readonly standardDeviation: number
  readonly largest: number
  /** Channels that respond to no image. */
  readonly silent: number
}

export interface ClassSpread {
  readonly classIndex: number
  readonly images: number
  readonly mean: number
  /** At `RESPONSE_QUANTILES`. */
  readonly quantiles: readonly [number, number, number, number, number]
}

/** Collects responses block by block; its memory does not grow with the images. */
export class LayerSpreads {
  private readonly layout: FeatureLayout
  private readonly counts: Float64Array
  private readonly means: Float64Array
  /** Sums of squared distances from the mean. */
  private readonly squares: Float64Array
  /** `[m]` */
  private readonly largest: Float32Array

  constructor(layout: FeatureLayout) {
    this.layout = layout
    this.counts = new Float64Array(layout.layers.length)
    this.means = new Float64Array(layout.layers.length)
    this.squares = new Float64Array(layout.layers.length)
    this.largest = new Float32Array(layout.size)
  }

  /** @param norms `[count, m]`, none negative. */
  add(norms: Float32Array): void {
    const { size, layers } = this.layout
    const images = norms.length / size
    if (images === 0) return
    layers.forEach(({ offset, channels }, l) => {
      const count = images * channels
      let sum = 0
      for (let image = 0; image < images; image++) {
        const begin = image * size + offset
        for (let i = 0; i < channels; i++) {
          const norm = norms[begin + i]
          sum += norm
          if (norm > this.largest[offset + i]) this.largest[offset + i] = norm
        }
      }
      const mean = sum / count
      let squares = 0
      for (let image = 0; image < images; image++) {
        const begin = image * size + offset
        for (let i = 0; i < channels; i++) squares += (norms[begin + i] - mean) ** 2
      }
      this.merge(l, count, mean, squares)
    })
  }

  /** One for each layer. */
  finish(): LayerSpread[] {
    return this.layout.layers.map(({ offset, channels }, l) => {
      const largest = this.largest.subarray(offset, offset + channels)
      return {
        mean: this.counts[l] > 0 ? this.means[l] : NaN,
        standardDeviation: Math.sqrt(this.squares[l] / this.counts[l]),
        largest: largest.reduce((a, b) => Math.max(a, b), 0),
        silent: largest.filter((norm) => norm === 0).length,
      }
    })
  }

  /** Chan, Golub & LeVeque 1983: a sum of squares about a mean that is known only at the end loses no digits. */
  private merge(l: number, count: number, mean: number, squares: number): void {
    const before = this.counts[l]
    const total = before + count
    const distance = mean - this.means[l]
    this.squares[l] += squares + (distance ** 2 * before * count) / total
    this.means[l] += (distance * count) / total
    this.counts[l] = total
  }
}

/**
 * @param responses `[n]`, of one feature; @param labels `[n]`, the class of each image.
 * @returns One entry for each class that has images, by class.
 */
export function spreadByClass(responses: Float32Array, labels: ArrayLike<number>, classes: number): ClassSpread[] {
  const counts = new Int32Array(classes)
  for (let image = 0; image < responses.length; image++) counts[labels[image]] += 1
  const values = Array.from(counts, (count) => new Float64Array(count))
  counts.fill(0)
  for (let image = 0; image < responses.length; image++) {
    const label = labels[image]
    values[label][counts[label]++] = responses[image]
  }
  return values.flatMap((own, classIndex) => {
    if (own.length === 0) return []
    const [lowest, low, middle, high, highest] = quantiles(own, RESPONSE_QUANTILES)
    return [
      {
        classIndex,
        images: own.length,
        mean: own.reduce((sum, value) => sum + value, 0) / own.length,
        quantiles: [lowest, low, middle, high, highest] as const,
      },
    ]
  })
}
