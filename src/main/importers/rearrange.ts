/** An array over values that lie row-major in another order of the axes; see `StoredValues`. */
interface View {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
}

/**
 * How values of a row-major source move to a row-major target that has the axes in another order. The source is a
 * list of rows; value `column` of row `row` goes to `rowTarget(row) + columns[column]`.
 */
export interface Rearrangement {
  readonly rowLength: number
  readonly rowCount: number
  /** Where a row's first value goes. */
  readonly rowTarget: (row: number) => number
  readonly columns: Int32Array
  /** Each run of so many rows lies side by side in the target: a row goes one value behind the one before. */
  readonly neighbours: number
}

/** Longer rows are made of the last axis alone. */
const LONGEST_ROW = 2 ** 20
/** Neighbours that are moved one part after another, so that each page of the target is met seldom. */
const ROWS_AT_ONCE = 256
/** Neighbours whose values are moved together, which takes a third of the time of one row after the other. */
export const ROWS_TOGETHER = 8
/** Values of a row that are moved together, so that source and target stay in the cache meanwhile. */
const COLUMNS_AT_ONCE = 256

/** Null where the values have the wanted order already. */
export function rearrangementOf({ sizes, strides }: View): Rearrangement | null {
  const axes = sizes.map((size, axis) => ({ size, source: strides[axis], target: product(sizes.slice(axis + 1)) }))
  const long = axes.filter(({ size }) => size !== 1)
  if (long.every(({ source, target }) => source === target)) return null
  const bySource = long.toSorted((left, right) => right.source - left.source)
  const last = bySource.length - 1
  const lengthFrom = (axis: number): number => product(bySource.slice(axis).map(({ size }) => size))
  // Where another axis than the source's last becomes the target's last, its members are neighbouring rows.
  const outermost = (bySource.findIndex(({ target }) => target === 1) + 1) % bySource.length
  let first = last
  while (first > outermost && lengthFrom(first - 1) <= LONGEST_ROW) first--
  const outer = bySource.slice(0, first)
  const inner = bySource.slice(first)
  const columns = new Int32Array(lengthFrom(first))
  for (let column = 0; column < columns.length; column++) columns[column] = targetOf(column, inner)
  return {
    rowLength: columns.length,
    rowCount: product(outer.map(({ size }) => size)),
    rowTarget: (row) => targetOf(row, outer),
    columns,
    neighbours: outer.at(-1)?.target === 1 ? outer.at(-1)!.size : 1,
  }
}

/** Moves the rows of `source`, the first of which is `firstRow`, to their places in `target`. */
export function moveRows(
  { rowLength, rowTarget, columns, neighbours }: Rearrangement,
  source: Float32Array,
  firstRow: number,
  target: Float32Array,
): void {
  const rows = source.length / rowLength
  for (let row = 0; row < rows;) {
    const untilNext = neighbours - ((firstRow + row) % neighbours)
    const height = Math.min(ROWS_AT_ONCE, untilNext, rows - row)
    moveNeighbours(source, row * rowLength, height, columns, target, rowTarget(firstRow + row))
    row += height
  }
}

/** Moves rows that begin at `from` and lie side by side from `to` on. */
function moveNeighbours(
  source: Float32Array,
  from: number,
  height: number,
  columns: Int32Array,
  target: Float32Array,
  to: number,
): void {
  const { length } = columns
  const [two, three, four, five, six, seven] = [2, 3, 4, 5, 6, 7].map((lines) => lines * length)
  for (let left = 0; left < length; left += COLUMNS_AT_ONCE) {
    const right = Math.min(left + COLUMNS_AT_ONCE, length)
    let line = 0
    for (; line + ROWS_TOGETHER <= height; line += ROWS_TOGETHER) {
      const start = from + line * length
      for (let column = left; column < right; column++) {
        const at = start + column
        const place = to + line + columns[column]
        target[place] = source[at]
        target[place + 1] = source[at + length]
        target[place + 2] = source[at + two]
        target[place + 3] = source[at + three]
        target[place + 4] = source[at + four]
        target[place + 5] = source[at + five]
        target[place + 6] = source[at + six]
        target[place + 7] = source[at + seven]
      }
    }
    for (; line < height; line++) {
      const start = from + line * length
      for (let column = left; column < right; column++) target[to + line + columns[column]] = source[start + column]
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
