import type { ClassResponses } from '../../../shared/results.ts'
import type { IndexedFeature } from './selection-index.ts'

/** A class beside one feature: how the feature responds to its images, and its weight for it. */
export interface ClassRow {
  readonly classIndex: number
  readonly name: string
  /** 0 where the feature is not relevant to the class. */
  readonly weight: number
  /** Null where the class has no training images, or as long as they are not known. */
  readonly responses: ClassResponses | null
}

export const ROW_ORDERS = [
  { value: 'weight', label: 'Weight' },
  { value: 'response', label: 'Median response' },
  { value: 'class', label: 'Class' },
] as const
export type RowOrder = (typeof ROW_ORDERS)[number]['value']

export function classRows(
  classes: readonly string[],
  responses: readonly ClassResponses[],
  relevant: Pick<IndexedFeature, 'classes' | 'weights'> | null,
): ClassRow[] {
  const byClass = new Map(responses.map((each) => [each.classIndex, each]))
  const weights = new Map(relevant?.classes.map((classIndex, i) => [classIndex, relevant.weights[i]]))
  return classes.map((name, classIndex) => ({
    classIndex,
    name,
    weight: weights.get(classIndex) ?? 0,
    responses: byClass.get(classIndex) ?? null,
  }))
}

/** Rows whose number or name contains the text, in order; equal weights by median response, other ties by class. */
export function arrangeRows(
  rows: readonly ClassRow[],
  { text, relevantOnly, order }: { text: string; relevantOnly: boolean; order: RowOrder },
): ClassRow[] {
  const wanted = text.trim().toLowerCase()
  const matches = ({ classIndex, name }: ClassRow): boolean => `${classIndex} ${name}`.toLowerCase().includes(wanted)
  const median = (row: ClassRow): number => row.responses?.quantiles[2] ?? -Infinity
  return rows
    .filter((row) => matches(row) && (!relevantOnly || row.weight !== 0))
    .sort((a, b) => {
      const byWeight = order === 'weight' ? Math.abs(b.weight) - Math.abs(a.weight) : 0
      // Medians may both be minus infinity, whose difference is no number.
      const byResponse = order === 'class' ? 0 : Number(median(b) > median(a)) - Number(median(b) < median(a))
      return byWeight || byResponse || a.classIndex - b.classIndex
    })
}

/** Upper end of the axis of all rows: the largest of the quantiles that are drawn; 1 where nothing responds. */
export function responseScale(rows: readonly ClassRow[]): number {
  const largest = rows.reduce((top, { responses }) => Math.max(top, responses?.quantiles[4] ?? 0), 0)
  return largest > 0 ? largest : 1
}

/** Largest magnitude of a weight; 1 where the feature is relevant to no class. */
export function weightScale(rows: readonly ClassRow[]): number {
  return rows.reduce((top, { weight }) => Math.max(top, Math.abs(weight)), 0) || 1
}
