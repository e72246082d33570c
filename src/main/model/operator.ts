import type * as tf from '@tensorflow/tfjs-core'
import type { BackwardRule, NodeOf, OperatorName, Shape, StrideCorrection, Weight } from '../../shared/graph.ts'
import type { AxisWindow } from '../../core/receptive-field.ts'

/** What one operator may read on the way back. Tensors carry a leading batch axis. */
export interface BackwardContext {
  readonly inputs: readonly tf.Tensor[]
  readonly output: tf.Tensor
  /** Signal that arrives at the output, same shape as `output`. */
  readonly upstream: tf.Tensor
  readonly rule: BackwardRule
  readonly strideCorrection: StrideCorrection
  readonly weight: WeightLookup
}

/** The tensor that holds a weight of the graph; uploaded once by the network that owns it. */
export type WeightLookup = (weight: Weight) => tf.Tensor

/** How an operator widens the receptive field of its input. */
export type Footprint =
  | { readonly kind: 'point' }
  | { readonly kind: 'window'; readonly vertical: AxisWindow; readonly horizontal: AxisWindow }
  | { readonly kind: 'everything' }

/**
 * One operator. `forward` and `backward` run inside `tf.tidy`, so they need not dispose of anything;
 * both must return new tensors that the caller may dispose of (never an input or a weight itself).
 */
export interface Operator<Op extends OperatorName> {
  /** Throws VebiError('bad-model') naming the node when the inputs or weights do not fit. */
  outputShape(node: Pick<NodeOf<Op>, 'name' | 'spec'>, inputs: readonly Shape[]): Shape
  forward(node: NodeOf<Op>, inputs: readonly tf.Tensor[], weight: WeightLookup): tf.Tensor
  /** One downstream signal for each input, in order. */
  backward(node: NodeOf<Op>, context: BackwardContext): tf.Tensor[]
  footprint(node: NodeOf<Op>): Footprint
}
