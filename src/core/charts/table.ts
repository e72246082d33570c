/** What a chart draws, for its CSV file. A cell that does not apply is null. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

export type Cell = string | number | null
