import type { StrideCorrection } from './graph.ts'

/** How an image becomes the network's input, `[height, width, channels]`. */
export interface PreprocessingConfig {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  /** `fit`: resize both axes to the size (aspect ratio may change); `crop`: scale the short side, crop the centre. */
  readonly resize: 'fit' | 'crop'
  /** value = (sample * scale - mean[c]) / std[c], samples 0..255; mean and std in the channel order of the network. */
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
