import type { OperatorName, Shape, Suggestion } from './graph.ts'

/** What is known of a model before anything runs. */

export type LayerSetName = 'All' | 'OnlyConv' | 'activations' | 'classes'

export interface ModelLayer {
  /** From 1, in graph order. */
  readonly number: number
  readonly name: string
  readonly operator: OperatorName
  readonly shape: Shape
  readonly channels: number
  /** Numbers in its weights, also where another layer has the same ones. */
  readonly parameters: number
  /** Input pixels between neighbouring units, `[vertical, horizontal]`; null where a unit sees everything. */
  readonly stride: readonly [number, number] | null
  /** Pixels that one unit sees, `[vertical, horizontal]`. */
  readonly receptiveField: readonly [number, number]
  /** Layer sets that it is in; `classes`: tied to the classes and not searched for features. */
  readonly sets: readonly LayerSetName[]
}

/**
 * What guided backpropagation is at a non-linearity. `exact`: a ReLU, for which it is defined (Springenberg et al.
 * 2015); `approximated`: another rectifier, whose slope takes the place of the ReLU's; `gradient`: no rectifier, so the
 * plain gradient passes; `not-crossed`: the backward pass starts below it.
 */
export type GuidedRule = 'exact' | 'approximated' | 'gradient' | 'not-crossed'

export interface NonLinearity {
  readonly name: string
  readonly guided: GuidedRule
  /** How the signal crosses it in the backward pass under each rule. */
  readonly sentence: string
}

/** What the class scores are: probabilities that sum to 1, one probability for each class by itself, or raw scores. */
export type ScoreKind = 'softmax' | 'sigmoid' | 'logits'

/** An output that several layers read. */
export interface ReusedOutput {
  /** Number of the layer; 0 for the image. */
  readonly layer: number
  /** Numbers of the layers that read it, ascending. */
  readonly readers: readonly number[]
}

export interface ModelReport {
  /** Format and producer. */
  readonly source: string
  /** SHA-256 (hex) over structure and weights. */
  readonly hash: string
  /** `[height, width, channels]`, however the file has them. */
  readonly input: Shape
  /** Whether the file has the channels of its images before height and width. */
  readonly channelsFirst: boolean
  /** Values at the end, one for each class. */
  readonly outputs: number
  readonly scores: ScoreKind
  /** Numbers in the weights of all layers; what layers share counts once. */
  readonly parameters: number
  readonly layers: readonly ModelLayer[]
  /** Numbers of layers with the same weights, which is one layer called several times. */
  readonly sharedWeights: readonly (readonly number[])[]
  /** In the order of the layers. */
  readonly reusedOutputs: readonly ReusedOutput[]
  /** How the signal crosses each non-linearity in the backward pass. */
  readonly nonLinearities: readonly NonLinearity[]
  readonly warnings: readonly string[]
  readonly suggestion?: Suggestion
}
