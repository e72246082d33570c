import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { empiricalP } from './empirical-p.ts'
import { randomIndex, randomStream } from './random.ts'

const stored = new URL('../../scripts/golden/statistics-of-checks.json', import.meta.url)
const golden = (JSON.parse(readFileSync(stored, 'utf8')) as { p: { observed: number; draws: number[]; p: number } }).p

describe('empiricalP', () => {
  it('is that of the permutation test of SciPy', () => {
    expect(empiricalP(golden.observed, golden.draws)).toBeCloseTo(golden.p, 12)
  })

  it('counts the observed one among the draws, and ties as reached', () => {
    expect(empiricalP(9, [1, 2, 3])).toBe(1 / 4)
    expect(empiricalP(3, [1, 2, 3])).toBe(2 / 4)
    expect(empiricalP(0, [1, 2, 3])).toBe(1)
  })

  it('is evenly spread where the observed one is one of the draws', () => {
    const counts = new Array<number>(20).fill(0)
    for (let repetition = 0; repetition < 4000; repetition++) {
      const random = randomStream(8, repetition)
      const values = Array.from({ length: 20 }, () => randomIndex(random, 2 ** 30))
      counts[Math.round(empiricalP(values[0], values.slice(1)) * 20) - 1]++
    }
    // 200 expected; 6 standard deviations are 83.
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(83)
  })
})
