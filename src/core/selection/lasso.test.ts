import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { VebiError } from '../../shared/errors.ts'
import { certify } from './certificate.ts'
import type { LassoProblem } from './certificate.ts'
import { solveAll, solveLasso } from './lasso.ts'
import { lassoPath, weightsAt } from './path.ts'
import { projectedGradient } from './projected-gradient.ts'
import { enumeratedOptimum, l1NormOf, objectiveOf, problemOf, randomRows, solveDense, uniform } from './testing.ts'

interface Golden {
  problems: {
    name: string
    features: number
    images: number
    nonnegative: boolean
    thousandths: number[]
    labels: number[]
    path: { lambda: number[]; l1Norm: number[] }
    solutions: { mu: number; objective: number; lambda: number; support: number[]; weights: number[] }[]
    unbounded: { l1Norm: number; objective: number }
  }[]
}
const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/golden/lasso.json', import.meta.url), 'utf8'),
) as Golden

/** Karush-Kuhn-Tucker conditions, feature by feature. */
function expectOptimal(problem: LassoProblem, weights: Float64Array): void {
  const { gram, size, q, mu, nonnegative = false } = problem
  const correlation = q.map((value, k) => {
    let fitted = 0
    for (let i = 0; i < size; i++) fitted += (gram[k * size + i]) * (weights[i])
    return value - fitted
  })
  const signed = correlation.map((value) => (nonnegative ? value : Math.abs(value)))
  const lambda = Math.max(0, ...signed)
  const tolerance = 1e-9 * Math.max(...q.map(Math.abs))
  expect(l1NormOf(weights)).toBeLessThanOrEqual(mu * (1 + 1e-12))
  if (l1NormOf(weights) < mu * (1 - 1e-9)) expect(lambda).toBeLessThanOrEqual(tolerance)
  weights.forEach((weight, k) => {
    if (nonnegative) expect(weight).toBeGreaterThanOrEqual(0)
    if (weight === 0) return
    expect(Math.abs((correlation[k]) - Math.sign(weight) * lambda)).toBeLessThanOrEqual(tolerance)
  })
}

describe('solveLasso', () => {
  it.each([false, true])('reaches the optimum found by enumeration, degenerate rows %s', (degenerate) => {
    const random = uniform(degenerate ? 11 : 12)
    for (let trial = 0; trial < 150; trial++) {
      const features = 1 + Math.floor(random() * 5)
      const images = 1 + Math.floor(random() * 8)
      const X = randomRows(random, features, images, degenerate)
      const labels = Array.from({ length: images }, () => (random() < 0.4 ? 1 : 0))
      const mu = [0.05, 0.3, 1, 3, 50][Math.floor(random() * 5)]
      const problem = problemOf(X, labels, mu, random() < 0.3)
      const { weights, certificate, method } = solveLasso(problem)
      const optimum = enumeratedOptimum(problem)
      expect(method).toBe('homotopy')
      expect(certificate.accepted).toBe(true)
      expect(Math.abs(objectiveOf(X, labels, weights) - optimum)).toBeLessThanOrEqual(1e-9 * (1 + problem.labelNorm))
      expectOptimal(problem, weights)
    }
  })

  it('stays exact with ties, duplicated, opposite, dependent and zero rows, and fewer images than features', () => {
    const random = uniform(5)
    for (let trial = 0; trial < 400; trial++) {
      const features = 2 + Math.floor(random() * 28)
      const images = 1 + Math.floor(random() * 40)
      const X = randomRows(random, features, images, true)
      const labels = Array.from({ length: images }, () => (random() < 0.3 ? 1 : 0))
      const mu = [0.01, 0.2, 1, 4, 100][Math.floor(random() * 5)]
      const solution = solveLasso(problemOf(X, labels, mu, random() < 0.3))
      expect(solution.method).toBe('homotopy')
      expect(solution.certificate.gap).toBeLessThanOrEqual(1e-9 * solution.certificate.objective + 1e-9)
    }
  })

  it('finds planted weights: features, signs and values', () => {
    const random = uniform(21)
    const planted = new Map([[3, 2], [17, -1.5], [40, 0.75]])
    const X = Array.from({ length: 60 }, () => Array.from({ length: 300 }, () => random() - 0.5))
    const labels = Array.from({ length: 300 }, (_, i) =>
      [...planted].reduce((sum, [k, weight]) => sum + weight * (X[k][i]), 0),
    )
    const { weights, certificate } = solveLasso(problemOf(X, labels, 4.25))
    weights.forEach((weight, k) => expect(weight).toBeCloseTo(planted.get(k) ?? 0, 7))
    expect(certificate.l1Norm).toBeCloseTo(4.25, 9)
  })

  it('gives least squares where mu is too large to bind', () => {
    const X = randomRows(uniform(8), 12, 50, false)
    const labels = Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? 1 : 0))
    const problem = problemOf(X, labels, 1e6)
    const { weights, certificate } = solveLasso(problem)
    const rows = X.map((_, i) => Array.from(problem.gram.subarray(i * 12, (i + 1) * 12)))
    solveDense(rows, Array.from(problem.q))?.forEach((value, k) => expect(weights[k]).toBeCloseTo(value, 9))
    expect(certificate.accepted).toBe(true)
    expect(certificate.lambda).toBeLessThan(1e-12)
  })

  it('gives zero at mu = 0, and at mu -> 0 the most correlated feature alone', () => {
    const X = randomRows(uniform(9), 10, 30, false)
    const labels = Array.from({ length: 30 }, (_, i) => (i < 9 ? 1 : 0))
    const zero = solveLasso(problemOf(X, labels, 0))
    expect(Array.from(zero.weights)).toEqual(new Array<number>(10).fill(0))
    expect(zero.certificate).toMatchObject({ objective: 4.5, gap: 0, accepted: true, nonZeros: 0 })
    const problem = problemOf(X, labels, 1e-200)
    const tiny = solveLasso(problem)
    const strongest = problem.q.indexOf(Math.max(...problem.q))
    expect(tiny.weights[strongest]).toBeCloseTo(1e-200, 210)
    expect(tiny.certificate.nonZeros).toBe(1)
  })

  it('gives zero for a class without images and for features that are always zero', () => {
    const X = randomRows(uniform(9), 4, 6, false)
    const absent = solveLasso(problemOf(X, [0, 0, 0, 0, 0, 0], 10))
    expect(absent.certificate).toMatchObject({ objective: 0, gap: 0, accepted: true })
    const dark = solveLasso(problemOf([[0, 0], [0, 0]], [1, 0], 10))
    expect(dark.certificate).toMatchObject({ objective: 0.5, gap: 0, nonZeros: 0 })
  })

  it('does not depend on the scale of the features', () => {
    const X = randomRows(uniform(14), 20, 40, false)
    const labels = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 1 : 0))
    const plain = solveLasso(problemOf(X, labels, 1.5))
    const small = solveLasso(problemOf(X.map((row) => row.map((value) => value * 1e-8)), labels, 1.5e8))
    plain.weights.forEach((weight, k) => expect((small.weights[k]) * 1e-8).toBeCloseTo(weight, 9))
  })

  it.each([false, true])('reaches on a growing working set what the path reaches, nonnegative %s', (nonnegative) => {
    const random = uniform(31)
    const features = 600
    const X = Array.from({ length: features }, () => Array.from({ length: 60 }, () => random()))
    const totals = Array.from({ length: 60 }, (_, i) => X.reduce((sum, row) => sum + row[i], 0))
    const responses = X.map((row) => row.map((value, i) => value / totals[i]))
    const problem = problemOf(responses, Array.from({ length: 60 }, (_, i) => (i % 5 === 0 ? 1 : 0)), 400, nonnegative)
    const { weights, certificate, method } = solveLasso(problem)
    const whole = weightsAt(lassoPath(problem, { maxMu: 400 }), 400)
    expect(method).toBe('homotopy')
    expect(certificate.nonZeros).toBeGreaterThan(5)
    weights.forEach((weight, k) => expect(weight).toBeCloseTo(whole[k], 6))
    expectOptimal(problem, weights)
  })

  it('reaches it with ties, duplicated and dependent rows by the hundred, too', () => {
    const random = uniform(33)
    for (let trial = 0; trial < 8; trial++) {
      const X = randomRows(random, 420, 12 + 6 * trial, true)
      const labels = X[0].map(() => (random() < 0.3 ? 1 : 0))
      const solution = solveLasso(problemOf(X, labels, [0.2, 1, 3, 50][trial % 4], trial % 3 === 0))
      expect(solution.method).toBe('homotopy')
      expect(solution.certificate.gap).toBeLessThanOrEqual(1e-9 * solution.certificate.objective + 1e-8)
    }
  })

  it('uses the listed columns alone, as if the Gram matrix had no others', () => {
    const X = randomRows(uniform(15), 20, 40, false)
    const labels = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 1 : 0))
    const columns = Int32Array.of(19, 2, 5, 11)
    const within = solveLasso({ ...problemOf(X, labels, 1), columns })
    const alone = solveLasso(problemOf(Array.from(columns, (k) => X[k]), labels, 1))
    columns.forEach((k, i) => expect(within.weights[k]).toBeCloseTo(alone.weights[i], 12))
    expect(l1NormOf(within.weights)).toBeCloseTo(l1NormOf(alone.weights), 12)
    expect(within.certificate.gap).toBeCloseTo(alone.certificate.gap, 12)
    expect(within.certificate.lambda).toBeCloseTo(alone.certificate.lambda, 12)
  })

  it('refuses statistics that do not fit together', () => {
    const problem = problemOf([[1, 2], [0, 1]], [1, 0], 1)
    const refusal = (change: Partial<LassoProblem>): unknown => {
      try {
        return solveLasso({ ...problem, ...change })
      } catch (error) {
        return error instanceof VebiError ? `${error.code}: ${error.message}` : error
      }
    }
    expect(refusal({ mu: -1 })).toBe('bad-argument: mu is -1; it must be a number that is 0 or more.')
    expect(refusal({ mu: NaN })).toContain('mu is NaN')
    expect(refusal({ gram: new Float64Array(3) })).toContain('2 features need 4')
    expect(refusal({ q: new Float64Array(3) })).toContain('2 features need 2')
    expect(refusal({ q: Float64Array.of(1, NaN) })).toContain('feature 1 are not finite')
    expect(refusal({ labelNorm: -1 })).toContain('squared norm of the labels')
    expect(refusal({ columns: Int32Array.of(0, 2) })).toContain('Feature 2 does not exist')
    expect(refusal({ columns: Int32Array.of(1, 1) })).toContain('Feature 1 is listed twice')
    expect(refusal({ gram: Float64Array.of(5, NaN, NaN, 1) })).toContain('not finite')
  })
})

describe.each(golden.problems)('against scikit-learn: $name', (expected) => {
  const { features, images, labels, nonnegative } = expected
  const X = Array.from({ length: features }, (_, k) =>
    expected.thousandths.slice(k * images, (k + 1) * images).map((value) => value / 1000),
  )

  it('gives its objectives, supports and weights', () => {
    for (const solution of expected.solutions) {
      const { weights, certificate } = solveLasso(problemOf(X, labels, solution.mu, nonnegative))
      expect(certificate.objective).toBeCloseTo(solution.objective, 9)
      expect(certificate.lambda).toBeCloseTo(solution.lambda, 9)
      const support = Array.from(weights.keys()).filter((k) => weights[k] !== 0)
      expect(support).toEqual(solution.support)
      solution.support.forEach((k, i) => expect((weights[k]) / solution.weights[i]).toBeCloseTo(1, 6))
    }
  })

  it('gives its breakpoints', () => {
    const { breakpoints, complete } = lassoPath(problemOf(X, labels, 0, nonnegative))
    expect(complete).toBe(true)
    expect(breakpoints.length).toBe(expected.path.lambda.length + (nonnegative ? 1 : 0))
    expected.path.lambda.forEach((lambda, i) => {
      expect(breakpoints[i].lambda).toBeCloseTo(lambda, 9)
      expect(breakpoints[i].l1Norm / Math.max(1e-9, expected.path.l1Norm[i])).toBeCloseTo(i === 0 ? 0 : 1, 6)
    })
    const end = breakpoints.at(-1)!
    expect(end.lambda).toBe(0)
    expect(end.objective).toBeCloseTo(expected.unbounded.objective, 9)
    expect(end.l1Norm / expected.unbounded.l1Norm).toBeCloseTo(1, 6)
  })

  it('gives its least squares where mu does not bind', () => {
    const { weights, certificate } = solveLasso(problemOf(X, labels, 2 * expected.unbounded.l1Norm, nonnegative))
    expect(certificate.accepted).toBe(true)
    expect(certificate.objective).toBeCloseTo(expected.unbounded.objective, 9)
    expect(l1NormOf(weights) / expected.unbounded.l1Norm).toBeCloseTo(1, 6)
  })
})

describe('projectedGradient', () => {
  it.each([false, true])('agrees with the homotopy from a cold start, nonnegative %s', (nonnegative) => {
    const X = randomRows(uniform(18), 25, 60, false)
    const labels = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 1 : 0))
    for (const mu of [0.1, 1, 1000]) {
      const problem = problemOf(X, labels, mu, nonnegative)
      const { weights, iterations } = projectedGradient(problem, new Float64Array(25), 1e-9, 20_000)
      const certificate = certify(problem, weights)
      expect(iterations).toBeLessThan(20_000)
      expect(certificate.gap).toBeLessThanOrEqual(1e-9)
      expect(Math.abs(certificate.objective - solveLasso(problem).certificate.objective)).toBeLessThanOrEqual(1e-9)
      expect(certificate.l1Norm).toBeLessThanOrEqual(mu * (1 + 1e-12))
    }
  })

  it('keeps to the columns', () => {
    const X = randomRows(uniform(19), 8, 20, false)
    const problem = { ...problemOf(X, X[0], 1), columns: Int32Array.of(1, 6) }
    const { weights } = projectedGradient(problem, new Float64Array(8), 1e-9, 5_000)
    expect(certify(problem, weights).gap).toBeLessThanOrEqual(1e-9)
    expect(Array.from(weights.keys()).filter((k) => weights[k] !== 0).every((k) => k === 1 || k === 6)).toBe(true)
  })

  it.each([1, 52, 64])('takes over where the statistics are off by 1e-8 and the path goes astray, seed %i', (seed) => {
    const random = uniform(seed)
    const X = Array.from({ length: 12 }, () => Array.from({ length: 6 }, () => Math.floor(3 * random())))
    const problem = problemOf(X, [1, 0, 1, 0, 0, 1], 2)
    const gram = problem.gram.slice()
    for (let i = 0; i < 12; i++) {
      for (let j = 0; j < i; j++) {
        gram[i * 12 + j] *= 1 + 1e-8 * (random() - 0.5)
        gram[j * 12 + i] = gram[i * 12 + j]!
      }
    }
    const { certificate, method } = solveLasso({ ...problem, gram })
    expect(method).toBe('projected-gradient')
    expect(certificate.accepted).toBe(true)
  })
})

describe('certify', () => {
  it('is the duality gap of the definition, and bounds the distance to the optimum', () => {
    const random = uniform(40)
    for (const nonnegative of [false, true]) {
      for (let trial = 0; trial < 50; trial++) {
        const X = randomRows(random, 4, 10, false)
        const labels = Array.from({ length: 10 }, () => (random() < 0.4 ? 1 : 0))
        const problem = problemOf(X, labels, 1, nonnegative)
        const weights = Float64Array.from({ length: 4 }, () => (nonnegative ? random() / 4 : (random() - 0.5) / 2))
        const residual = labels.map((label, i) => X.reduce((sum, row, k) => sum + row[i] * weights[k], 0) - label)
        const gradient = X.map((row) => row.reduce((sum, value, i) => sum + value * residual[i], 0))
        const steepest = nonnegative ? Math.max(0, ...gradient.map((g) => -g)) : Math.max(...gradient.map(Math.abs))
        const gap = gradient.reduce((sum, g, k) => sum + g * weights[k], 0) + steepest
        const certificate = certify(problem, weights)
        expect(certificate.objective).toBeCloseTo(objectiveOf(X, labels, weights), 12)
        expect(certificate.gap).toBeCloseTo(gap, 12)
        expect(certificate.lambda).toBeCloseTo(steepest, 12)
        expect(certificate.l1Norm).toBeCloseTo(l1NormOf(weights), 12)
        expect(certificate.objective - enumeratedOptimum(problem)).toBeLessThanOrEqual(gap + 1e-12)
      }
    }
  })

  it('accepts a gap up to 1e-6 of f(0), and no more', () => {
    // One feature, one image: f = (w - 1)^2 / 2 with mu = 1, so the gap at w = 1 - d is d^2.
    const problem = problemOf([[1]], [1], 1)
    expect(certify(problem, Float64Array.of(1 - 7e-4)).accepted).toBe(true)
    expect(certify(problem, Float64Array.of(1 - 8e-4)).accepted).toBe(false)
  })
})

describe('lassoPath', () => {
  it.each([false, true])('is optimal at and between its breakpoints, degenerate rows %s', (degenerate) => {
    const random = uniform(51)
    for (let trial = 0; trial < 40; trial++) {
      const X = randomRows(random, 12, 20, degenerate)
      const labels = Array.from({ length: 20 }, () => (random() < 0.4 ? 1 : 0))
      const problem = problemOf(X, labels, 0, trial % 3 === 0)
      const path = lassoPath(problem)
      const { breakpoints } = path
      breakpoints.forEach((point, i) => {
        const before = breakpoints[i - 1]
        if (before) {
          expect(point.l1Norm).toBeGreaterThan(before.l1Norm)
          expect(point.lambda).toBeLessThanOrEqual(before.lambda)
        }
        for (const mu of before ? [point.l1Norm, (point.l1Norm + before.l1Norm) / 2] : [0]) {
          const weights = weightsAt(path, mu)
          expect(l1NormOf(weights)).toBeCloseTo(mu, 9)
          expectOptimal({ ...problem, mu: mu * (1 + 1e-13) }, weights)
        }
        const weights = weightsAt(path, point.l1Norm)
        expect(point.objective).toBeCloseTo(objectiveOf(X, labels, weights), 9)
      })
    }
  })

  it('ends where lambda is rounding, without breakpoints made of it', () => {
    const random = uniform(53)
    for (let trial = 0; trial < 300; trial++) {
      const images = 3 + Math.floor(random() * 6)
      const X = randomRows(random, 18, images, true)
      const { breakpoints } = lassoPath(problemOf(X, X[0].map(() => (random() < 0.4 ? 1 : 0)), 0))
      for (const point of breakpoints.slice(0, -1)) {
        expect(point.lambda).toBeGreaterThanOrEqual(1e-14 * breakpoints[0].lambda)
      }
    }
  })

  it('stops at maxMu and at minLambda inside a segment, and then is not complete', () => {
    const X = randomRows(uniform(52), 10, 30, false)
    const problem = problemOf(X, Array.from({ length: 30 }, (_, i) => (i % 2)), 0)
    const whole = lassoPath(problem)
    const cut = lassoPath(problem, { maxMu: 0.5 })
    expect(whole.complete).toBe(true)
    expect(cut.complete).toBe(false)
    expect(cut.breakpoints.at(-1)?.l1Norm).toBeCloseTo(0.5, 12)
    weightsAt(cut, 0.5).forEach((weight, k) => expect(weight).toBeCloseTo(weightsAt(whole, 0.5)[k], 10))
    expect(weightsAt(cut, 9)).toEqual(weightsAt(cut, 0.5))
    const lambda = whole.breakpoints[0].lambda / 3
    const shallow = lassoPath(problem, { minLambda: lambda })
    expect(shallow.complete).toBe(false)
    expect(shallow.breakpoints.at(-1)?.lambda).toBe(lambda)
    const end = shallow.breakpoints.at(-1)!
    const expected = weightsAt(whole, end.l1Norm)
    weightsAt(shallow, end.l1Norm).forEach((weight, k) => expect(weight).toBeCloseTo(expected[k], 9))
  })
})

describe('solveAll', () => {
  const X = randomRows(uniform(60), 8, 20, false)
  const classes = [0, 1, 2].map((j) => Array.from({ length: 20 }, (_, i) => (i % 3 === j ? 1 : 0)))
  const each = classes.map((labels) => problemOf(X, labels, 1))
  const problems = {
    gram: each[0].gram,
    size: 8,
    q: Float64Array.from(each.flatMap((problem) => Array.from(problem.q))),
    labelNorms: Float64Array.from(each, (problem) => problem.labelNorm),
    mu: 1,
  }

  it('solves every class as alone, and reports each in order', async () => {
    const seen: number[] = []
    const solutions = await solveAll(problems, { onClass: (j) => void seen.push(j) })
    expect(seen).toEqual([0, 1, 2])
    solutions.forEach((solution, j) => expect(solution.weights).toEqual(solveLasso(each[j]).weights))
  })

  it('stops before the next class', async () => {
    const seen: number[] = []
    const run = solveAll(problems, { onClass: (j) => void seen.push(j), shouldStop: () => seen.length === 2 })
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    expect(seen).toEqual([0, 1])
  })

  it('refuses label sums of another size', async () => {
    const run = solveAll({ ...problems, size: 7, gram: new Float64Array(49) })
    await expect(run).rejects.toThrow('3 classes of 7 features need 21')
  })
})
