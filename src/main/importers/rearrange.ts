/** An array over values that lie row-major in another order of the axes; see `StoredValues`. */
interface View {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
}

/**
 * How values of a row-major source move to a row-major target that has the axes in another order. The source is a
 * list of rows; value `column` of row `row` goes to `rows(row) + columns[column]`.
 */
export interface Rearrangement {
  readonly rowLength: number
  readonly rowCount: number
  /** Where a row's first value goes. */
  readonly rowTarget: (row: number) => number
  readonly columns: Int32Array
}

/** Longer rows are made of the last axis alone. */
const LONGEST_ROW = 2 ** 20
/** Rows that are moved together: they often lie side by side in the target, so that each page there is met seldom. */
const ROWS_AT_ONCE = 256
/** Values of a row that are moved together, so that source and target stay in the cache meanwhile. */
const COLUMNS_AT_ONCE = 32

/** Null where the values have the wanted order already. */
export function rearrangementOf({ sizes, strides }: View): Rearrangement | null {
  const axes = sizes.map((size, axis) => ({ size, source: strides[axis], target: product(sizes.slice(axis + 1)) }))
  const long = axes.filter(({ size }) => size !== 1)
  if (long.every(({ source, target }) => source === target)) return null
  const bySource = long.toSorted((left, right) => right.source - left.source)
  let first = bySource.length - 1
  while (first > 0 && product(bySource.slice(first - 1).map(({ size }) => size)) <= LONGEST_ROW) first--
  const outer = bySource.slice(0, first)
  const inner = bySource.slice(first)
  const columns = new Int32Array(product(inner.map(({ size }) => size)))
  for (let column = 0; column < columns.length; column++) columns[column] = targetOf(column, inner)
  return {
    rowLength: columns.length,
    rowCount: product(outer.map(({ size }) => size)),
    rowTarget: (row) => targetOf(row, outer),
    columns,
  }
}

/** Moves the rows of `source`, the first of which is `firstRow`, to their places in `target`. */
export function moveRows(
  { rowLength, rowTarget, columns }: Rearrangement,
  source: Float32Array,
  firstRow: number,
  target: Float32Array,
): void {
  const rows = source.length / rowLength
  const starts = new Int32Array(ROWS_AT_ONCE)
  for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
    const height = Math.min(ROWS_AT_ONCE, rows - row)
    for (let line = 0; line < height; line++) starts[line] = rowTarget(firstRow + row + line)
    // A third faster for what is most of a model: matrices and kernels whose outputs become the last axis.
    let sideBySide = true
    for (let line = 1; line < height; line++) sideBySide = sideBySide && starts[line] === starts[0] + line
    for (let left = 0; left < rowLength; left += COLUMNS_AT_ONCE) {
      const right = Math.min(left + COLUMNS_AT_ONCE, rowLength)
      for (let column = left; column < right; column++) {
        const place = columns[column]
        let from = row * rowLength + column
        if (sideBySide) {
          const to = starts[0] + place
          for (let line = 0; line < height; line++, from += rowLength) target[to + line] = source[from]
        } else {
          for (let line = 0; line < height; line++, from += rowLength) target[starts[line] + place] = source[from]
        }
      }
    }
  }
}

/** All values in the wanted order; the same object where they have it. */
export function rearranged(values: Float32Array, view: View): Float32Array {
  const rearrangement = rearrangementOf(view)
  if (!rearrangement) return values
  const target = new Float32Array(values.length)
  moveRows(rearrangement, values, 0, target)
  return target
}

/** `axes` slowest first. */
function targetOf(index: number, axes: readonly { readonly size: number; readonly target: number }[]): number {
  let target = 0
  let rest = index
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    target += (rest % axes[axis].size) * axes[axis].target
    rest = Math.floor(rest / axes[axis].size)
  }
  return target
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1)
}
