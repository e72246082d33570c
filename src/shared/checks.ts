import type { ExplanationSpec, SelectionSpec } from './jobs.ts'

/** Checks of explanations and of selections (method sections 6 and 7): what was asked, and what came out. */

/** Of the heatmaps, then of the selection. */
export const CHECK_NAMES = [
  'iou',
  'occlusion',
  'insertion',
  'artefact',
  'randomisation',
  'swap',
  'shuffle',
  'permutation',
  'stability',
  'path',
  'baselines',
  'variants',
] as const

export type CheckName = (typeof CHECK_NAMES)[number]

/** Every field is part of the key of the result. */
export interface CheckSpec {
  readonly check: CheckName
  readonly selection: SelectionSpec
  /** The explanation that is checked; checks of the selection do not look at it. */
  readonly explanation: Pick<ExplanationSpec, 'topFeatures' | 'strideCorrection' | 'reduction'>
  /** Test images, spread evenly over all; null: all. */
  readonly images: number | null
  /** Draws of what is random: shuffles, permutations, half-samples, layer-matched sets. */
  readonly repeats: number
  readonly seed: number
}

/** Test images and draws where nothing else is asked for: all twelve take some minutes for the built-in demo. */
export const CHECK_DEFAULTS: Readonly<Record<CheckName, Pick<CheckSpec, 'images' | 'repeats'>>> = {
  iou: { images: null, repeats: 1 },
  occlusion: { images: 100, repeats: 1 },
  insertion: { images: 100, repeats: 1 },
  artefact: { images: 200, repeats: 1 },
  randomisation: { images: 100, repeats: 1 },
  swap: { images: 100, repeats: 1 },
  shuffle: { images: 200, repeats: 20 },
  permutation: { images: null, repeats: 20 },
  stability: { images: null, repeats: 100 },
  path: { images: null, repeats: 1 },
  baselines: { images: null, repeats: 30 },
  variants: { images: null, repeats: 1 },
}

export interface CheckResult {
  readonly check: CheckName
  readonly title: string
  /** What came out, in one sentence with its numbers. */
  readonly sentence: string
  /** `for`: speaks for the explanations or the selection; `against`; `open`: decides neither way. */
  readonly verdict: 'for' | 'against' | 'open'
  /** What it cannot show, one sentence each. */
  readonly limits: readonly string[]
  /** What a reader must know before quoting a number, one sentence each; usually none. */
  readonly warnings: readonly string[]
  /** Images that it is computed from. */
  readonly images: number
  readonly tables: readonly CheckTable[]
  readonly charts: readonly CheckChart[]
}

export interface CheckTable {
  /** Unique in the result; the name of its CSV file. */
  readonly id: string
  readonly title: string
  readonly columns: readonly {
    /** Header in CSV: lower case with underscores. */
    readonly id: string
    readonly title: string
    /** Decimals shown on the screen and in print; null for text. CSV has all. */
    readonly decimals: number | null
  }[]
  /** Null where there is no value. */
  readonly rows: readonly (readonly (string | number | null)[])[]
}

export type CheckChart = LinesChart | IntervalsChart

interface ChartFrame {
  /** Unique in the result; the name of its figure. */
  readonly id: string
  /** What it shows, the first sentence of its caption. */
  readonly title: string
  /** With the unit in brackets. */
  readonly xTitle: string
}

export interface LinesChart extends ChartFrame {
  readonly kind: 'lines'
  readonly yTitle: string
  /** The title says what `low` and `high` are, which are no 95 % intervals here. */
  readonly bandsInTitle?: true
  readonly series: readonly {
    readonly name: string
    /** Knows nothing of the network; drawn thin. */
    readonly control: boolean
    readonly x: readonly number[]
    readonly y: readonly number[]
    /** 95 % interval, as long as `y`. */
    readonly low?: readonly number[]
    readonly high?: readonly number[]
  }[]
}

/** One row for each thing that is compared: a point with its interval. */
export interface IntervalsChart extends ChartFrame {
  readonly kind: 'intervals'
  readonly rows: readonly {
    readonly name: string
    readonly control: boolean
    readonly value: number
    /** 95 % interval; null where there is none. */
    readonly low: number | null
    readonly high: number | null
  }[]
  /** Drawn as a line across: the value that means nothing. */
  readonly reference: number | null
}
