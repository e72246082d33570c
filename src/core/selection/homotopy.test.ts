import { describe, expect, it } from 'vitest'
import { certify } from './certificate.ts'
import type { LassoProblem } from './certificate.ts'
import { Homotopy } from './homotopy.ts'
import { problemOf, randomRows, uniform } from './testing.ts'

const MU = 2

function weightsOf(walk: Homotopy, size: number): Float64Array {
  const weights = new Float64Array(size)
  const { indices, values } = walk.point()
  indices.forEach((index, i) => (weights[index] = values[i]!))
  return weights
}

/** Solves for the first 30 of 60 features, then admits all others; undefined where one of the two does not bind. */
function inTwoParts(problem: LassoProblem): { walk: Homotopy; begun: Float64Array } | undefined {
  const { gram, size, q, nonnegative = false } = problem
  const usable = Int32Array.from({ length: size }, (_, k) => k).filter((k) => gram[k * size + k] > 0)
  const walk = new Homotopy({ gram, size, q, candidates: usable.subarray(0, 30), nonnegative })
  if (walk.descend({ mu: MU, minLambda: 0, maxSteps: 1000 }) !== 'mu') return undefined
  const begun = weightsOf(walk, size)
  const rest = usable.subarray(30)
  const correlations = Float64Array.from(rest, (k) =>
    begun.reduce((left, weight, i) => left - gram[k * size + i] * weight, q[k]),
  )
  return walk.admit(rest, correlations, MU, 1000) ? { walk, begun } : undefined
}

describe('Homotopy.admit', () => {
  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('goes on to the solution of the larger problem; degenerate rows %s, nonnegative %s', (degenerate, nonnegative) => {
    const random = uniform(71)
    let admitted = 0
    for (let trial = 0; trial < 20; trial++) {
      const X = randomRows(random, 60, 100, degenerate)
      const labels = X[0].map(() => (random() < 0.3 ? 1 : 0))
      // Small enough for mu to bind, large enough for many features.
      const problem = problemOf(X.map((row) => row.map((value) => value / 5)), labels, MU, nonnegative)
      const parts = inTwoParts(problem)
      if (parts === undefined) continue
      if (!certify(problem, parts.begun).accepted) admitted++
      const certificate = certify(problem, weightsOf(parts.walk, 60))
      expect(certificate.gap).toBeLessThanOrEqual(1e-11 * problem.labelNorm)
      expect(certificate.l1Norm).toBeCloseTo(MU, 12)
      expect(parts.walk.lambda).toBeCloseTo(certificate.lambda, 10)
    }
    expect(admitted).toBeGreaterThan(degenerate ? 5 : 15)
  })

  it('says so where the constraint stops binding', () => {
    // The first feature alone cannot fit the second image; with the other two, w = (1, 1, 0) fits all at norm 2 < 3.
    const problem = problemOf([[1, 0.1, 0], [0, 0.9, 1], [0.2, 0, 0.1]], [1, 1, 1], 1.5)
    const { gram, size, q } = problem
    const walk = new Homotopy({ gram, size, q, candidates: Int32Array.of(2), nonnegative: false })
    expect(walk.descend({ mu: 3, minLambda: 0, maxSteps: 100 })).toBe('mu')
    const weight = walk.point().values[0]
    const correlations = Float64Array.of(q[0] - gram[2] * weight, q[1] - gram[5] * weight)
    expect(walk.admit(Int32Array.of(0, 1), correlations, 3, 100)).toBe(false)
  })
})
