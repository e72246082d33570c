import type { OperatorName, OperatorSpecs } from '../../../../shared/graph.ts'
import type { Conversion, Value } from '../../dataflow/conversion.ts'
import {
  limit,
  parametricRelu,
  PLAIN_RELU,
  pointwise,
  prelu,
  softmaxOver,
  warnOfLogarithm,
} from '../../dataflow/operators/activation.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import type { TensorFlowNode } from '../node.ts'

type Activation = {
  [Op in OperatorName]: { readonly op: Op; readonly specOf: (node: TensorFlowNode) => OperatorSpecs[Op] }
}['relu' | 'elu' | 'sigmoid' | 'tanh' | 'gelu']

/** @param slope attribute that holds the slope below zero. */
const leaky = (slope: string): Activation => ({
  op: 'relu',
  specOf: (node) => ({ ...PLAIN_RELU, negativeSlope: node.float(slope, Math.fround(0.2)) }),
})

const ACTIVATIONS = {
  Relu: { op: 'relu', specOf: () => PLAIN_RELU },
  Relu6: { op: 'relu', specOf: () => ({ ...PLAIN_RELU, maxValue: 6 }) },
  Elu: { op: 'elu', specOf: () => ({ alpha: 1 }) },
  Sigmoid: { op: 'sigmoid', specOf: () => ({}) },
  Tanh: { op: 'tanh', specOf: () => ({}) },
} as const satisfies Readonly<Record<string, Activation>>

/** Activations by the names that fused operators give them; only they know the last three. */
const FUSED: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ...Object.entries(ACTIVATIONS),
  ['LeakyRelu', leaky('leakyrelu_alpha')],
  ['GeluApproximate', { op: 'gelu', specOf: () => ({ approximate: true }) }],
  ['GeluExact', { op: 'gelu', specOf: () => ({ approximate: false }) }],
])

/**
 * The value after an activation that a fused operator ends with.
 *
 * @param slopes position of the input that holds the slopes of a Prelu.
 */
export function fusedActivation(
  conversion: Conversion,
  node: TensorFlowNode,
  name: string,
  value: Value,
  slopes: number,
): Value {
  if (name === 'Prelu') {
    return parametricRelu(conversion, node, value, conversion.neededWeight(node, slopes, 'slope'), name)
  }
  const activation = FUSED.get(name)
  if (!activation) throw node.unsupported(`fused with ${name}, which is not supported`)
  return applied(conversion, node, activation, value, name)
}

function applied<Op extends OperatorName>(
  conversion: Conversion,
  node: TensorFlowNode,
  { op, specOf }: { op: Op; specOf: (node: TensorFlowNode) => OperatorSpecs[Op] },
  value: Value,
  suffix: string,
): Value {
  return conversion.unary(node, op, specOf(node), value, suffix)
}

const softmax: Converter<TensorFlowNode> = (conversion, node) => {
  softmaxOver(conversion, node, conversion.input(node).dimensions.length - 1)
}

const logSoftmax: Converter<TensorFlowNode> = (conversion, node) => {
  warnOfLogarithm(conversion, node)
  softmax(conversion, node)
}

const clip: Converter<TensorFlowNode> = (conversion, node) => {
  const [lower, upper] = [1, 2].map((position) => conversion.neededWeight(node, position, 'limit').data)
  if (lower.length !== 1 || upper.length !== 1) throw node.unsupported('with limits that differ from place to place')
  limit(conversion, node, lower[0], upper[0])
}

export const activationConverters: Converters<TensorFlowNode> = {
  Relu: pointwise('relu', ACTIVATIONS.Relu.specOf),
  Relu6: pointwise('relu', ACTIVATIONS.Relu6.specOf),
  Elu: pointwise('elu', ACTIVATIONS.Elu.specOf),
  Sigmoid: pointwise('sigmoid', ACTIVATIONS.Sigmoid.specOf),
  Tanh: pointwise('tanh', ACTIVATIONS.Tanh.specOf),
  LeakyRelu: pointwise('relu', (node: TensorFlowNode) => ({
    ...PLAIN_RELU, negativeSlope: node.float('alpha', Math.fround(0.2)),
  })),
  Prelu: prelu,
  ClipByValue: clip,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
}
