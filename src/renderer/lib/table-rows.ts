/** How a table is sorted. */
export interface TableSort {
  readonly key: string
  readonly descending: boolean
}

export interface TableColumn<Row> {
  readonly key: string
  readonly title: string
  /** CSS pixels; the least where `grow` is above 0. */
  readonly width: number
  /** Share of the room that is left. */
  readonly grow?: number
  readonly align?: 'left' | 'right'
  /** Told to screen readers alone, for a column of boxes or buttons. */
  readonly titleHidden?: boolean
  /** What the header explains when the pointer rests on it. */
  readonly hint?: string
  /** Text of the cell, where it has no slot. */
  readonly text?: (row: Row) => string
  /** What is sorted by; absent: the column cannot be sorted. */
  readonly value?: (row: Row) => number | string | null
  /** Where the first click on the header sorts from the largest down; true where left out. */
  readonly largestFirst?: boolean
}

/** The rows in the order of `sort`; equal ones keep theirs, and those without a value come last. */
export function sortedRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  sort: TableSort | null,
): readonly Row[] {
  const value = columns.find(({ key }) => key === sort?.key)?.value
  if (!sort || !value) return rows
  const keyed = rows.map((row) => ({ row, at: value(row) }))
  const direction = sort.descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.at === null || b.at === null) return Number(a.at === null) - Number(b.at === null)
    if (typeof a.at === 'number' && typeof b.at === 'number') return direction * (a.at - b.at)
    return direction * String(a.at).localeCompare(String(b.at), 'en', { numeric: true })
  })
  return keyed.map(({ row }) => row)
}

/** What a click on a header leads to: the other direction, or the column's own first one. */
export function nextSort<Row>(column: TableColumn<Row>, sort: TableSort | null): TableSort {
  const first = column.largestFirst ?? true
  return { key: column.key, descending: sort?.key === column.key ? !sort.descending : first }
}
