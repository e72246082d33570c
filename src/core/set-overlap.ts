import { locate, type FeatureLayout } from './features.ts'

/** How many features two selections have in common, and what that means. */
export interface Overlap {
  readonly shared: number
  /** Shared features over those of either (Jaccard); NaN where both are empty. */
  readonly jaccard: number
}

export function overlapOf(first: readonly number[], second: readonly number[]): Overlap {
  const members = new Set(first)
  const shared = second.filter((feature) => members.has(feature)).length
  return { shared, jaccard: shared / (first.length + second.length - shared) }
}

/**
 * Features that two selections share on average when one of them is drawn at random, as many from each layer as it has
 * there: the sum over layers of a_l b_l / m_l.
 */
export function expectedOverlap(first: readonly number[], second: readonly number[], layout: FeatureLayout): number {
  const counts = layout.layers.map(() => [0, 0])
  const placeOf = new Map(layout.layers.map((layer, place) => [layer.node, place]))
  for (const [which, features] of [first, second].entries()) {
    for (const feature of features) counts[placeOf.get(locate(layout, feature).layer.node)!][which] += 1
  }
  return layout.layers.reduce((sum, { channels }, l) => sum + (counts[l][0] * counts[l][1]) / channels, 0)
}
