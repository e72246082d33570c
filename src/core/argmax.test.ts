import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { argMaxRows, softmax } from './argmax.ts'

const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
const { rows: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
  rows: { scores: number[]; argmax: number[]; softmax: number[] }
}

describe('argMaxRows', () => {
  it('is numpy.argmax, first of equals', () => {
    expect([...argMaxRows(golden.scores, 6)]).toEqual(golden.argmax)
    expect([...argMaxRows([1, 3, 3, 2, 2, 2], 2)]).toEqual([1, 0])
  })

  it('is 0 where there is one class, and empty without rows', () => {
    expect([...argMaxRows([-5, 7], 2)]).toEqual([0, 0])
    expect(argMaxRows([], 0)).toHaveLength(0)
  })
})

describe('softmax', () => {
  it('is scipy.special.softmax', () => {
    const found = softmax(golden.scores.slice(0, 5))
    golden.softmax.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 11))
  })

  it('holds for large scores and sums to 1', () => {
    expect([...softmax([1000, 1000, -1000])]).toEqual([0.5, 0.5, 0])
    expect([...softmax([-4])]).toEqual([1])
  })
})
