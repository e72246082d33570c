import { describe, expect, it } from 'vitest'
import { nextSort, sortedRows, type TableColumn } from './table-rows.ts'

interface Row {
  readonly name: string
  readonly loss: number | null
}

const COLUMNS: readonly TableColumn<Row>[] = [
  { key: 'name', title: 'Class', width: 100, value: ({ name }) => name, largestFirst: false },
  { key: 'loss', title: 'Loss', width: 100, value: ({ loss }) => loss },
  { key: 'plain', title: 'Plain', width: 100 },
]
const ROWS: readonly Row[] = [
  { name: 'class 10', loss: 0.5 },
  { name: 'class 2', loss: null },
  { name: 'class 1', loss: -0.25 },
  { name: 'class 3', loss: 0.5 },
]
const names = (key: string, descending: boolean): string[] =>
  sortedRows(ROWS, COLUMNS, { key, descending }).map(({ name }) => name)

describe('rows', () => {
  it('are sorted by number, equal ones in their order and those without a value last', () => {
    expect(names('loss', true)).toEqual(['class 10', 'class 3', 'class 1', 'class 2'])
    expect(names('loss', false)).toEqual(['class 1', 'class 10', 'class 3', 'class 2'])
  })

  it('are sorted by name as people count', () => {
    expect(names('name', false)).toEqual(['class 1', 'class 2', 'class 3', 'class 10'])
  })

  it('stay as they are without a sort, or by a column that has none', () => {
    expect(sortedRows(ROWS, COLUMNS, null)).toBe(ROWS)
    expect(sortedRows(ROWS, COLUMNS, { key: 'plain', descending: true })).toBe(ROWS)
  })
})

describe('a click on a header', () => {
  it('begins with the direction of the column and then turns', () => {
    const first = nextSort(COLUMNS[1], null)
    expect(first).toEqual({ key: 'loss', descending: true })
    expect(nextSort(COLUMNS[1], first)).toEqual({ key: 'loss', descending: false })
    expect(nextSort(COLUMNS[0], first)).toEqual({ key: 'name', descending: false })
  })
})
