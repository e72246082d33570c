import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { linearScores } from './linear-scores.ts'
import { sparseWeights } from './sparse-weights.ts'

const stored = new URL('../../scripts/golden/statistics-of-checks.json', import.meta.url)
const { linear: golden, groups } = JSON.parse(readFileSync(stored, 'utf8')) as {
  groups: { rows: number[] }
  linear: { weights: number[]; labels: number[]; right: number[]; squaredError: number[] }
}

describe('linearScores', () => {
  it('are those of NumPy', () => {
    const size = 7
    const weights = [0, 1, 2].map((j) => Float64Array.from(golden.weights.slice(j * size, (j + 1) * size)))
    const found = linearScores(sparseWeights(weights), Float32Array.from(groups.rows), size, golden.labels)
    expect([...found.right]).toEqual(golden.right)
    // The rows are float32.
    found.squaredError.forEach((error, i) => expect(error).toBeCloseTo(golden.squaredError[i], 4))
  })

  it('takes the first class where no weight says anything', () => {
    const none = sparseWeights([new Float64Array(2), new Float64Array(2)])
    const found = linearScores(none, Float32Array.of(1, 2, 3, 4), 2, [0, 1])
    expect([...found.right]).toEqual([1, 0])
    expect([...found.squaredError]).toEqual([1, 1])
  })
})
