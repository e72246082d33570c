import type * as tf from '@tensorflow/tfjs-core'
import type { GraphNode, NodeOf, OperatorName, Shape } from '../../../shared/graph.ts'
import type { BackwardContext, Footprint, Operator, WeightLookup } from '../operator.ts'
import { add } from './add.ts'
import { averagePool } from './average-pool.ts'
import { batchNorm } from './batch-norm.ts'
import { concatenate } from './concatenate.ts'
import { conv2d } from './conv2d.ts'
import { dense } from './dense.ts'
import { depthwiseConv2d } from './depthwise-conv2d.ts'
import { dropout } from './dropout.ts'
import { elu } from './elu.ts'
import { flatten } from './flatten.ts'
import { gelu } from './gelu.ts'
import { globalAveragePool } from './global-average-pool.ts'
import { globalMaxPool } from './global-max-pool.ts'
import { hardSigmoid } from './hard-sigmoid.ts'
import { hardSwish } from './hard-swish.ts'
import { input } from './input.ts'
import { lrn } from './lrn.ts'
import { maxPool } from './max-pool.ts'
import { multiply } from './multiply.ts'
import { permute } from './permute.ts'
import { prelu } from './prelu.ts'
import { relu } from './relu.ts'
import { keepsPlaces, reshape } from './reshape.ts'
import { sigmoid } from './sigmoid.ts'
import { silu } from './silu.ts'
import { softmax } from './softmax.ts'
import { tanh } from './tanh.ts'
import { zeroPadding } from './zero-padding.ts'

/** Every operator that a graph may hold. */
export const operators: { readonly [Op in OperatorName]: Operator<Op> } = {
  input,
  conv2d,
  depthwiseConv2d,
  dense,
  relu,
  prelu,
  elu,
  sigmoid,
  tanh,
  hardSigmoid,
  hardSwish,
  silu,
  gelu,
  softmax,
  maxPool,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  batchNorm,
  zeroPadding,
  flatten,
  reshape,
  permute,
  dropout,
  add,
  multiply,
  concatenate,
  lrn,
}

function operatorOf<Op extends OperatorName>(node: Pick<NodeOf<Op>, 'op'>): Operator<Op> {
  return operators[node.op]
}

/** Output shape without the batch axis; throws VebiError('bad-model') when inputs or weights do not fit. */
export function outputShapeOf<Op extends OperatorName>(
  node: Pick<NodeOf<Op>, 'op' | 'name' | 'spec'>,
  inputs: readonly Shape[],
): Shape {
  return operatorOf<Op>(node).outputShape(node, inputs)
}

export function forwardOf<Op extends OperatorName>(
  node: NodeOf<Op>,
  inputs: readonly tf.Tensor[],
  weight: WeightLookup,
): tf.Tensor {
  return operatorOf<Op>(node).forward(node, inputs, weight)
}

export function backwardOf<Op extends OperatorName>(node: NodeOf<Op>, context: BackwardContext): tf.Tensor[] {
  return operatorOf<Op>(node).backward(node, context)
}

/** With the shapes of the inputs, a reshape that leaves every pixel in its place is told apart from other ones. */
export function footprintOf(node: GraphNode, inputs: readonly Shape[] = []): Footprint {
  if (node.op === 'reshape' && inputs[0] && keepsPlaces(inputs[0], node.spec.shape)) return { kind: 'point' }
  return operatorOf(node).footprint(node)
}
