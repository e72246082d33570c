import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LassoProblem } from './certificate.ts'
import { lassoPath, weightsAt, type LassoPath } from './path.ts'
import { lassoPathByRows } from './path-by-rows.ts'
import { l1NormOf, problemOf, randomRows, uniform } from './testing.ts'

interface Golden {
  problems: {
    name: string
    nonnegative: boolean
    features: number
    images: number
    thousandths: number[]
    labels: number[]
    solutions: { mu: number; support: number[]; weights: number[] }[]
  }[]
}
const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/golden/lasso.json', import.meta.url), 'utf8'),
) as Golden

/** The path from the rows that are asked for, and which these were. */
async function byRows(
  problem: LassoProblem,
  options: { maxMu?: number; firstWorkingSet?: number } = {},
): Promise<{ path: LassoPath; asked: Set<number> }> {
  const { gram, ...rest } = problem
  const asked = new Set<number>()
  const path = await lassoPathByRows(
    rest,
    async (features) =>
      features.map((k) => {
        asked.add(k)
        return gram.slice(k * rest.size, (k + 1) * rest.size)
      }),
    { firstWorkingSet: 3, ...options },
  )
  return { path, asked }
}

/** Karush-Kuhn-Tucker conditions from the whole matrix, feature by feature. */
function expectOptimal({ gram, size, q, nonnegative = false, columns }: LassoProblem, weights: Float64Array): void {
  const allowed = [...(columns ?? Array(size).keys())]
  const correlation = q.map((value, k) => {
    let fitted = 0
    for (let i = 0; i < size; i++) fitted += gram[k * size + i] * weights[i]
    return value - fitted
  })
  const tolerance = 1e-8 * Math.max(...q.map(Math.abs))
  const lambda = Math.max(0, ...allowed.map((k) => (nonnegative ? correlation[k] : Math.abs(correlation[k]))))
  weights.forEach((weight, k) => {
    if (weight === 0) return
    expect(allowed).toContain(k)
    if (nonnegative) expect(weight).toBeGreaterThan(0)
    expect(Math.abs(correlation[k] - Math.sign(weight) * lambda)).toBeLessThanOrEqual(tolerance)
  })
}

describe('lassoPathByRows', () => {
  it.each([false, true])('is optimal for all features from 3 first ones on, degenerate rows %s', async (degenerate) => {
    const random = uniform(61)
    let read = 0
    for (let trial = 0; trial < 30; trial++) {
      const X = randomRows(random, 40, 30, degenerate)
      const labels = Array.from({ length: 30 }, () => (random() < 0.4 ? 1 : 0))
      const columns = trial % 4 === 1 ? { columns: Int32Array.from({ length: 25 }, (_, i) => 39 - i) } : {}
      const problem = { ...problemOf(X, labels, 0, trial % 3 === 0), ...columns }
      const { path, asked } = await byRows(problem, { maxMu: 1.5 })
      read += asked.size
      const whole = lassoPath(problem, { maxMu: 1.5 })
      expect(path.complete).toBe(whole.complete)
      expect(path.breakpoints.at(-1)!.l1Norm).toBeCloseTo(whole.breakpoints.at(-1)!.l1Norm, 9)
      path.breakpoints.forEach(({ l1Norm, objective }, i) => {
        const before = path.breakpoints[i - 1]?.l1Norm ?? 0
        for (const mu of [l1Norm, (l1Norm + before) / 2]) {
          const weights = weightsAt(path, mu)
          expect(l1NormOf(weights)).toBeCloseTo(mu, 9)
          expectOptimal(problem, weights)
        }
        const other = whole.breakpoints.find((point) => Math.abs(point.l1Norm - l1Norm) < 1e-9)
        if (other) expect(objective).toBeCloseTo(other.objective, 9)
      })
    }
    expect(read).toBeLessThan(0.7 * 30 * 40)
  })

  it.each(golden.problems)('has the weights of scikit-learn: $name', async (expected) => {
    const { features, images, thousandths, labels, nonnegative, solutions } = expected
    const X = Array.from({ length: features }, (_, k) =>
      thousandths.slice(k * images, (k + 1) * images).map((value) => value / 1000),
    )
    const { path } = await byRows(problemOf(X, labels, 0, nonnegative))
    for (const { mu, support, weights } of solutions) {
      const found = weightsAt(path, mu)
      expect(Array.from(found.keys()).filter((k) => found[k] !== 0)).toEqual(support)
      support.forEach((k, i) => expect(found[k] / weights[i]).toBeCloseTo(1, 6))
    }
  })

  it('reads no row where nothing speaks for the class', async () => {
    const problem = problemOf([[1, 0], [0, 1]], [0, 0], 0)
    const { path, asked } = await byRows(problem)
    expect(asked.size).toBe(0)
    expect(path).toMatchObject({ complete: true, breakpoints: [{ l1Norm: 0, objective: 0, nonZeros: 0 }] })
    expect(weightsAt(path, 5)).toEqual(new Float64Array(2))
  })

  it('lets others have their turn between two pieces of work', async () => {
    const { gram, ...problem } = problemOf([[1, 0.2], [0.1, 1]], [1, 0], 0)
    let pauses = 0
    const path = await lassoPathByRows(problem, async (all) => all.map((k) => gram.subarray(2 * k, 2 * k + 2)), {
      pause: async () => void pauses++,
    })
    expect(pauses).toBeGreaterThanOrEqual(path.breakpoints.length)
  })

  it.each([
    [Float64Array.of(1), 'The label sums hold 1 values; 2 features need 2.'],
    [Float64Array.of(1, NaN), 'The statistics of feature 1 are not finite.'],
  ])('refuses label sums %s', async (q, sentence) => {
    await expect(lassoPathByRows({ q, size: 2, labelNorm: 1 }, async () => [])).rejects.toThrow(sentence)
  })
})
