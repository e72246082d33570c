/**
 * The one network description that every importer yields: a closed set of operators, channels last,
 * padding explicit. Shapes never include the batch axis: `[height, width, channels]` or `[units]`.
 */

export type Shape = readonly number[]

/** Row-major float32 weights with their shape. */
export interface Weight {
  readonly shape: Shape
  readonly data: Float32Array
  /** Number of values, where it is known before they are read. */
  readonly count?: number
}

/** Zero padding in pixels. */
export interface Padding {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** `[vertical, horizontal]`. */
export type Pair = readonly [number, number]

export interface Window {
  readonly strides: Pair
  readonly padding: Padding
}

/** Parameters and weights of each operator. Weight layouts are those of TensorFlow. */
export interface OperatorSpecs {
  /** The image, `[height, width, channels]`, after preprocessing; or `[units]`. */
  input: { readonly shape: Shape }
  /** kernel `[kernelHeight, kernelWidth, inChannels / groups, outChannels]`, bias `[outChannels]`. */
  conv2d: Window & {
    readonly dilation: Pair
    readonly groups: number
    readonly kernel: Weight
    readonly bias: Weight | null
    /** Set where the kernel has a single 1 for each output: it puts channels in another order and is no layer. */
    readonly picksChannels?: true
  }
  /** kernel `[kernelHeight, kernelWidth, inChannels, multiplier]`, bias `[inChannels * multiplier]`. */
  depthwiseConv2d: Window & { readonly dilation: Pair; readonly kernel: Weight; readonly bias: Weight | null }
  /** On `[units]`, or on the last axis of a map. kernel `[inUnits, outUnits]`, bias `[outUnits]`. */
  dense: { readonly kernel: Weight; readonly bias: Weight | null }
  /** x >= maxValue: maxValue; threshold <= x: x; else negativeSlope * (x - threshold) (Keras' definition). */
  relu: { readonly maxValue: number | null; readonly negativeSlope: number; readonly threshold: number }
  /** alpha broadcasts against the input without its batch axis. */
  prelu: { readonly alpha: Weight }
  elu: { readonly alpha: number }
  sigmoid: Record<never, never>
  tanh: Record<never, never>
  /** min(max(alpha * x + beta, 0), 1): alpha 1/6 and beta 1/2 in PyTorch and Keras 3, alpha 0.2 in ONNX and Keras 2. */
  hardSigmoid: { readonly alpha: number; readonly beta: number }
  /** x * min(max(x / 6 + 1 / 2, 0), 1). */
  hardSwish: Record<never, never>
  /** x * sigmoid(x). */
  silu: Record<never, never>
  /** x times the normal distribution function of x; `approximate` by tanh. */
  gelu: { readonly approximate: boolean }
  /** Over the last axis. */
  softmax: Record<never, never>
  /** Padding counts as minus infinity. */
  maxPool: Window & { readonly size: Pair }
  /** `countPadding`: padded zeros count in the divisor (PyTorch's default); else only real pixels do (Keras). */
  averagePool: Window & { readonly size: Pair; readonly countPadding: boolean }
  /** `[height, width, channels]` to `[channels]`, or to `[1, 1, channels]` where `keepAxes`. */
  globalAveragePool: { readonly keepAxes: boolean }
  globalMaxPool: { readonly keepAxes: boolean }
  /** Inference form, on the last axis: scale * (x - mean) / sqrt(variance + epsilon) + offset. */
  batchNorm: {
    readonly scale: Weight | null
    readonly offset: Weight | null
    readonly mean: Weight
    readonly variance: Weight
    readonly epsilon: number
  }
  zeroPadding: { readonly padding: Padding }
  flatten: Record<never, never>
  reshape: { readonly shape: Shape }
  /** `order[i]` is the input axis (0-based, without the batch axis) that becomes axis i. */
  permute: { readonly order: readonly number[] }
  /** Layers that do nothing at inference: Dropout and its kin. */
  dropout: Record<never, never>
  add: Record<never, never>
  multiply: Record<never, never>
  /** `axis` is 0-based without the batch axis. */
  concatenate: { readonly axis: number }
  /** Local response normalisation: x / (bias + alpha * sum over channels [c - radius, c + radius] of x^2) ^ beta. */
  lrn: { readonly radius: number; readonly bias: number; readonly alpha: number; readonly beta: number }
}

export type OperatorName = keyof OperatorSpecs

export interface NodeOf<Op extends OperatorName> {
  /** Position in `Graph.nodes`; inputs always come before. */
  readonly id: number
  /** Unique within the graph; the name in the source model, with a suffix where one source layer became two nodes. */
  readonly name: string
  readonly op: Op
  readonly spec: OperatorSpecs[Op]
  readonly inputs: readonly number[]
  /** Output shape without the batch axis. */
  readonly shape: Shape
}

export type GraphNode = { [Op in OperatorName]: NodeOf<Op> }[OperatorName]

export interface Graph {
  /** Topological order; node 0 is the input. */
  readonly nodes: readonly GraphNode[]
  /** The node whose output holds one value per class (logits, or probabilities after softmax). */
  readonly output: number
  /** The format and producer, for reports ("TF.js LayersModel, keras 2.2.4-tf"). */
  readonly source: string
  /** SHA-256 (hex) over structure and weights; the cache is keyed by it. */
  readonly hash: string
  /** What the importer repaired or could not represent exactly, one sentence each. */
  readonly warnings: readonly string[]
  /** Whether the file has the channels of its images before height and width; left out where it has them last. */
  readonly channelsFirst?: boolean
  readonly suggestion?: Suggestion
}

/** What a model's file says about its images and classes besides the network; who makes a project decides. */
export interface Suggestion {
  /** As in `PreprocessingConfig`; null where the file does not say. */
  readonly preprocessing: {
    readonly scale: number
    readonly mean: readonly number[]
    readonly std: readonly number[]
    readonly order: 'rgb' | 'bgr'
    readonly resize: 'fit' | 'crop'
  } | null
  /** Class names in the order of the network's outputs; null where the file does not say. */
  readonly classes: readonly string[] | null
  /** Where the preprocessing is known from; left out where the file states it as such. */
  readonly reason?: string
}

/** How the signal crosses a rectifier on the way back (method section 4). */
export type BackwardRule = 'gradient' | 'deconvnet' | 'guided'

/** Where strided operations are resampled on the way back (paper, section 3.3). */
export type StrideCorrection = 'none' | 'conv' | 'conv+pool'
