import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { quantile, quantiles } from './quantile.ts'

const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as {
  quantiles: { values: number[]; probabilities: number[]; quantiles: number[] }[]
}

describe('quantile', () => {
  it('is numpy.quantile', () => {
    for (const { values, probabilities, quantiles: expected } of golden.quantiles) {
      const before = [...values]
      probabilities.forEach((probability, i) => expect(quantile(values, probability)).toBeCloseTo(expected[i], 12))
      expect(quantiles(values, probabilities)).toEqual(probabilities.map((each) => quantile(values, each)))
      expect(values).toEqual(before)
    }
  })

  it('sorts by size, not by text', () => {
    expect(quantile([10, 9, -2], 0.5)).toBe(9)
    expect(quantile([], 0.5)).toBeNaN()
  })
})
