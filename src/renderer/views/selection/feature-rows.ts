import type { FeatureName, WeightedFeature } from '../../../shared/results.ts'

/** Which features of a class are shown. */
export interface FeatureFilter {
  /** Layer number; null for all. */
  readonly layer: number | null
  readonly sign: 'any' | 'positive' | 'negative'
  readonly shared: 'any' | 'shared' | 'own'
  /** Part of `layer name / channel`, or a number of a layer. */
  readonly search: string
}

export const NO_FILTER: FeatureFilter = { layer: null, sign: 'any', shared: 'any', search: '' }

/** A feature of one class with the other classes that it is relevant to. */
export interface FeatureRow extends WeightedFeature {
  readonly others: readonly number[]
}

/** @param classesOf Classes that a feature is relevant to; `classIndex` may be among them. */
export function featureRows<Feature extends WeightedFeature>(
  features: readonly Feature[],
  classIndex: number,
  classesOf: (feature: Feature) => readonly number[],
): FeatureRow[] {
  return features.map((feature) => ({
    ...feature,
    others: classesOf(feature).filter((other) => other !== classIndex),
  }))
}

export function featureLabel({ layerName, channel }: FeatureName): string {
  return `${layerName} / ${channel}`
}

export function filterFeatures(rows: readonly FeatureRow[], filter: FeatureFilter): readonly FeatureRow[] {
  const words = filter.search.trim().toLowerCase()
  return rows.filter((row) => {
    if (filter.layer !== null && row.layerNumber !== filter.layer) return false
    if (filter.sign !== 'any' && row.weight > 0 !== (filter.sign === 'positive')) return false
    if (filter.shared !== 'any' && row.others.length > 0 !== (filter.shared === 'shared')) return false
    return words === '' || featureLabel(row).toLowerCase().includes(words) || String(row.layerNumber) === words
  })
}

export interface LayerCount {
  readonly number: number
  readonly name: string
  readonly kind: FeatureName['layerKind']
  readonly features: number
}

/** Layers among the features, in order, with how many each has. */
export function layersOf(rows: readonly FeatureName[]): LayerCount[] {
  const layers = new Map<number, LayerCount & { features: number }>()
  for (const { layerNumber, layerName, layerKind } of rows) {
    const layer = layers.get(layerNumber) ?? { number: layerNumber, name: layerName, kind: layerKind, features: 0 }
    layer.features++
    layers.set(layerNumber, layer)
  }
  return [...layers.values()].sort((a, b) => a.number - b.number)
}

/** The names of the first classes and how many more there are, for a cell; all of them for its title. */
export function classList(
  classes: readonly number[],
  nameOf: (classIndex: number) => string,
  most: number,
): { readonly shown: string; readonly more: number; readonly all: string } {
  const names = classes.slice(0, 50).map(nameOf)
  const beyond = classes.length > names.length ? ` and ${classes.length - names.length} more` : ''
  return {
    shown: names.slice(0, most).join(', '),
    more: Math.max(0, classes.length - most),
    all: names.join(', ') + beyond,
  }
}
