import { bootstrapMean, type Interval } from '../../../core/bootstrap.ts'
import {
  rankCorrelation,
  ranks,
  similarityOf,
  windowStatistics,
  type WindowStatistics,
} from '../../../core/similarity.ts'

/** A map that others are compared with: what the comparisons need of it is worked out once. */
export interface ComparedMap {
  readonly ranks: Float64Array
  /** Null for maps smaller than the window of the structural similarity. */
  readonly windows: WindowStatistics | null
}

/** Least side of a map for the structural similarity. */
const WINDOW = 11

export function comparedMap(map: ArrayLike<number>, height: number, width: number): ComparedMap {
  const windows = Math.min(height, width) >= WINDOW ? windowStatistics(map, height, width) : null
  return { ranks: ranks(map), windows }
}

/** Rank correlation and structural similarity; NaN where one is not defined. */
export function alikeness(first: ComparedMap, second: ComparedMap): readonly [spearman: number, structural: number] {
  return [
    rankCorrelation(first.ranks, second.ranks),
    first.windows && second.windows ? similarityOf(first.windows, second.windows) : NaN,
  ]
}

/** The two measures as they stand in tables and charts. */
export const MEASURES = [
  { id: 'spearman', name: 'Spearman rank correlation' },
  { id: 'ssim', name: 'Structural similarity (SSIM)' },
] as const

/** Heatmaps that are more alike than this, by rank, hardly depend on what was changed. */
export const ALIKE = 0.5

/** Mean over the values that are defined; null where none is. */
export function definedMean(values: Float64Array, seed: number): Interval | null {
  const defined = values.filter((value) => !Number.isNaN(value))
  return defined.length > 0 ? bootstrapMean(defined, { seed }) : null
}
