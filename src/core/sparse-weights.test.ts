import { describe, expect, it } from 'vitest'
import { featureLayout } from './features.ts'
import { expectedOverlap, overlapOf } from './set-overlap.ts'
import { layerMatchedRandom } from './ablation.ts'
import { sparseWeights, strengths, unionOf } from './sparse-weights.ts'

describe('sparse weights', () => {
  const sparse = sparseWeights([[0, 2, 0, -1], [0, 0, 0, 0], [0, -3, 4, 0]].map((row) => Float64Array.from(row)))

  it('hold what is not zero, class after class', () => {
    expect([...sparse.starts]).toEqual([0, 2, 2, 4])
    expect([...sparse.features]).toEqual([1, 3, 1, 2])
    expect([...sparse.values]).toEqual([2, -1, -3, 4])
  })

  it('have strengths and a union over the classes', () => {
    expect([...strengths(sparse, 4)]).toEqual([0, 3, 4, 1])
    expect(unionOf(sparse)).toEqual([1, 2, 3])
  })
})

describe('overlap', () => {
  it('counts what is shared, alone and over the features of either', () => {
    expect(overlapOf([1, 2, 3], [3, 9])).toEqual({ shared: 1, jaccard: 1 / 4 })
    expect(overlapOf([1, 2], [2, 1])).toEqual({ shared: 2, jaccard: 1 })
    expect(overlapOf([], []).jaccard).toBeNaN()
  })

  it('is expected where the features of each layer are drawn at random', () => {
    const layout = featureLayout(
      [6, 10].map((channels, i) => ({ number: i + 1, node: i + 4, name: `l${i}`, kind: 'convolutional', channels })),
    )
    const [first, second] = [[0, 1, 2, 7, 8], [0, 5, 9, 10, 11, 12]]
    const expected = expectedOverlap(first, second, layout)
    expect(expected).toBeCloseTo((3 * 2) / 6 + (2 * 4) / 10, 12)
    let shared = 0
    for (let seed = 0; seed < 4000; seed++) {
      shared += overlapOf(first, [...layerMatchedRandom(Int32Array.from(second), layout, seed)]).shared
    }
    // Standard deviation of one draw below 1: of the mean below 0.016.
    expect(Math.abs(shared / 4000 - expected)).toBeLessThan(0.08)
  })
})
