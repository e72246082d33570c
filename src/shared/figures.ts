import type { CheckSpec } from './checks.ts'
import type {
  AblationSpec,
  AveragesSpec,
  EvaluationSpec,
  ExplanationSpec,
  HeatmapMethod,
  JobSpecs,
  SelectionSpec,
} from './jobs.ts'
import type { ImageId } from './images.ts'
import type { PathSpec } from './results.ts'

/** Figures that the user keeps: what is drawn, how it is set, and in which files it comes. */

/** What is drawn, by the results it is drawn from. */
export type FigureSpec =
  /** Accuracy while features are removed (paper Fig. 4); of one class, or of all (null). */
  | {
      readonly kind: 'ablation'
      readonly ablation: AblationSpec
      readonly classIndex: number | null
      /** Names of curves left out: layer sets, `Random`, `Original`. */
      readonly hidden: readonly string[]
    }
  /** What removing the features of each class costs it and the others. */
  | { readonly kind: 'classwise'; readonly ablation: AblationSpec }
  /** Weights of one class over mu, on the exact path. */
  | { readonly kind: 'path'; readonly path: PathSpec; readonly maxMu: number }
  /** Class by feature. */
  | { readonly kind: 'selection-matrix'; readonly selection: SelectionSpec }
  /** Features that two layer sets share, class by class. */
  | {
      readonly kind: 'overlap'
      readonly selections: readonly [SelectionSpec, SelectionSpec]
      /** In the order drawn, at most `MOST_FIGURE_CLASSES`; null: all, in the order of the project. */
      readonly classes: readonly number[] | null
      /** The first so many of them, at most `MOST_FIGURE_CLASSES`. */
      readonly limit: number
    }
  /** Grid of average images, relevant to one class or (null) to any; of one layer or (null) of all. */
  | {
      readonly kind: 'averages'
      readonly averages: AveragesSpec
      readonly selection: SelectionSpec
      readonly classIndex: number | null
      readonly layerNumber: number | null
      /**
       * Columns of relevant features, in the order drawn, at most `MOST_FIGURE_FEATURES`; null: all of them, largest
       * magnitude of the weight first.
       */
      readonly features: readonly number[] | null
      /** The first so many of them, at most `MOST_FIGURE_FEATURES`. */
      readonly limit: number
    }
  /** One feature: average, spread, random control and its strongest patches. */
  | { readonly kind: 'feature'; readonly averages: AveragesSpec; readonly feature: number; readonly patches: number }
  /** How one feature responds to the training images of each class, with its weights for them. */
  | {
      readonly kind: 'responses'
      readonly extraction: JobSpecs['extraction']
      readonly selection: SelectionSpec
      /** Column of the responses of the extraction. */
      readonly feature: number
      /**
       * In the order drawn, at most `MOST_FIGURE_CLASSES`; null: all, largest magnitude of the weight first, then
       * largest median response.
       */
      readonly classes: readonly number[] | null
      /** The first so many of them, at most `MOST_FIGURE_CLASSES`. */
      readonly limit: number
    }
  /** How the channels of each layer respond to the training images, before any scaling. */
  | { readonly kind: 'layer-statistics'; readonly extraction: JobSpecs['extraction']; readonly logarithmic: boolean }
  /** Pixels of the input that one unit sees, layer by layer, in the model of the project. */
  | { readonly kind: 'receptive-fields' }
  /** One image, explained by one or several methods side by side. */
  | {
      readonly kind: 'explanation'
      readonly explanation: Omit<ExplanationSpec, 'images' | 'rule'>
      readonly image: ImageId
      /** Null: the predicted class. */
      readonly classIndex: number | null
      readonly methods: readonly HeatmapMethod[]
      readonly display: HeatmapDisplay
    }
  /** IoU over thresholds (paper Fig. 9): of one test image, or the mean over one class or over all images. */
  | {
      readonly kind: 'iou'
      readonly evaluation: EvaluationSpec
      /** Null: not of one class. */
      readonly classIndex: number | null
      /** Index of a test image with a mask; null: not of one image. */
      readonly image: number | null
      /** Kinds of heatmaps that are left out, as in the scores of the evaluation. */
      readonly hidden: readonly string[]
    }
  /** One chart of a check of the explanations or of the selection. */
  | { readonly kind: 'check'; readonly check: CheckSpec; readonly chart: string }

export type FigureKind = FigureSpec['kind']

/** Bounds of what one figure lists. */
export const MOST_FIGURE_FEATURES = 500
export const MOST_FIGURE_CLASSES = 100

export type ColourMapName = 'viridis' | 'cividis' | 'jet'

/** How a heatmap is laid over its image. */
export interface HeatmapDisplay {
  readonly colourMap: ColourMapName
  /** Of the heatmap over the image, 0..1. */
  readonly opacity: number
  /** Share of the largest value below which nothing is drawn, 0..1. */
  readonly threshold: number
  /** Smoothed between pixels of the map, or each pixel as it is. */
  readonly smooth: boolean
  /** Raw value that the top of the colour scale stands for; null: the largest of each picture. */
  readonly scaleMax: number | null
}

export interface FigureStyle {
  readonly widthCm: number
  readonly font: 'sans' | 'serif'
  readonly fontSizePt: number
  /** Of pixels in PNG. */
  readonly dpi: number
}

/** Widths of journal columns. */
export const COLUMN_WIDTHS_CM = { single: 8.5, double: 17.5 } as const

export type FigureFormat = 'svg' | 'pdf' | 'png' | 'csv' | 'npy' | 'tex'

/** A figure of the project. */
export interface FigureRecipe {
  /** File name without its end: letters, digits, `-` and `_`. */
  readonly name: string
  readonly spec: FigureSpec
  readonly style: FigureStyle
  readonly formats: readonly FigureFormat[]
  /** Empty: the caption that is made from the numbers. */
  readonly caption: string
}

export interface StoredFigure extends FigureRecipe {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly changedAt: number
}

export interface FigurePreview {
  readonly svg: string
  readonly widthCm: number
  readonly heightCm: number
  /** Made from the numbers. */
  readonly caption: string
  /** LaTeX that includes the figure with its caption and label. */
  readonly latex: string
}

/** One file of a figure, to be saved by the page. */
export interface FigureFile {
  readonly name: string
  readonly mime: string
  readonly bytes: Uint8Array
}

export interface FigureExportSpec {
  /** Absolute path; made where it is missing. */
  readonly folder: string
  /** Null: all figures of the project. */
  readonly ids: readonly number[] | null
}

export interface FigureExportResult {
  readonly folder: string
  /** Relative to the folder, the manifest last. */
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[]
  /** Figures that could not be drawn, with the reason. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}
