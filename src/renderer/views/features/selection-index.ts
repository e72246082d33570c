import type { FeatureName, SelectionMatrix } from '../../../shared/results.ts'

/** A feature with the classes it is relevant to. */
export interface IndexedFeature extends FeatureName {
  /** Ascending; never empty. */
  readonly classes: readonly number[]
  /** In the order of `classes`; none is zero. */
  readonly weights: readonly number[]
  /** Of largest magnitude. */
  readonly weight: number
}

export interface SelectionIndex {
  /** In the order of the matrix. */
  readonly features: readonly IndexedFeature[]
  readonly byFeature: ReadonlyMap<number, IndexedFeature>
}

/** The non-zeros of a selection by feature. */
export function indexSelection({ features, starts, columns, weights }: SelectionMatrix): SelectionIndex {
  const found = features.map(() => ({ classes: [] as number[], weights: [] as number[], weight: 0 }))
  for (let j = 0; j + 1 < starts.length; j++) {
    for (let at = starts[j]; at < starts[j + 1]; at++) {
      const entry = found[columns[at]]
      const weight = weights[at]
      entry.classes.push(j)
      entry.weights.push(weight)
      if (Math.abs(weight) > Math.abs(entry.weight)) entry.weight = weight
    }
  }
  const indexed = features.map((name, i): IndexedFeature => ({ ...name, ...found[i] }))
  return { features: indexed, byFeature: new Map(indexed.map((each) => [each.feature, each])) }
}
