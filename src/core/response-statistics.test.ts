import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { featureLayout } from './features.ts'
import { randomIndex, randomStream } from './random.ts'
import {
  type ClassSpread,
  type LayerSpread,
  LayerSpreads,
  RESPONSE_QUANTILES,
  spreadByClass,
} from './response-statistics.ts'

const stored = new URL('../../scripts/golden/response-statistics.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as {
  sizes: number[]
  classes: number
  norms: number[]
  labels: number[]
  layers: LayerSpread[]
  features: ClassSpread[][]
}
const layout = layoutOf(golden.sizes)
const norms = Float32Array.from(golden.norms)

function layoutOf(sizes: readonly number[]) {
  return featureLayout(
    sizes.map((channels, i) => ({ number: i + 1, node: i + 1, name: `layer${i}`, kind: 'convolutional', channels })),
  )
}

function spreadsOf(values: Float32Array, blockImages: number): LayerSpread[] {
  const spreads = new LayerSpreads(layout)
  for (let begin = 0; begin < values.length; begin += blockImages * layout.size) {
    spreads.add(values.subarray(begin, begin + blockImages * layout.size))
  }
  return spreads.finish()
}

describe('LayerSpreads', () => {
  it.each([1, 5, 23])('is what NumPy says, in blocks of %i images', (blockImages) => {
    spreadsOf(norms, blockImages).forEach((found, l) => {
      const expected = golden.layers[l]
      expect(found.mean / expected.mean).toBeCloseTo(1, 12)
      expect(found.standardDeviation / expected.standardDeviation).toBeCloseTo(1, 11)
      expect([found.largest, found.silent]).toEqual([expected.largest, expected.silent])
    })
  })

  it('is the definition, written out', () => {
    const random = randomStream(9)
    const values = Float32Array.from({ length: 40 * layout.size }, () => Math.max(0, randomIndex(random, 9) - 6))
    const found = spreadsOf(values, 7)
    layout.layers.forEach(({ offset, channels }, l) => {
      const columns = Array.from({ length: channels }, (_, i) =>
        Array.from({ length: 40 }, (_, image) => values[image * layout.size + offset + i]),
      )
      const every = columns.flat()
      const mean = every.reduce((a, b) => a + b) / every.length
      expect(found[l].mean).toBeCloseTo(mean, 12)
      expect(found[l].standardDeviation ** 2).toBeCloseTo(
        every.reduce((sum, value) => sum + (value - mean) ** 2, 0) / every.length,
        12,
      )
      expect(found[l].largest).toBe(Math.max(...every))
      expect(found[l].silent).toBe(columns.filter((column) => column.every((value) => value === 0)).length)
    })
  })

  it('has no mean without images', () => {
    expect(new LayerSpreads(layout).finish()[0]).toEqual({ mean: NaN, standardDeviation: NaN, largest: 0, silent: 4 })
  })
})

describe('spreadByClass', () => {
  it('is what NumPy says', () => {
    golden.features.forEach((expected, feature) => {
      const responses = Float32Array.from(golden.labels, (_, image) => norms[image * layout.size + feature])
      const found = spreadByClass(responses, golden.labels, golden.classes)
      expect(found.map(({ classIndex, images }) => [classIndex, images])).toEqual(
        expected.map(({ classIndex, images }) => [classIndex, images]),
      )
      found.forEach(({ mean, quantiles }, j) => {
        expect(mean).toBeCloseTo(expected[j].mean, 10)
        quantiles.forEach((value, q) => expect(value).toBeCloseTo(expected[j].quantiles[q], 10))
      })
    })
  })

  it('is the definition, written out: a quantile lies between the two order statistics around it', () => {
    const random = randomStream(10)
    const labels = Array.from({ length: 60 }, () => 2 * randomIndex(random, 2))
    const responses = Float32Array.from(labels, () => randomIndex(random, 50))
    const found = spreadByClass(responses, labels, 3)
    expect(found.map(({ classIndex }) => classIndex)).toEqual([0, 2])
    for (const { classIndex, images, quantiles } of found) {
      const own = [...responses].filter((_, image) => labels[image] === classIndex).sort((a, b) => a - b)
      expect(images).toBe(own.length)
      RESPONSE_QUANTILES.forEach((share, q) => {
        const rank = share * (own.length - 1)
        const [below, above] = [own[Math.floor(rank)], own[Math.ceil(rank)]]
        expect(quantiles[q]).toBeCloseTo(below * (1 - (rank % 1)) + above * (rank % 1), 10)
      })
    }
  })
})
