import { VebiError } from '../../shared/errors.ts'
import type { LassoProblem } from './certificate.ts'
import { lassoPath, type Breakpoint, type LassoPath, type PathOptions } from './path.ts'
import { addCombination } from './vector.ts'

/** A problem whose Gram matrix stays where it is. */
export type ProblemByRows = Omit<LassoProblem, 'mu' | 'gram'>

/** Rows of G, `[size]` each, in the order of `features`. */
export type ReadRows = (features: readonly number[]) => Promise<readonly Float64Array[]>

const FIRST_WORKING_SET = 48
/** How far, relative to the largest |q|, a correlation outside the working set may exceed lambda. */
const VIOLATION_TOLERANCE = 1e-10

export interface PathByRowsOptions extends PathOptions {
  /** Features that the first path runs over. */
  readonly firstWorkingSet?: number
  /** Called between two pieces of work, so that others get their turn. */
  readonly pause?: () => Promise<void>
}

/**
 * `lassoPath` for a Gram matrix that is too large to be at hand: reads the rows of a working set alone, which grows
 * until no feature outside violates |q - G w| <= lambda at any breakpoint. Weights and lambda are linear between two
 * breakpoints, so that the conditions then hold all along and the path is that of the whole problem, up to rounding.
 * Throws VebiError('bad-argument') where the statistics do not fit together or are not finite.
 */
export async function lassoPathByRows(
  problem: ProblemByRows,
  readRows: ReadRows,
  options: PathByRowsOptions = {},
): Promise<LassoPath> {
  const { firstWorkingSet = FIRST_WORKING_SET, pause } = options
  const { q, size, labelNorm, nonnegative = false } = problem
  checkSums(q, size)
  const candidates = problem.columns ?? Int32Array.from({ length: size }, (_, k) => k)
  const strength = (value: number): number => (nonnegative ? value : Math.abs(value))
  const scale = candidates.reduce((most, k) => Math.max(most, Math.abs(q[k])), 0)
  const started = candidates.filter((k) => strength(q[k]) > 0)
  let working = strongest(started, (k) => strength(q[k]), firstWorkingSet)
  for (;;) {
    const rows = await readRows([...working])
    const path = lassoPath({ ...restricted(q, rows, working), labelNorm, nonnegative }, options)
    const rowOf = new Map(Array.from(working, (k, i) => [k, rows[i]]))
    const breakpoints = path.breakpoints.map((point): Breakpoint => ({
      ...point,
      indices: point.indices.map((i) => working[i]),
    }))
    const outside = candidates.filter((k) => !rowOf.has(k))
    const excess = new Float64Array(size)
    for (const { indices, values, lambda } of breakpoints) {
      const product = new Float64Array(size)
      addCombination(Array.from(indices, (k) => rowOf.get(k)!), values, indices.length, product)
      const limit = lambda + VIOLATION_TOLERANCE * scale
      for (const k of outside) excess[k] = Math.max(excess[k], strength(q[k] - product[k]) - limit)
      await pause?.()
    }
    const violators = outside.filter((k) => excess[k] > 0)
    if (violators.length === 0) return { size, breakpoints, complete: path.complete }
    const added = strongest(violators, (k) => excess[k], Math.max(1, working.length >> 1))
    working = Int32Array.from([...working, ...added])
  }
}

function restricted(
  q: Float64Array,
  rows: readonly Float64Array[],
  working: Int32Array,
): Pick<LassoProblem, 'gram' | 'size' | 'q'> {
  const size = working.length
  const gram = new Float64Array(size * size)
  rows.forEach((row, i) => working.forEach((k, p) => (gram[i * size + p] = row[k])))
  return { gram, size, q: Float64Array.from(working, (k) => q[k]) }
}

function strongest(features: Int32Array, strength: (k: number) => number, count: number): Int32Array {
  return features.slice().sort((a, b) => strength(b) - strength(a) || a - b).subarray(0, count)
}

function checkSums(q: Float64Array, size: number): void {
  if (q.length !== size) {
    throw new VebiError('bad-argument', `The label sums hold ${q.length} values; ${size} features need ${size}.`)
  }
  const bad = q.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new VebiError('bad-argument', `The statistics of feature ${bad} are not finite.`)
}
