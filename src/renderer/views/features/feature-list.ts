import type { FeatureName, FeatureNote } from '../../../shared/results.ts'
import type { SelectionIndex } from './selection-index.ts'

/** A feature as the grid lists it. */
export interface ListedFeature extends FeatureName {
  /** For the class that is shown; of largest magnitude where all are. */
  readonly weight: number
  /** Classes that it is relevant to. */
  readonly classes: number
}

export const ORDERS = [
  { value: 'weight', label: 'Weight' },
  { value: 'layer', label: 'Layer, channel' },
  { value: 'classes', label: 'Number of classes' },
] as const
export type FeatureOrder = (typeof ORDERS)[number]['value']

export interface FeatureFilter {
  /** Null: every layer. */
  readonly layerNumber: number | null
  readonly pinnedOnly: boolean
  readonly notedOnly: boolean
  readonly pinnedFirst: boolean
  readonly order: FeatureOrder
}

/** Notes by layer and channel, which stay when features are numbered anew. */
export type NotesByFeature = ReadonlyMap<string, FeatureNote>

export function noteKey({ layerNumber, channel }: Pick<FeatureName, 'layerNumber' | 'channel'>): string {
  return `${layerNumber}/${channel}`
}

/** Features relevant to a class, or (null) to any, in the order of the index. */
export function listFeatures({ features }: SelectionIndex, classIndex: number | null): ListedFeature[] {
  return features.flatMap(({ classes, weights, weight, ...feature }) => {
    const at = classIndex === null ? -1 : classes.indexOf(classIndex)
    if (classIndex !== null && at < 0) return []
    return [{ ...feature, weight: at < 0 ? weight : weights[at], classes: classes.length }]
  })
}

export interface ListedLayer {
  readonly number: number
  readonly name: string
  readonly features: number
}

/** The layers that have features in the list, by number. */
export function layersOfList(features: readonly FeatureName[]): ListedLayer[] {
  const layers = new Map<number, { number: number; name: string; features: number }>()
  for (const { layerNumber: number, layerName: name } of features) {
    const layer = layers.get(number) ?? { number, name, features: 0 }
    layer.features++
    layers.set(number, layer)
  }
  return [...layers.values()].sort((a, b) => a.number - b.number)
}

/** What is shown, in order; ties by layer and channel. */
export function arrange(
  features: readonly ListedFeature[],
  { layerNumber, pinnedOnly, notedOnly, pinnedFirst, order }: FeatureFilter,
  notes: NotesByFeature,
): ListedFeature[] {
  const pinned = (feature: ListedFeature): boolean => notes.get(noteKey(feature))?.pinned ?? false
  const noted = (feature: ListedFeature): boolean => (notes.get(noteKey(feature))?.text ?? '') !== ''
  return features
    .filter((each) => layerNumber === null || each.layerNumber === layerNumber)
    .filter((each) => (!pinnedOnly || pinned(each)) && (!notedOnly || noted(each)))
    .sort((a, b) => {
      if (pinnedFirst && pinned(a) !== pinned(b)) return pinned(a) ? -1 : 1
      const byOrder =
        order === 'weight'
          ? Math.abs(b.weight) - Math.abs(a.weight)
          : order === 'classes'
            ? b.classes - a.classes
            : 0
      return byOrder || a.layerNumber - b.layerNumber || a.channel - b.channel
    })
}
