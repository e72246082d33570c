import { expect, test } from 'vitest'
import { randomIndex, randomStream, shuffledIndexes } from '../../core/random.ts'
import { moveRows, rearranged, rearrangementOf } from './rearrange.ts'

/** The definition: value [i, j, ...] of the array is the stored value at i * strides[0] + j * strides[1] + ... */
function plain(values: Float32Array, sizes: readonly number[], strides: readonly number[]): Float32Array {
  const result: number[] = []
  const visit = (axis: number, place: number): void => {
    if (axis === sizes.length) result.push(values[place])
    else for (let index = 0; index < sizes[axis]; index++) visit(axis + 1, place + index * strides[axis])
  }
  visit(0, 0)
  return Float32Array.from(result)
}

const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => index + 1)

test('values in another order of the axes are those of the definition, for 200 random shapes and orders', () => {
  const random = randomStream(3)
  for (let round = 0; round < 200; round++) {
    const rank = 1 + randomIndex(random, 5)
    const stored = Array.from({ length: rank }, () => 1 + randomIndex(random, 6))
    const apart = stored.map((_, axis) => stored.slice(axis + 1).reduce((product, size) => product * size, 1))
    const order = [...shuffledIndexes(rank, round)]
    const [sizes, strides] = [order.map((axis) => stored[axis]), order.map((axis) => apart[axis])]
    const values = counted(stored.reduce((product, size) => product * size, 1))
    expect(rearranged(values, { sizes, strides })).toEqual(plain(values, sizes, strides))
  }
})

test('so are more rows and columns than are moved at once, in blocks of rows', () => {
  const [rows, columns] = [700, 333]
  const values = counted(rows * columns)
  const view = { sizes: [columns, rows], strides: [1, columns] }
  const rearrangement = rearrangementOf(view)!
  const target = new Float32Array(values.length)
  const perBlock = rearrangement.rowLength * 3
  for (let start = 0; start < values.length; start += perBlock) {
    moveRows(rearrangement, values.subarray(start, start + perBlock), start / rearrangement.rowLength, target)
  }
  expect(target).toEqual(plain(values, view.sizes, view.strides))
})

test('so are neighbours that come in runs, which blocks of rows cut', () => {
  // Stored [2, 2, 13, 5, 7]: the third axis becomes the last, so that runs of 13 rows lie side by side.
  const sizes = [5, 2, 7, 2, 13]
  const strides = [7, 910, 1, 455, 35]
  const values = counted(2 * 2 * 13 * 5 * 7)
  const rearrangement = rearrangementOf({ sizes, strides })!
  expect(rearrangement).toMatchObject({ rowLength: 35, rowCount: 52, neighbours: 13 })
  for (const rows of [1, 9, 20, 52]) {
    const target = new Float32Array(values.length)
    for (let row = 0; row < 52; row += rows) {
      moveRows(rearrangement, values.subarray(row * 35, (row + rows) * 35), row, target)
    }
    expect(target).toEqual(plain(values, sizes, strides))
  }
})

test('values that have the order already are not touched', () => {
  const values = counted(24)
  expect(rearranged(values, { sizes: [2, 1, 3, 4], strides: [12, 12, 4, 1] })).toBe(values)
})
