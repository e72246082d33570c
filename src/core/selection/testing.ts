/** Problems and slow oracles for the tests of this folder: plain restatements of the definitions, on arrays of rows. */
import type { LassoProblem } from './certificate.ts'

export type Rows = readonly (readonly number[])[]

/** Uniform numbers in [0, 1) from a linear congruential generator. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** `X`: one row per feature, one column per image. */
export function problemOf(X: Rows, labels: readonly number[], mu: number, nonnegative = false): LassoProblem {
  const size = X.length
  const inner = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * (b[i]), 0)
  return {
    gram: Float64Array.from(X.flatMap((row) => X.map((other) => inner(row, other)))),
    size,
    q: Float64Array.from(X, (row) => inner(row, labels)),
    labelNorm: inner(labels, labels),
    mu,
    nonnegative,
  }
}

/** 1/2 ||X'w - l||^2, image by image. */
export function objectiveOf(X: Rows, labels: readonly number[], weights: Float64Array): number {
  return labels.reduce((sum, label, i) => {
    const prediction = X.reduce((part, row, k) => part + (row[i]) * (weights[k]), 0)
    return sum + (prediction - label) ** 2 / 2
  }, 0)
}

export function l1NormOf(weights: Float64Array): number {
  return weights.reduce((sum, value) => sum + Math.abs(value), 0)
}

/** Gaussian elimination with pivoting; undefined where the matrix is singular. */
export function solveDense(matrix: Rows, right: readonly number[]): number[] | undefined {
  const size = right.length
  const rows = matrix.map((row, i) => [...row, right[i]])
  const scale = Math.max(...matrix.flat().map(Math.abs))
  for (let c = 0; c < size; c++) {
    let pivot = c
    for (let r = c; r < size; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[pivot][c])) pivot = r
    if (!(Math.abs(rows[pivot][c]) > 1e-9 * scale)) return undefined
    ;[rows[c], rows[pivot]] = [rows[pivot], rows[c]]
    for (let r = 0; r < size; r++) {
      if (r === c) continue
      const factor = rows[r][c] / rows[c][c]
      for (let k = c; k <= size; k++) rows[r][k] -= factor * rows[c][k]
    }
  }
  return rows.map((row, i) => row[size] / row[i])
}

/**
 * The least objective by enumeration of all 3^size sign patterns (2^size where non-negative): for each the
 * stationary point inside the ball and the one on its face; the best that is feasible. An optimum with linearly
 * independent rows always exists, so singular patterns may be passed over.
 */
export function enumeratedOptimum(problem: LassoProblem): number {
  const { gram, size, q, labelNorm, mu, nonnegative = false } = problem
  let best = labelNorm / 2
  for (let code = 1; code < 3 ** size; code++) {
    const signs = Array.from({ length: size }, (_, k) => (Math.floor(code / 3 ** k) % 3) - 1)
    if (nonnegative && signs.includes(-1)) continue
    const active = signs.flatMap((sign, k) => (sign === 0 ? [] : [k]))
    const matrix = active.map((i) => active.map((j) => gram[i * size + j]))
    const inside = active.length === 0 ? undefined : solveDense(matrix, active.map((k) => q[k]))
    if (inside === undefined) continue
    const unit = solveDense(matrix, active.map((k) => signs[k]))!
    const along = (vector: number[]): number => vector.reduce((sum, value, i) => sum + value * signs[active[i]], 0)
    const lambda = (along(inside) - mu) / along(unit)
    for (const weights of [inside, inside.map((value, i) => value - lambda * unit[i])]) {
      const norm = weights.reduce((sum, value) => sum + Math.abs(value), 0)
      if (norm > mu * (1 + 1e-9) || (nonnegative && weights.some((value) => value < 0))) continue
      const quadratic = weights.reduce(
        (sum, value, i) => sum + value * weights.reduce((part, other, j) => part + matrix[i][j] * other, 0),
        0,
      )
      const linear = weights.reduce((sum, value, i) => sum + value * q[active[i]], 0)
      best = Math.min(best, quadratic / 2 - linear + labelNorm / 2)
    }
  }
  return best
}

/** Random rows; `degenerate` makes them small integers with duplicates, opposites, sums and zero rows among them. */
export function randomRows(random: () => number, features: number, images: number, degenerate: boolean): number[][] {
  const entry = degenerate ? () => Math.floor(random() * 3) : () => Math.max(0, random() - 0.4)
  const rows = Array.from({ length: features }, () => Array.from({ length: images }, entry))
  if (!degenerate) return rows
  const pick = (): number => Math.floor(random() * features)
  for (let d = 0; d < features / 3; d++) {
    const source = rows[pick()]
    const other = rows[pick()]
    const kind = random()
    rows[pick()] = source.map((value, i) => {
      if (kind < 0.5) return value
      if (kind < 0.65) return -value
      if (kind < 0.85) return value + other[i]
      return 0
    })
  }
  return rows
}
