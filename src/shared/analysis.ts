import { VebiError } from './errors.ts'
import type { StrideCorrection } from './graph.ts'
import type { AblationSpec, AveragesSpec, EvaluationSpec, ExplanationSpec, JobSpecs, SelectionSpec } from './jobs.ts'
import { PRESETS, type PresetName } from './project.ts'

/** The choices of one whole analysis; everything left out comes from the preset. */
export interface AnalysisOptions {
  readonly preset: PresetName
  /** Layer sets to compare, the first is the one that explanations use. */
  readonly sets: readonly string[]
  /** Layers whose responses are extracted; must cover the sets. */
  readonly layers: string
  readonly mu: number
  readonly nonnegative: boolean
  readonly labels: 'true' | 'predicted'
  readonly replacement: AblationSpec['replacement']
  readonly repeats: number
  readonly points: number
  readonly patches: number
  readonly topFeatures: number
  readonly strideCorrection: StrideCorrection
  readonly rule: ExplanationSpec['rule']
  readonly reduction: ExplanationSpec['reduction']
  readonly seed: number
  /** Test images to explain; the first of each class where left out. */
  readonly images?: readonly number[] | undefined
}

export function analysisDefaults(preset: PresetName): AnalysisOptions {
  const { mu, strideCorrection, topFeatures } = PRESETS[preset]
  return {
    preset,
    sets: ['All', 'OnlyConv'],
    layers: 'All',
    mu,
    nonnegative: false,
    labels: 'true',
    replacement: 'zero',
    repeats: 30,
    points: 17,
    patches: 100,
    topFeatures,
    strideCorrection,
    rule: 'guided',
    reduction: 'max-abs',
    seed: 1,
  }
}

function selectionSpecs(options: AnalysisOptions): SelectionSpec[] {
  const { preset, mu, nonnegative, labels } = options
  return options.sets.map((layers) => ({ preset, layers, mu, nonnegative, labels }))
}

export function specsOf(options: AnalysisOptions): {
  extraction: JobSpecs['extraction']
  selections: SelectionSpec[]
  ablation: AblationSpec
  averages: AveragesSpec
  evaluation: EvaluationSpec
} {
  const selections = selectionSpecs(options)
  const first = selections[0]
  if (!first) throw new VebiError('bad-argument', 'Name at least one layer set.')
  const { seed, topFeatures, strideCorrection, reduction } = options
  return {
    extraction: { preset: options.preset, layers: options.layers },
    selections,
    ablation: { selections, replacement: options.replacement, repeats: options.repeats, points: options.points, seed },
    averages: { selections, patches: options.patches, seed },
    evaluation: { selection: first, topFeatures, strideCorrection, reduction, seed },
  }
}
