import type { Interval, Intervals } from '../../../core/bootstrap.ts'
import type { CheckTable } from '../../../shared/checks.ts'

/** Columns that several checks have in their tables. */

type Column = CheckTable['columns'][number]
export type Cell = string | number | null

export function text(id: string, title: string): Column {
  return { id, title, decimals: null }
}

export function numeric(id: string, title: string, decimals = 3): Column {
  return { id, title, decimals }
}

/** A value and the ends of its 95 % interval. */
export function withEnds(id: string, title: string, decimals = 3): Column[] {
  return [
    numeric(id, title, decimals),
    numeric(`${id}_low`, '95 % from', decimals),
    numeric(`${id}_high`, 'to', decimals),
  ]
}

/** Value and ends of one column of bootstrap means. */
export function ends({ value, low, high }: Intervals, column: number): [number, number, number] {
  return [value[column], low[column], high[column]]
}

export const NO_ENDS: readonly [null, null, null] = [null, null, null]

/** Rows of chosen columns of a matrix, `[rows, columns]` row-major. */
export function rowsWhere(
  matrix: Float64Array,
  columns: number,
  keep: (row: number) => boolean,
): Float64Array {
  const kept = Array.from({ length: matrix.length / columns }, (_, row) => row).filter(keep)
  const result = new Float64Array(kept.length * columns)
  kept.forEach((row, i) => result.set(matrix.subarray(row * columns, (row + 1) * columns), i * columns))
  return result
}

/** `[images, kinds]`: the value of one kind minus that of each. */
export function differencesTo(values: Float64Array, kinds: number, kind: number): Float64Array {
  return values.map((value, i) => values[i - (i % kinds) + kind] - value)
}

/** One column of bootstrap means. */
export function intervalOf({ value, low, high }: Intervals, column: number): Interval {
  return { value: value[column], low: low[column], high: high[column] }
}
