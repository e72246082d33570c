import type { CheckSpec } from './checks.ts'
import type { BackwardRule, StrideCorrection } from './graph.ts'
import type { PresetName } from './project.ts'

/** Kinds of long work, and what each is told. Every field is part of the key of its result. */
export interface JobSpecs {
  /** Channel responses of the training images, top lists and sufficient statistics. */
  extraction: { readonly preset: PresetName; readonly layers: string }
  /** The mu-Lasso for each class. */
  selection: SelectionSpec
  /** Accuracy on the test images while features are removed. */
  ablation: AblationSpec
  averages: AveragesSpec
  explanation: ExplanationSpec
  evaluation: EvaluationSpec
  /** One check of the explanations or of the selection. */
  check: CheckSpec
}

export type JobKind = keyof JobSpecs

export interface SelectionSpec {
  readonly preset: PresetName
  /** `All`, `OnlyConv`, `activations`, or names, numbers and patterns of layers. */
  readonly layers: string
  readonly mu: number
  readonly nonnegative: boolean
  readonly labels: 'true' | 'predicted'
}

export interface AblationSpec {
  /** The selections to compare; usually All and OnlyConv. */
  readonly selections: readonly SelectionSpec[]
  /** What stands in for a removed channel. */
  readonly replacement: 'zero' | 'mean' | 'resample'
  /** Layer-matched random sets for each selection. */
  readonly repeats: number
  /** Measured points of each curve. */
  readonly points: number
  readonly seed: number
}

export interface AveragesSpec {
  readonly selections: readonly SelectionSpec[]
  /** Patches for each feature (paper: 100). */
  readonly patches: number
  readonly seed: number
}

export interface ExplanationSpec {
  readonly selection: SelectionSpec
  /** Indexes of test images. */
  readonly images: readonly number[]
  readonly topFeatures: number
  readonly rule: BackwardRule
  readonly strideCorrection: StrideCorrection
  readonly reduction: 'max-abs' | 'l2'
}

/** The three kinds of heatmaps that the paper compares (its Table 1). */
export type HeatmapKind = 'upsampled' | 'deconv-gb' | 'ours'

/** Ways to draw the map of a feature; `ours` takes the stride correction of the explanation. */
export type HeatmapMethod = HeatmapKind | 'deconvnet' | 'gradient'

export interface EvaluationSpec {
  readonly selection: SelectionSpec
  readonly topFeatures: number
  readonly strideCorrection: StrideCorrection
  readonly reduction: 'max-abs' | 'l2'
  readonly seed: number
}

export interface JobProgress {
  /** What is being done, in a word or two. */
  readonly phase: string
  readonly done: number
  readonly total: number
  /** What is counted: `images`, `classes`. */
  readonly unit: string
  /** Units per second since the phase began; 0 until known. */
  readonly rate: number
  /** Seconds to the end of the phase; null until known. */
  readonly secondsLeft: number | null
}

export type JobState = 'queued' | 'running' | 'finished' | 'cancelled' | 'failed' | 'interrupted'
