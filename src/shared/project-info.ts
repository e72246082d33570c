import type { EngineInfo } from './engine-info.ts'
import type { ImageSetInfo, Picture } from './images.ts'
import type { Matrix } from './matrix.ts'
import type { PreprocessingConfig, ProjectConfig } from './project.ts'

/** A project: how it is made, and what it is. */

export interface PreprocessingOverrides {
  readonly height?: number
  readonly width?: number
  readonly channels?: 1 | 3
  readonly resize?: PreprocessingConfig['resize']
  readonly scale?: number
  /** One value for all channels, or one for each. */
  readonly mean?: number | readonly number[]
  readonly std?: number | readonly number[]
  readonly order?: PreprocessingConfig['order']
}

/** Paths of what a project is made of; `train` and `test` as in `ProjectConfig`. */
export interface NewProject {
  readonly folder: string
  readonly model: string
  readonly train: string
  readonly test: string
  readonly masks?: string | undefined
  /** Text file with one class name per line, in the order of the network's outputs. */
  readonly labels?: string | undefined
  /** Takes the class names that the model's file holds; a label file goes before. */
  readonly modelClasses?: boolean | undefined
  readonly preprocessing: PreprocessingOverrides
}

export interface ProjectInfo {
  readonly folder: string
  readonly config: ProjectConfig
  /** The user's own layer set, as `SelectionSpec.layers`; empty until one is made. */
  readonly ownLayers: string
  readonly engine: EngineInfo
  readonly train: ImageSetInfo
  readonly test: ImageSetInfo
}

/** Something computed and kept. */
export interface ArtifactInfo {
  readonly id: number
  /** What it is, for instance `responses` or `statistics`. */
  readonly kind: string
  /** SHA-256 (hex) over all that it was computed from. */
  readonly key: string
  /** False while its job runs, or after the job was interrupted. */
  readonly complete: boolean
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** A sample of what the network would see. */
export interface DraftSample {
  readonly name: string
  readonly label: number
  readonly original: Picture
  readonly displayed: Picture
  /** Through the same resize and crop, `[height, width]` of 0 and 1; null where the image has none. */
  readonly mask: Matrix<Uint8Array> | null
  /** Smallest, mean and largest input value of each channel, in the channel order of the network. */
  readonly channels: readonly { readonly smallest: number; readonly mean: number; readonly largest: number }[]
}

export interface DraftPreview {
  /** With everything filled in. */
  readonly preprocessing: PreprocessingConfig
  readonly classes: readonly string[]
  readonly train: ImageSetInfo
  readonly test: ImageSetInfo
  readonly samples: readonly DraftSample[]
}

export interface DraftAccuracy {
  /** Images that were read, spread over the test images. */
  readonly images: number
  readonly unreadable: number
  /** Share whose predicted class is the label. */
  readonly accuracy: number
  /** What guessing the commonest label among them would reach. */
  readonly chance: number
  /** The class that is predicted most often, and the share of the images it is predicted for. */
  readonly commonest: { readonly classIndex: number; readonly share: number }
}
