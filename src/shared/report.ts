import type { AnalysisOptions } from './analysis.ts'
import type { CheckSpec } from './checks.ts'

/** Everything that is stored of one analysis, as one page. */
export interface ReportSpec {
  /** Absolute path of the page; a file of that name is replaced. */
  readonly file: string
  readonly options: AnalysisOptions
  /** Those that the report looks for, in its order; one that is not stored is named as not computed. */
  readonly checks: readonly CheckSpec[]
}

/** Checks that one report looks for. */
export const MOST_REPORT_CHECKS = 100

export interface ReportResult {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly figures: number
  /** What is named in it as not computed. */
  readonly missing: readonly string[]
}
