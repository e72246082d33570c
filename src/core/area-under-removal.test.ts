import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { areaWeights, placesOfShares } from './area-under-removal.ts'

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

describe('placesOfShares', () => {
  const heightsOf = (steps: number[], curve: number[], points: number): number[] =>
    placesOfShares(steps, points).map(({ before, weight }) =>
      weight === 0 ? curve[before] : (1 - weight) * curve[before] + weight * curve[before + 1],
    )

  it('keeps a curve that is measured at these shares', () => {
    expect(heightsOf([0, 2, 4, 6, 8], [1, 0.9, 0.5, 0.25, 0], 5)).toEqual([1, 0.9, 0.5, 0.25, 0])
  })

  it('is linear between the steps, as the polygon through them', () => {
    const [steps, curve] = [[0, 1, 3], [1, 0.4, 0.1]]
    const polygon = (removed: number): number =>
      removed <= 1 ? 1 + removed * (0.4 - 1) : 0.4 + ((removed - 1) / 2) * (0.1 - 0.4)
    heightsOf(steps, curve, 9).forEach((height, i) => expect(height).toBeCloseTo(polygon((3 * i) / 8), 12))
  })

  it('is flat where nothing can be removed', () => {
    expect(heightsOf([0], [0.7], 3)).toEqual([0.7, 0.7, 0.7])
  })
})
