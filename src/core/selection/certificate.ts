import { addCombination } from './vector.ts'

/** A gap below this part of f(0) = b / 2 is accepted as solved (method, section 2). */
export const ACCEPTED_GAP = 1e-6

/** The sufficient statistics of one class and the problem posed on them. */
export interface LassoProblem {
  /** G = X X', `[size, size]`, row-major, symmetric (both triangles filled). */
  readonly gram: Float64Array
  readonly size: number
  /** q = X l, `[size]`. */
  readonly q: Float64Array
  /** b = l' l. */
  readonly labelNorm: number
  /** Bound on `||w||_1`, at least 0. */
  readonly mu: number
  /** Adds `w >= 0`. */
  readonly nonnegative?: boolean
  /** Features that may be non-zero (distinct indexes into G); all of them where absent. */
  readonly columns?: Int32Array
}

/** How good a solution is, whoever computed it. */
export interface LassoCertificate {
  /** f(w) = 1/2 ||X'w - l||^2. */
  readonly objective: number
  /** Upper bound on f(w) - f*: `w'g + mu ||g||_inf`, with `g = G w - q`. */
  readonly gap: number
  /** gap / f(w); 0 where the gap is 0, and where f(w) alone is 0 the largest number (JSON has no Infinity). */
  readonly relativeGap: number
  /** Whether gap <= 1e-6 b / 2. */
  readonly accepted: boolean
  readonly l1Norm: number
  /** ||g||_inf; with `nonnegative` the largest of 0 and -g_k. */
  readonly lambda: number
  readonly nonZeros: number
}

/** G w, `[size]`, reading only the rows where w is not zero. */
export function multiplyGram(gram: Float64Array, size: number, weights: Float64Array): Float64Array {
  const rows: Float64Array[] = []
  const factors: number[] = []
  for (let k = 0; k < size; k++) {
    if (weights[k] === 0) continue
    rows.push(gram.subarray(k * size, (k + 1) * size))
    factors.push(weights[k])
  }
  const product = new Float64Array(size)
  addCombination(rows, Float64Array.from(factors), rows.length, product)
  return product
}

/**
 * Duality-gap certificate of `weights` (`[size]`) for the problem restricted to its columns (method, section 2).
 * `product` is G w where the caller has it already.
 */
export function certify(
  problem: LassoProblem,
  weights: Float64Array,
  product = multiplyGram(problem.gram, problem.size, weights),
): LassoCertificate {
  return certifyProduct(problem, weights, product)
}

/** As `certify`, where the caller has `product`, G w, and needs no Gram matrix for it. */
export function certifyProduct(
  problem: Omit<LassoProblem, 'gram'>,
  weights: Float64Array,
  product: Float64Array,
): LassoCertificate {
  const { q, labelNorm, mu, nonnegative = false, columns, size } = problem
  let alongGradient = 0
  let alongQ = 0
  let l1Norm = 0
  let lambda = 0
  let nonZeros = 0
  for (let i = 0; i < (columns?.length ?? size); i++) {
    const k = columns === undefined ? i : (columns[i])
    const gradient = (product[k]) - (q[k])
    const weight = weights[k]
    lambda = Math.max(lambda, nonnegative ? -gradient : Math.abs(gradient))
    if (weight === 0) continue
    alongGradient += weight * gradient
    alongQ += weight * (q[k])
    l1Norm += Math.abs(weight)
    nonZeros++
  }
  const objective = Math.max(0, labelNorm / 2 + (alongGradient - alongQ) / 2)
  const gap = Math.max(0, alongGradient + mu * lambda)
  return {
    objective,
    gap,
    relativeGap: gap === 0 ? 0 : Math.min(Number.MAX_VALUE, gap / objective),
    accepted: gap <= (ACCEPTED_GAP * labelNorm) / 2,
    l1Norm,
    lambda,
    nonZeros,
  }
}
