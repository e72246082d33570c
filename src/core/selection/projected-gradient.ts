import { certify, multiplyGram } from './certificate.ts'
import type { LassoProblem } from './certificate.ts'
import { projectOntoBall } from './projection.ts'

export interface ProjectedGradientResult {
  /** `[size]`. */
  readonly weights: Float64Array
  readonly iterations: number
}

/**
 * Accelerated projected gradient (Beck and Teboulle 2009, FISTA) with restarts where momentum points uphill
 * (O'Donoghue and Candes 2015) and a step found by backtracking. Returns the iterate of the smallest gap, and stops
 * at the first whose gap is at most `targetGap`.
 */
export function projectedGradient(
  problem: LassoProblem,
  start: Float64Array,
  targetGap: number,
  maxIterations: number,
): ProjectedGradientResult {
  const { gram, size, q, mu, nonnegative = false } = problem
  const columns = problem.columns ?? Int32Array.from({ length: size }, (_, k) => k)
  const trial = new Float64Array(columns.length)
  // G y is a combination of the products with the last two iterates, so one sparse product serves each iteration.
  let current: Float64Array = start.slice()
  let previous = current
  let currentProduct = multiplyGram(gram, size, current)
  let previousProduct = currentProduct
  let curvature = 0
  for (const k of columns) curvature = Math.max(curvature, gram[k * size + k])
  let momentum = 1
  let best = current
  let bestGap = certify(problem, current, currentProduct).gap

  let iterations = 0
  while (bestGap > targetGap && iterations < maxIterations && curvature > 0) {
    iterations++
    const nextMomentum = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2
    const extrapolation = (momentum - 1) / nextMomentum
    let next: Float64Array
    let nextProduct: Float64Array
    let uphill = 0
    for (;;) {
      for (let i = 0; i < columns.length; i++) {
        const k = columns[i]
        const point = extrapolate(current, previous, extrapolation, k)
        const gradient = extrapolate(currentProduct, previousProduct, extrapolation, k) - (q[k])
        trial[i] = point - gradient / curvature
      }
      projectOntoBall(trial, mu, nonnegative)
      next = new Float64Array(size)
      for (let i = 0; i < columns.length; i++) next[columns[i]] = trial[i]
      nextProduct = multiplyGram(gram, size, next)
      let quadratic = 0
      let squared = 0
      uphill = 0
      for (const k of columns) {
        const point = extrapolate(current, previous, extrapolation, k)
        const change = (next[k]) - point
        const productAtPoint = extrapolate(currentProduct, previousProduct, extrapolation, k)
        quadratic += change * ((nextProduct[k]) - productAtPoint)
        squared += change * change
        uphill -= change * ((next[k]) - (current[k]))
      }
      if (quadratic <= curvature * squared * (1 + 1e-9)) break
      curvature = Math.max(2 * curvature, quadratic / squared)
    }
    momentum = uphill > 0 ? 1 : nextMomentum
    previous = uphill > 0 ? next : current
    previousProduct = uphill > 0 ? nextProduct : currentProduct
    current = next
    currentProduct = nextProduct
    const { gap } = certify(problem, current, currentProduct)
    if (gap < bestGap) {
      bestGap = gap
      best = current
    }
  }
  return { weights: best, iterations }
}

function extrapolate(current: Float64Array, previous: Float64Array, factor: number, k: number): number {
  const value = current[k]
  return value + factor * (value - (previous[k]))
}
