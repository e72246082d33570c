import type { StrideCorrection } from './graph.ts'

/** How images become the network's input; see `main/data/types.ts` for the arithmetic. */
export interface PreprocessingConfig {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  readonly resize: 'fit' | 'crop'
  readonly scale: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
  readonly order: 'rgb' | 'bgr'
}

/** What a project is made of. Everything else in it is computed from these and can be computed again. */
export interface ProjectConfig {
  /** Absolute path of the model. */
  readonly model: string
  /** DATA arguments: a folder per class, an IDX pair `images:labels`, or a CSV file; absolute paths. */
  readonly train: string
  readonly test: string
  /** Folder of masks of the test images. */
  readonly masks: string | null
  /** Class names in the order of the network's outputs. */
  readonly classes: readonly string[]
  readonly preprocessing: PreprocessingConfig
}

export type PresetName = 'paper' | 'released'

/** The choices that the paper's text and the authors' released code make differently (method section 9). */
export interface Preset {
  readonly response: 'l2' | 'squared'
  readonly image: 'none' | 'l2'
  readonly mu: number
  readonly strideCorrection: StrideCorrection
  /** Features that explain one image. */
  readonly topFeatures: number
}

/**
 * `paper`: norms, L1 per layer, every strided operation corrected.
 * `released`: squared responses, L1 per layer and then the whole image to unit length, only convolutions corrected.
 */
export const PRESETS: Record<PresetName, Preset> = {
  paper: { response: 'l2', image: 'none', mu: 10, strideCorrection: 'conv+pool', topFeatures: 3 },
  released: { response: 'squared', image: 'l2', mu: 10, strideCorrection: 'conv', topFeatures: 3 },
}
