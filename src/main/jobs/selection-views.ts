import { locate, type FeatureLayout } from '../../core/features.ts'
import type {
  ClassFeature,
  FeatureName,
  SelectionMatrix,
  SelectionSummary,
  WeightedFeature,
} from '../../shared/results.ts'
import { VebiError } from '../../shared/errors.ts'
import type { Matrix } from '../../shared/matrix.ts'
import { relevantFeatures, type Selection } from './selection.ts'

/** A selection as a window shows it. */

export function featureName(layout: FeatureLayout, feature: number): FeatureName {
  const { layer, channel } = locate(layout, feature)
  return { feature, layerNumber: layer.number, layerName: layer.name, layerKind: layer.kind, channel }
}

export function summariseSelection(selection: Selection): SelectionSummary {
  const { spec, certificates } = selection
  return { spec, features: relevantFeatures(selection).length, certificates }
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

/** All weights of the features that are relevant to some class, in their order of removal; `[C, features]`. */
export function selectionMatrix(selection: Selection): {
  readonly features: readonly FeatureName[]
  readonly weights: Matrix<Float64Array>
} {
  const { layout, weights, certificates } = selection
  const classes = certificates.length
  const features = relevantFeatures(selection)
  const data = new Float64Array(classes * features.length)
  for (let j = 0; j < classes; j++) {
    features.forEach((feature, i) => (data[j * features.length + i] = weights[j * layout.size + feature]))
  }
  return {
    features: Array.from(features, (feature) => featureName(layout, feature)),
    weights: { shape: [classes, features.length], data },
  }
}

export function sparseSelectionMatrix(selection: Selection): SelectionMatrix {
  const { layout, weights, certificates } = selection
  const classes = certificates.length
  const features = relevantFeatures(selection)
  const starts = new Int32Array(classes + 1)
  const columns: number[] = []
  const values: number[] = []
  const columnOf = new Int32Array(layout.size)
  features.forEach((feature, column) => (columnOf[feature] = column))
  for (let j = 0; j < classes; j++) {
    // Rows are read from end to end: picking the features one by one misses the processor's cache each time.
    const row = weights.subarray(j * layout.size, (j + 1) * layout.size)
    const own: number[] = []
    for (let feature = 0; feature < row.length; feature++) if (row[feature] !== 0) own.push(feature)
    own.sort((a, b) => columnOf[a] - columnOf[b])
    for (const feature of own) {
      columns.push(columnOf[feature])
      values.push(row[feature])
    }
    starts[j + 1] = columns.length
  }
  return {
    features: Array.from(features, (feature) => featureName(layout, feature)),
    starts,
    columns: Int32Array.from(columns),
    weights: Float64Array.from(values),
  }
}

export function requireClass(classIndex: number, classes: number): void {
  if (classIndex < classes) return
  throw new VebiError('bad-argument', `There is no class ${classIndex}: they are numbered 0 to ${classes - 1}.`)
}
