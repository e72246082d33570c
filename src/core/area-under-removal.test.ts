import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { areaWeights } from './area-under-removal.ts'

const stored = new URL('../../scripts/golden/statistics-of-checks.json', import.meta.url)
const { area: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
  area: { steps: number[]; curve: number[]; area: number }
}

describe('areaWeights', () => {
  const areaOf = (steps: number[], curve: number[]): number =>
    areaWeights(steps).reduce((sum, weight, i) => sum + weight * curve[i], 0)

  it('gives the area of NumPy', () => {
    expect(areaOf(golden.steps, golden.curve)).toBeCloseTo(golden.area, 12)
  })

  it('is the mean height: of a flat curve its height, of a straight line the middle', () => {
    expect(areaOf([0, 1, 5, 9], [0.4, 0.4, 0.4, 0.4])).toBeCloseTo(0.4, 12)
    expect(areaOf([0, 3, 4], [1, 0.25, 0])).toBeCloseTo(0.5, 12)
  })

  it('is the value of a single point where nothing can be removed', () => {
    expect([...areaWeights([0])]).toEqual([1])
  })
})
