import { describe, expect, it } from 'vitest'
import { randomIndex, randomStream } from './random.ts'
import { sparseWeights } from './sparse-weights.ts'
import { expectedFalse, SelectionCounts } from './stability.ts'

describe('SelectionCounts', () => {
  // Features 1 and 3 are near-duplicates.
  const groups = Int32Array.of(0, 1, 2, 1)
  const rows = [
    [Float64Array.of(1, 1, 0, 0), Float64Array.of(0, 0, 0, 0)],
    [Float64Array.of(1, 0, 0, -1), Float64Array.of(0, 0, 1, 0)],
    [Float64Array.of(1, 1, 0, 1), Float64Array.of(0, 1, 0, 0)],
    [Float64Array.of(0, 0, 0, 2), Float64Array.of(0, 0, 0, 0)],
  ]
  const counts = new SelectionCounts(4, 2, groups)
  for (const row of rows) counts.add(sparseWeights(row))

  it('are shares of the half-samples, of features and of their groups', () => {
    expect([0, 1, 2, 3].map((k) => counts.probability(0, k))).toEqual([0.75, 0.5, 0, 0.75])
    expect([0, 1, 2, 3].map((k) => counts.groupProbability(0, k))).toEqual([0.75, 1, 0, 1])
    expect([0, 1, 2, 3].map((k) => counts.groupProbability(1, k))).toEqual([0, 0.25, 0.25, 0.25])
  })

  it('know how many features a half-sample selects, and which ones often', () => {
    expect([counts.meanSelected(0), counts.meanSelected(1)]).toEqual([2, 0.5])
    expect(counts.featuresAbove(0, 0.75)).toEqual([0, 3])
    expect(counts.featuresAbove(0, 0)).toEqual([0, 1, 3])
    expect(counts.featuresAbove(1, 0.5)).toEqual([])
  })
})

describe('expectedFalse', () => {
  it('is the bound of Meinshausen and Buehlmann', () => {
    expect(expectedFalse(10, 200, 0.75)).toBeCloseTo(1, 12)
    expect(expectedFalse(10, 200, 0.9)).toBeCloseTo(100 / 160, 12)
  })

  it('holds where every half-sample selects at random', () => {
    const [size, selected, samples] = [40, 8, 20]
    let found = 0
    for (let repetition = 0; repetition < 300; repetition++) {
      const random = randomStream(5, repetition)
      const counts = new SelectionCounts(size, 1, Int32Array.from({ length: size }, (_, k) => k))
      for (let sample = 0; sample < samples; sample++) {
        const weights = new Float64Array(size)
        while (weights.filter((weight) => weight !== 0).length < selected) weights[randomIndex(random, size)] = 1
        counts.add(sparseWeights([weights]))
      }
      found += counts.featuresAbove(0, 0.6).length
    }
    expect(found / 300).toBeLessThan(expectedFalse(selected, size, 0.6))
  })
})
