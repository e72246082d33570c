import type { AddedImage, ImageId, UnreadableImage } from './images.ts'
import type { HeatmapMethod, SelectionSpec } from './jobs.ts'
import type { Matrix } from './matrix.ts'

/** What the steps of the method answer with. */

export interface ExtractionResult {
  readonly images: number
  readonly features: number
  /** Images that are missing from everything computed. */
  readonly unreadable: readonly UnreadableImage[]
  /** Share of the training images whose predicted class is their label. */
  readonly accuracy: number
}

/** Names a feature: one channel of one layer. */
export interface FeatureName {
  /** Column of the extracted responses. */
  readonly feature: number
  readonly layerNumber: number
  readonly layerName: string
  readonly layerKind: 'convolutional' | 'fully-connected'
  /** From 0. */
  readonly channel: number
}

/** How good the solution of one class is, whoever computed it. */
export interface Certificate {
  readonly objective: number
  /** Upper bound on the distance of the objective from its optimum. */
  readonly gap: number
  readonly relativeGap: number
  /** Whether the gap is small enough to call the class solved. */
  readonly accepted: boolean
  readonly l1Norm: number
  readonly lambda: number
  readonly nonZeros: number
}

export type ClassCertificate = Certificate & { readonly method: 'homotopy' | 'projected-gradient' }

export interface SelectionSummary {
  readonly spec: SelectionSpec
  /** Features that are relevant to some class. */
  readonly features: number
  /** One for each class. */
  readonly certificates: readonly ClassCertificate[]
}

export interface WeightedFeature extends FeatureName {
  readonly weight: number
}

export interface ClassFeature extends WeightedFeature {
  /** The other classes that it is relevant to. */
  readonly sharedWith: readonly number[]
}

/**
 * Class by feature, the weights that are not zero: 1000 classes by 12,000 features would be 96 MB with the zeros.
 * The columns are the features relevant to some class, in their order of removal.
 */
export interface SelectionMatrix {
  readonly features: readonly FeatureName[]
  /** Those of class j stand in the two arrays below at `starts[j]` up to and without `starts[j + 1]`; `[C + 1]`. */
  readonly starts: Int32Array
  /** Positions in `features`, ascending within a class; `[non-zeros]`. */
  readonly columns: Int32Array
  /** `[non-zeros]` */
  readonly weights: Float64Array
}

/** One class of a selection, at any mu. */
export interface PathSpec {
  readonly selection: Omit<SelectionSpec, 'mu'>
  readonly classIndex: number
}

/** The exact path of one class over mu: linear between breakpoints. Vectors have one value for each breakpoint. */
export interface PathCurve {
  /** `||w||_1`, rising from 0. */
  readonly mu: Float64Array
  readonly lambda: Float64Array
  readonly objective: Float64Array
  readonly nonZeros: Int32Array
  /** Features with a weight between the breakpoint and the next; at the last one known, as there. */
  readonly nonZerosAfter: Int32Array
  /** Whether the last breakpoint answers every larger mu. */
  readonly complete: boolean
}

export interface PathAnswer {
  readonly mu: number
  /** Largest magnitude first. */
  readonly features: readonly WeightedFeature[]
  readonly certificate: Certificate
}

/** One measured point of an ablation curve; accuracies from 0 to 1. */
export interface AblationPoint {
  /** Number of removed features. */
  readonly removed: number
  /** Mean class accuracy with the relevant features removed, and the accuracy of each class; null without images. */
  readonly accuracy: number
  readonly perClass: readonly (number | null)[]
  /** Mean over the layer-matched random sets, with the band that holds 95 % of them. */
  readonly random: number
  readonly randomLow: number
  readonly randomHigh: number
}

/** What removing the features with positive weight for one class does; losses of accuracy, 1 = all. */
export interface AblationEffect {
  readonly classIndex: number
  readonly features: number
  readonly lossOwn: number
  /** Mean loss of the other classes. */
  readonly lossOthers: number
  /** Loss of the class itself when random features of the same layers are removed instead. */
  readonly lossRandom: number
  readonly lossRandomLow: number
  readonly lossRandomHigh: number
}

export interface AblationCurve {
  /** The layer set. */
  readonly name: string
  /** Features in the order of removal, as columns of the extracted layout. */
  readonly order: readonly number[]
  readonly points: readonly AblationPoint[]
  readonly classwise: readonly AblationEffect[]
}

export interface AblationResult {
  readonly original: number
  readonly originalPerClass: readonly (number | null)[]
  /** Test images that were read, of each class. */
  readonly images: readonly number[]
  readonly unreadable: number
  readonly repeats: number
  readonly curves: readonly AblationCurve[]
}

/** The same for one class. */
export interface ClassAblation {
  /** Its test images; without any there are no curves. */
  readonly images: number
  readonly original: number
  readonly curves: readonly {
    readonly name: string
    readonly points: readonly Omit<AblationPoint, 'perClass'>[]
  }[]
}

export interface AverageEntry extends FeatureName {
  /** Whether its average image is computed. */
  readonly stored: boolean
}

export interface Patch {
  /** Training image that it was cut from. */
  readonly image: ImageId
  readonly response: number
  /** Receptive field in pixels of the displayed image; right and bottom exclusive. */
  readonly box: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number }
  /** Whether the receptive field was cut at the border. */
  readonly clipped: boolean
}

/** The average image of one feature. */
export interface AverageMean extends FeatureName {
  /** `[height, width, channels]`, 0..255; NaN where no patch reaches. */
  readonly mean: Matrix<Float32Array>
  /** How many patches it is the mean of, and from how many images they come. */
  readonly averagedPatches: number
  readonly distinctImages: number
}

/** The interpretation of one feature. */
export interface AverageImage extends FeatureName {
  /** `[height, width, channels]`, 0..255; NaN where no patch reaches. */
  readonly mean: Matrix<Float32Array>
  /** `[height, width]` standard deviation over the patches. */
  readonly spread: Matrix<Float32Array>
  /** `[height, width, channels]`, over random patches of the layer. */
  readonly randomMean: Matrix<Float32Array>
  readonly randomPatches: number
  /** `[patches, patchHeight, patchWidth, channels]`, strongest response first. */
  readonly montage: Matrix<Uint8Array>
  /** In the order of the montage. */
  readonly patches: readonly Patch[]
  readonly distinctImages: number
}

/** The explanation of one test image. */
export interface ImageExplanation {
  readonly image: ImageId
  readonly predicted: number
  readonly confidence: number
  /** Largest contribution first; possibly none. */
  readonly features: readonly (FeatureName & { readonly contribution: number })[]
  /** `[features, height, width]` raw signals at the input; with `max-abs` they keep their sign. */
  readonly heatmaps: Matrix<Float32Array>
  /** `[height, width]`, pixel-wise maximum of the heatmaps, each scaled to [0, 1]. */
  readonly combined: Matrix<Float32Array>
}

/** One map for a relevant feature and the map of all, asked for by hand. */
export interface ComputedExplanation extends ImageExplanation {
  readonly method: HeatmapMethod
  /** The class that is explained. */
  readonly classIndex: number
  /** Its probability, 0..1. */
  readonly probability: number
}

/** One image of an explained folder. */
export interface FolderExplanation {
  readonly image: AddedImage
  readonly predicted: number
  /** Probability of the predicted class, 0..1. */
  readonly confidence: number
  readonly features: ImageExplanation['features']
}

export interface FolderExplanationResult {
  readonly images: readonly FolderExplanation[]
  readonly unreadable: readonly UnreadableImage[]
}

/** How the features of one layer respond over the training images. */
export interface LayerResponses {
  readonly layerNumber: number
  readonly layerName: string
  readonly features: number
  /** Of the responses before any scaling, over images and channels. */
  readonly mean: number
  readonly standardDeviation: number
  readonly largest: number
  /** Features that respond to no image. */
  readonly silent: number
}

/** Responses of one feature to the training images of one class, before any scaling. */
export interface ClassResponses {
  readonly classIndex: number
  readonly images: number
  readonly mean: number
  /** Quantiles 0.05, 0.25, 0.5, 0.75, 0.95. */
  readonly quantiles: readonly [number, number, number, number, number]
}

/** What the user wrote about a feature. */
export interface FeatureNote {
  readonly layerNumber: number
  readonly channel: number
  readonly text: string
  readonly pinned: boolean
}

export interface HeatmapScore {
  readonly kind: string
  readonly name: string
  /** Whether it is a control and no explanation. */
  readonly control: boolean
  /** Mean IoU at the thresholds 0, 0.01, ... 1. */
  readonly curve: readonly number[]
  /** Area under the curve; the same as the mean over images of their areas. */
  readonly area: number
  /** Highest mean IoU and where it is reached. */
  readonly best: { readonly iou: number; readonly threshold: number }
  /** Area of each class; null where it has no image with a mask. */
  readonly perClass: readonly (number | null)[]
}

export interface EvaluationResult {
  readonly images: number
  readonly unreadable: number
  /** Share of the image in the centre box: the mean share of the masks. */
  readonly boxShare: number
  readonly scores: readonly HeatmapScore[]
}

/** Mean IoU over the images of one class. */
export interface ClassCurves {
  /** With a mask, and readable. */
  readonly images: number
  /** `[kinds][thresholds]`, in the order of the scores and at their thresholds. */
  readonly curves: readonly (readonly number[])[]
}
