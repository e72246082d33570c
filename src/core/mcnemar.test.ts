import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mcnemarP } from './mcnemar.ts'

const stored = new URL('../../scripts/golden/mcnemar.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as { first: number; second: number; p: number }[]

/** Counts all sequences of `total` fair coins with at most `fewer` heads, or as many tails, one by one. */
function plain(first: number, second: number): number {
  const total = first + second
  let reached = 0
  for (let sequence = 0; sequence < 2 ** total; sequence++) {
    const heads = sequence.toString(2).replaceAll('0', '').length
    if (Math.abs(2 * heads - total) >= Math.abs(first - second)) reached++
  }
  return reached / 2 ** total
}

describe('mcnemarP', () => {
  it.each(golden)('of $first and $second is that of SciPy', ({ first, second, p }) => {
    expect(mcnemarP(first, second) / p).toBeCloseTo(1, 9)
  })

  it('is the share of all outcomes that are as one-sided', () => {
    for (let first = 0; first <= 6; first++) {
      for (let second = 0; second <= 6; second++) expect(mcnemarP(first, second)).toBeCloseTo(plain(first, second), 12)
    }
  })

  it('says nothing where the two never differ', () => expect(mcnemarP(0, 0)).toBe(1))
})
