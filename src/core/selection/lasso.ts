import { VebiError } from '../../shared/errors.ts'
import { ACCEPTED_GAP, certify, multiplyGram } from './certificate.ts'
import type { LassoCertificate, LassoProblem } from './certificate.ts'
import { Homotopy } from './homotopy.ts'
import { projectedGradient } from './projected-gradient.ts'

/** Up to this many candidates the path runs over all of them; beyond, over a working set that grows to fit. */
const WHOLE_PROBLEM = 384
const FIRST_WORKING_SET = 128
/** How far, relative to lambda, a correlation outside the working set may exceed lambda. */
const VIOLATION_TOLERANCE = 1e-9
const FALLBACK_ITERATIONS = 10_000

export interface LassoSolution {
  /** `[size]`. */
  readonly weights: Float64Array
  readonly certificate: LassoCertificate
  readonly method: 'homotopy' | 'projected-gradient'
  /** Segments walked, and iterations of the fallback where it ran. */
  readonly steps: number
}

/**
 * The mu-Lasso of one class, `min 1/2 ||X'w - l||^2 subject to ||w||_1 <= mu` (Oramas et al. 2019, section 3.1),
 * from its sufficient statistics. Exact up to rounding: homotopy on a working set, extended until no feature
 * outside violates the optimality conditions. Where rounding spoils the result (its certificate is not accepted),
 * projected gradient goes on from there. Throws VebiError('bad-argument') where the statistics do not fit together
 * or are not finite.
 */
export function solveLasso(problem: LassoProblem): LassoSolution {
  checkProblem(problem)
  const first = solveByHomotopy(problem, true)
  checkFinite(first.certificate)
  if (first.certificate.accepted) return first
  const second = solveByHomotopy(problem, false)
  const best = second.certificate.gap < first.certificate.gap ? second : first
  let steps = first.steps + second.steps
  if (best.certificate.accepted) return { ...best, steps }

  const fallback = projectedGradient(problem, best.weights, (ACCEPTED_GAP * problem.labelNorm) / 4, FALLBACK_ITERATIONS)
  const certificate = certify(problem, fallback.weights)
  steps += fallback.iterations
  if (certificate.gap >= best.certificate.gap) return { ...best, steps }
  return { weights: fallback.weights, certificate, method: 'projected-gradient', steps }
}

/** `warm`: go on from the last solution when the working set grows, rather than walk again from w = 0. */
function solveByHomotopy(problem: LassoProblem, warm: boolean): LassoSolution {
  const { gram, size, q, mu, nonnegative = false } = problem
  const candidates = usableCandidates(problem)
  let working = firstWorkingSet(candidates, q, nonnegative)
  const begin = (): Homotopy => new Homotopy({ gram, size, q, candidates: working, nonnegative })
  const descend = (): boolean => walk.descend({ mu, minLambda: 0, maxSteps: 20 * working.length + 200 }) === 'mu'
  let walk = begin()
  let binding = descend()
  let steps = 0
  for (;;) {
    const { indices, values, lambda } = walk.point()
    const weights = new Float64Array(size)
    indices.forEach((index, i) => (weights[index] = values[i]))
    pullInside(weights, mu)
    const product = multiplyGram(gram, size, weights)
    const extra = violators(problem, candidates, working, product, lambda)
    if (extra.length === 0) {
      const certificate = certify(problem, weights, product)
      return { weights, certificate, method: 'homotopy', steps: steps + walk.steps }
    }
    working = Int32Array.from([...working, ...extra])
    const correlations = Float64Array.from(extra, (k) => (q[k]) - (product[k]))
    if (warm && binding && mu > 0 && walk.admit(extra, correlations, mu, 20 * extra.length + 200)) continue
    steps += walk.steps
    walk = begin()
    binding = descend()
  }
}

/** The problems of all classes; fields as in `LassoProblem`. */
export interface LassoProblems extends Omit<LassoProblem, 'q' | 'labelNorm'> {
  /** `[classes, size]`, row-major. */
  readonly q: Float64Array
  /** `[classes]`. */
  readonly labelNorms: Float64Array
}

export interface SolveAllOptions {
  /** Called when a class is solved, in order; awaited, so that a caller can store it or let others run. */
  readonly onClass?: (classIndex: number, solution: LassoSolution) => void | Promise<void>
  /** Asked before each class; true ends with VebiError('cancelled'). */
  readonly shouldStop?: () => boolean
}

/** Solves one class after another on the same Gram matrix. */
export async function solveAll(problems: LassoProblems, options: SolveAllOptions = {}): Promise<LassoSolution[]> {
  const { q, labelNorms, ...common } = problems
  const { size } = problems
  if (q.length !== labelNorms.length * size) {
    throw new VebiError(
      'bad-argument',
      `The label sums hold ${q.length} values; ${labelNorms.length} classes of ${size} features need ` +
        `${labelNorms.length * size}.`,
    )
  }
  const solutions: LassoSolution[] = []
  for (let j = 0; j < labelNorms.length; j++) {
    if (options.shouldStop?.()) throw new VebiError('cancelled', 'Cancelled by the user.')
    const solution = solveLasso({
      ...common,
      q: q.subarray(j * size, (j + 1) * size),
      labelNorm: labelNorms[j],
    })
    solutions.push(solution)
    await options.onClass?.(j, solution)
  }
  return solutions
}

/** Throws VebiError('bad-argument') naming the first thing that is wrong with the sizes or the ranges. */
export function checkProblem(problem: Omit<LassoProblem, 'mu'> & { readonly mu?: number }): void {
  const { gram, size, q, labelNorm, mu, columns } = problem
  const refuse = (sentence: string): never => {
    throw new VebiError('bad-argument', sentence)
  }
  if (gram.length !== size * size) {
    refuse(`The Gram matrix holds ${gram.length} values; ${size} features need ${size * size}.`)
  }
  if (q.length !== size) refuse(`The label sums hold ${q.length} values; ${size} features need ${size}.`)
  if (!(labelNorm >= 0 && labelNorm < Infinity)) {
    refuse(`The squared norm of the labels is ${labelNorm}; it must be 0 or more.`)
  }
  if (mu !== undefined && !(mu >= 0 && mu < Infinity)) refuse(`mu is ${mu}; it must be a number that is 0 or more.`)
  for (let k = 0; k < size; k++) {
    if (Number.isFinite(q[k]) && Number.isFinite(gram[k * size + k])) continue
    refuse(`The statistics of feature ${k} are not finite.`)
  }
  if (columns === undefined) return
  const seen = new Uint8Array(size)
  for (const k of columns) {
    if (k < 0 || k >= size) refuse(`Feature ${k} does not exist: there are ${size}.`)
    if (seen[k] === 1) refuse(`Feature ${k} is listed twice.`)
    seen[k] = 1
  }
}

/** The features that may be non-zero and are not zero in every image. */
export function usableCandidates(problem: Pick<LassoProblem, 'gram' | 'size' | 'columns'>): Int32Array {
  const { gram, size, columns } = problem
  const all = columns ?? Int32Array.from({ length: size }, (_, k) => k)
  return all.filter((k) => (gram[k * size + k]) > 0)
}

function firstWorkingSet(candidates: Int32Array, q: Float64Array, nonnegative: boolean): Int32Array {
  if (candidates.length <= WHOLE_PROBLEM) return candidates
  const strength = (k: number): number => (nonnegative ? (q[k]) : Math.abs(q[k]))
  return strongest(candidates, strength, FIRST_WORKING_SET)
}

/** The worst violators of |g_k| <= lambda outside the working set, at most half as many as the set holds. */
function violators(
  problem: LassoProblem,
  candidates: Int32Array,
  working: Int32Array,
  product: Float64Array,
  lambda: number,
): Int32Array {
  if (working.length === candidates.length) return new Int32Array(0)
  const { q, size, nonnegative = false } = problem
  const inside = new Uint8Array(size)
  let scale = 0
  for (const k of working) inside[k] = 1
  for (const k of candidates) scale = Math.max(scale, Math.abs(q[k]))
  const limit = lambda + VIOLATION_TOLERANCE * Math.max(lambda, 1e-3 * scale)
  const excess = (k: number): number => {
    const correlation = (q[k]) - (product[k])
    return nonnegative ? correlation : Math.abs(correlation)
  }
  const outside = candidates.filter((k) => inside[k] === 0 && excess(k) > limit)
  return strongest(outside, excess, working.length >> 1)
}

function strongest(features: Int32Array, strength: (k: number) => number, count: number): Int32Array {
  if (features.length <= count) return features
  return features.slice().sort((a, b) => strength(b) - strength(a) || a - b).subarray(0, count)
}

/** Takes back the last bits by which rounding may leave the ball. */
function pullInside(weights: Float64Array, mu: number): void {
  let norm = 0
  for (const weight of weights) norm += Math.abs(weight)
  if (norm <= mu) return
  const factor = mu / norm
  for (let k = 0; k < weights.length; k++) weights[k] = (weights[k]) * factor
}

function checkFinite(certificate: LassoCertificate): void {
  if (Number.isFinite(certificate.gap) && Number.isFinite(certificate.objective)) return
  throw new VebiError('bad-argument', 'The Gram matrix holds values that are not finite.')
}
