import type { ColourMapName } from '../../core/colour-maps.ts'
import type { RawImage } from '../data/types.ts'
import type { FontName } from './font.ts'

/** Paper, Fig. 1 and 6: convolutional layers carry a green number, fully connected ones a pink number. */
export type LayerKind = 'convolutional' | 'fully-connected'

/** Names a feature: one channel of one layer. */
export interface FeatureLabel {
  /** The number that `vebi inspect` shows. */
  readonly layerNumber: number
  readonly layerName: string
  readonly layerKind: LayerKind
  readonly channel: number
}

/** A map over an image. */
export interface Heatmap {
  readonly height: number
  readonly width: number
  /** Raw values, row-major `[height, width]`. */
  readonly data: Float32Array
  /** The values that the two ends of the colour scale stand for; printed beside the map. */
  readonly min: number
  readonly max: number
}

/** Binary mask, 1 = part of the object, row-major `[height, width]`. */
export interface Mask {
  readonly height: number
  readonly width: number
  readonly data: Uint8Array
}

export interface FigureOptions {
  /** 8.5 is one column of a journal, 17.5 two. The height follows from the content. */
  readonly widthCm: number
  /** Size of the largest text in points; 7 by default. Captions are one seventh smaller. */
  readonly fontSizePt?: number
  /** `sans` by default. */
  readonly font?: FontName
  /** `inferno` by default. */
  readonly colourMap?: ColourMapName
}

export interface AverageCell {
  readonly feature: FeatureLabel
  /** Weight of the feature for the class (mu-Lasso); negative where it speaks against it. */
  readonly weight: number
  /** The class of the weight, where the cells of a row belong to several. */
  readonly className?: string
  readonly average: RawImage
  /** How many different images the averaged patches come from, and how many patches there are. */
  readonly distinctImages: number
  readonly patches: number
}

export interface AverageGridData {
  readonly classes: readonly {
    readonly name: string
    /** In drawing order. */
    readonly cells: readonly AverageCell[]
    /** The order in words. */
    readonly order: string
    /** Of how many features the cells are. */
    readonly total: number
  }[]
}

export interface FeaturePageData {
  readonly feature: FeatureLabel
  /** Classes that it is relevant to, largest magnitude of the weight first. */
  readonly relevantTo: readonly { readonly className: string; readonly weight: number }[]
  /** What the user wrote about it; empty for nothing. */
  readonly note: string
  readonly pinned: boolean
  readonly average: RawImage
  /** Standard deviation over the patches, in the 0..255 scale of the images. */
  readonly spread: Heatmap
  /** Average of as many random patches of the same layer. */
  readonly randomAverage: RawImage
  readonly randomPatches: number
  /** Strongest response first, all of one size. */
  readonly patches: readonly RawImage[]
  /** How many patches the average is made of, where not all are shown. */
  readonly averagedPatches?: number
  readonly distinctImages: number
  /** Patches whose receptive field was cut at the image border; indices into `patches`. */
  readonly clipped: readonly number[]
  /** Receptive field of one unit of the layer, in pixels of the network's input. */
  readonly receptiveField: { readonly height: number; readonly width: number }
}

export interface ExplainedFeature {
  readonly feature: FeatureLabel
  /** r = weight * response of this image. */
  readonly contribution: number
  readonly heatmap: Heatmap
}

export interface ExplanationRow {
  readonly name: string
  readonly image: RawImage
  /** Null where the label is unknown. */
  readonly trueClass: string | null
  readonly predictedClass: string
  /** Of the predicted class, 0..1. */
  readonly confidence: number
  /** Pixel-wise maximum of the scaled heatmaps. */
  readonly combined: Heatmap
  /** Largest contribution first. */
  readonly features: readonly ExplainedFeature[]
  /** Drawn as an outline. */
  readonly mask?: Mask
}

export interface ExplanationFigureData {
  readonly rows: readonly ExplanationRow[]
  /** `alone` (default): colours can be read off the colour bar. `overlay`: over the image in gray. */
  readonly show?: 'alone' | 'overlay'
}

export interface ComparisonRow {
  readonly name: string
  readonly image: RawImage
  /** One for each method; a sentence instead of a map where the method is not defined. */
  readonly maps: readonly (Heatmap | string)[]
  readonly mask?: Mask
}

export interface ComparisonFigureData {
  readonly methods: readonly string[]
  readonly rows: readonly ComparisonRow[]
  readonly show?: 'alone' | 'overlay'
}

export interface IouExample {
  readonly name: string
  readonly image: RawImage
  /** Scaled to [0, 1]. */
  readonly heatmap: Heatmap
  readonly mask: Mask
  readonly threshold: number
  readonly iou: number
}
