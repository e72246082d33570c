import type { FigureExportSpec } from './figures.ts'
import type { ExplanationSpec, JobProgress, JobSpecs, JobState } from './jobs.ts'
import type { ReportSpec } from './report.ts'

/** Long work, and the jobs that do it. */

/** The kinds of long work that can be started over the contract. */
export interface WorkSpecs extends JobSpecs {
  /** Probabilities of all classes for every test image. */
  predictions: Readonly<Record<never, never>>
  /** Adds every image of a folder and explains its predicted class. */
  'folder-explanation': FolderExplanationSpec
  /** Writes figures of the project with their manifest. */
  figures: FigureExportSpec
  /** Writes all that is stored of an analysis as one page. */
  report: ReportSpec
}

export interface FolderExplanationSpec {
  /** Absolute path. */
  readonly folder: string
  readonly explanation: Omit<ExplanationSpec, 'images'>
}

export type WorkKind = keyof WorkSpecs

/** A kind of work with what it is told. */
export type Work = { [Kind in WorkKind]: { readonly kind: Kind; readonly spec: WorkSpecs[Kind] } }[WorkKind]

export interface JobInfo {
  readonly id: number
  readonly kind: string
  /** As given when it was started. */
  readonly spec: unknown
  readonly state: JobState
  /** The latest report; null before the first. */
  readonly progress: JobProgress | null
  /** Why it ended; empty before, and where it finished. */
  readonly message: string
  /** Milliseconds since 1970, like the two below. */
  readonly queuedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
}
