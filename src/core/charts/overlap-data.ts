import type { FeatureName, SelectionMatrix } from '../../shared/results.ts'

/** Numbers of features that one of two selections has, or both. */
export interface Overlap {
  readonly onlyFirst: number
  readonly both: number
  readonly onlySecond: number
}

/**
 * Features of two selections of one network: those of any class, and those of each class `[C]`. A feature is the same
 * where layer and channel are: layer sets of other responses number their columns differently.
 */
export function overlapOf(first: SelectionMatrix, second: SelectionMatrix): { any: Overlap; perClass: Overlap[] } {
  const [one, other] = [first, second].map(({ features }) => features.map(placeOf))
  const classes = Math.min(first.starts.length, second.starts.length) - 1
  const perClass = Array.from({ length: classes }, (_, j) => count(ofClass(first, one, j), ofClass(second, other, j)))
  return { any: count(one, other), perClass }
}

/** Shared features among those of either, 0..1 (Jaccard's index); null where there are none. */
export function likeness({ onlyFirst, both, onlySecond }: Overlap): number | null {
  const all = onlyFirst + both + onlySecond
  return all === 0 ? null : both / all
}

function placeOf({ layerNumber, channel }: FeatureName): string {
  return `${layerNumber}/${channel}`
}

function ofClass({ starts, columns }: SelectionMatrix, places: readonly string[], classIndex: number): string[] {
  return Array.from(columns.subarray(starts[classIndex], starts[classIndex + 1]), (column) => places[column] ?? '')
}

function count(first: readonly string[], second: readonly string[]): Overlap {
  const known = new Set(first)
  let both = 0
  for (const place of second) if (known.has(place)) both++
  return { onlyFirst: first.length - both, both, onlySecond: second.length - both }
}
