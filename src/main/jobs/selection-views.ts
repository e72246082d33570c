import { removalOrder } from '../../core/ablation.ts'
import { locate, type FeatureLayout } from '../../core/features.ts'
import type {
  ClassFeature,
  FeatureName,
  SelectionMatrix,
  SelectionSummary,
  WeightedFeature,
} from '../../shared/results.ts'
import { VebiError } from '../../shared/errors.ts'
import type { Selection } from './selection.ts'

/** A selection as a window shows it. */

export function featureName(layout: FeatureLayout, feature: number): FeatureName {
  const { layer, channel } = locate(layout, feature)
  return { feature, layerNumber: layer.number, layerName: layer.name, layerKind: layer.kind, channel }
}

export function summariseSelection({ spec, layout, weights, certificates }: Selection): SelectionSummary {
  return { spec, features: removalOrder(weights, certificates.length, layout.size).length, certificates }
}

/** Features of non-zero weight, `[m]` over the layout, largest magnitude first. */
export function weightedFeatures(layout: FeatureLayout, weights: Float64Array): WeightedFeature[] {
  return [...weights.keys()]
    .filter((feature) => weights[feature] !== 0)
    .sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]) || a - b)
    .map((feature) => ({ ...featureName(layout, feature), weight: weights[feature] }))
}

export function classFeatures({ layout, weights, certificates }: Selection, classIndex: number): ClassFeature[] {
  requireClass(classIndex, certificates.length)
  const { size } = layout
  const others = [...certificates.keys()].filter((j) => j !== classIndex)
  return weightedFeatures(layout, weights.subarray(classIndex * size, (classIndex + 1) * size)).map((found) => ({
    ...found,
    sharedWith: others.filter((j) => weights[j * size + found.feature] !== 0),
  }))
}

export function selectionMatrix({ layout, weights, certificates }: Selection): SelectionMatrix {
  const classes = certificates.length
  const features = removalOrder(weights, classes, layout.size)
  const data = new Float64Array(classes * features.length)
  for (let j = 0; j < classes; j++) {
    features.forEach((feature, i) => (data[j * features.length + i] = weights[j * layout.size + feature]))
  }
  return {
    features: Array.from(features, (feature) => featureName(layout, feature)),
    weights: { shape: [classes, features.length], data },
  }
}

export function requireClass(classIndex: number, classes: number): void {
  if (classIndex < classes) return
  throw new VebiError('bad-argument', `There is no class ${classIndex}: they are numbered 0 to ${classes - 1}.`)
}
