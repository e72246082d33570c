/** What a report says, before it is written as a page. Texts are plain; the writer escapes them. */
export interface Report {
  readonly title: string
  /** One line each, below the title. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly sections: readonly ReportSection[]
}

export interface ReportSection {
  /** Letters, digits and `-`; unique in the report. */
  readonly id: string
  readonly title: string
  readonly parts: readonly ReportPart[]
}

export type ReportPart =
  | { readonly kind: 'heading'; readonly id: string; readonly title: string }
  /** `lead`: what came out; `missing`: what is not computed, and how it is. */
  | { readonly kind: 'text'; readonly tone: 'plain' | 'lead' | 'missing' | 'warning'; readonly text: string }
  | { readonly kind: 'verdict'; readonly verdict: 'for' | 'against' | 'open'; readonly text: string }
  | { readonly kind: 'list'; readonly title: string; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [name: string, value: string])[] }
  | ReportTable
  /** `svg`: a whole figure; `caption`: sentences below it. */
  | { readonly kind: 'figure'; readonly svg: string; readonly caption: string }

export interface ReportTable {
  readonly kind: 'table'
  readonly title: string
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[]
  readonly rows: readonly (readonly string[])[]
  /** Rows that are left out. */
  readonly left: number
  /** The whole table as a file, which a reader on a screen can save; null where all of it is shown. */
  readonly csv: { readonly name: string; readonly text: string } | null
}
