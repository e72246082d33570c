import type { LassoProblem } from './certificate.ts'
import { Homotopy } from './homotopy.ts'
import type { SparsePoint } from './homotopy.ts'
import { checkProblem, usableCandidates } from './lasso.ts'

/** One end of a linear segment of the path. */
export interface Breakpoint extends SparsePoint {
  /** f(w) = 1/2 ||X'w - l||^2. */
  readonly objective: number
  readonly nonZeros: number
}

/** Exact solutions for every mu from 0 to the last breakpoint's `l1Norm`: linear between neighbours. */
export interface LassoPath {
  readonly size: number
  /** lambda falls, `l1Norm` rises. The first is w = 0. */
  readonly breakpoints: readonly Breakpoint[]
  /** Whether the last breakpoint minimises f without any bound on ||w||_1, so that it answers every larger mu. */
  readonly complete: boolean
}

export interface PathOptions {
  /** Follow the path up to this `||w||_1`; to the end where absent. */
  readonly maxMu?: number
  /** Follow the path down to this lambda; to 0 where absent. */
  readonly minLambda?: number
  readonly maxSteps?: number
}

/** The whole path of one class over mu. Costs O(size * non-zeros) for each breakpoint. Throws as `solveLasso`. */
export function lassoPath(problem: Omit<LassoProblem, 'mu'>, options: PathOptions = {}): LassoPath {
  const { maxMu = Infinity, minLambda = 0 } = options
  checkProblem(problem)
  const { gram, size, q, labelNorm, nonnegative = false } = problem
  const candidates = usableCandidates(problem)
  const maxSteps = options.maxSteps ?? 20 * candidates.length + 200
  const breakpoints: Breakpoint[] = []
  const walk = new Homotopy({ gram, size, q, candidates, nonnegative })
  const end = walk.descend({ mu: maxMu, minLambda, maxSteps }, (point) => {
    // Rounding at the end of the path can leave a breakpoint that the refined last one does not exceed.
    while ((breakpoints.at(-1)?.l1Norm ?? -1) >= point.l1Norm) breakpoints.pop()
    breakpoints.push({ ...point, objective: objectiveOf(point, q, labelNorm), nonZeros: countNonZeros(point.values) })
  })
  return { size, breakpoints, complete: end === 'lambda' && minLambda === 0 }
}

/**
 * Weights `[size]` at `||w||_1 = mu`, interpolated between two breakpoints. Beyond the last breakpoint its own
 * weights: the solution where the path is complete, else the nearest one known.
 */
export function weightsAt(path: LassoPath, mu: number): Float64Array {
  const { breakpoints, size } = path
  const weights = new Float64Array(size)
  let low = 0
  let high = breakpoints.length - 1
  const last = breakpoints[high]
  if (last === undefined) return weights
  if (mu >= last.l1Norm) {
    addScaled(weights, last, 1)
    return weights
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((breakpoints[middle]).l1Norm <= mu) low = middle
    else high = middle
  }
  const before = breakpoints[low]
  const after = breakpoints[high]
  const share = Math.max(0, mu - before.l1Norm) / (after.l1Norm - before.l1Norm)
  addScaled(weights, before, 1 - share)
  addScaled(weights, after, share)
  return weights
}

function addScaled(weights: Float64Array, point: SparsePoint, factor: number): void {
  point.indices.forEach((index, i) => {
    weights[index] = (weights[index]) + factor * (point.values[i])
  })
}

/** From G_A w_A = q_A - lambda sign(w_A) on the active set: f = b / 2 - (q'w + lambda ||w||_1) / 2. */
function objectiveOf(point: SparsePoint, q: Float64Array, labelNorm: number): number {
  let alongQ = 0
  point.indices.forEach((index, i) => (alongQ += (q[index]) * (point.values[i])))
  return Math.max(0, (labelNorm - alongQ - point.lambda * point.l1Norm) / 2)
}

function countNonZeros(values: Float64Array): number {
  let count = 0
  for (const value of values) if (value !== 0) count++
  return count
}
