import { axisOf } from '../../dataflow/axes.ts'
import {
  limit,
  PLAIN_RELU,
  pointwise,
  prelu,
  softmaxOver,
  warnOfLogarithm,
} from '../../dataflow/operators/activation.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import type { OnnxNode } from '../node.ts'

/** Limits stand in attributes before operator set 11, then in inputs. */
const clip: Converter<OnnxNode> = (conversion, node) => {
  const lower = conversion.weight(node, 1, 'lower limit')?.data[0] ?? node.float('min', -Infinity)
  const upper = conversion.weight(node, 2, 'upper limit')?.data[0] ?? node.float('max', Infinity)
  limit(conversion, node, lower, upper)
}

/**
 * Over the axis of the classes: the channels of a map, or units. Before operator set 13 softmax goes over all axes from
 * `axis` on, then over `axis` alone.
 */
const softmax: Converter<OnnxNode> = (conversion, node) => {
  const { dimensions } = conversion.input(node)
  const rank = dimensions.length + 1
  const old = node.version < 13
  const axis = axisOf(node, node.integer('axis', old ? 1 : -1), rank) - 1
  const others = old ? dimensions.slice(axis + 1) : []
  if (axis < 0 || others.some((size) => size !== 1)) {
    throw node.unsupported(`over axis ${axis + 1} of ${rank} and others; only one axis is supported`)
  }
  softmaxOver(conversion, node, axis)
}

const logSoftmax: Converter<OnnxNode> = (conversion, node) => {
  warnOfLogarithm(conversion, node)
  softmax(conversion, node)
}

export const activationConverters: Converters<OnnxNode> = {
  Relu: pointwise('relu', () => PLAIN_RELU),
  LeakyRelu: pointwise('relu', (node) => ({ ...PLAIN_RELU, negativeSlope: node.float('alpha', Math.fround(0.01)) })),
  ThresholdedRelu: pointwise('relu', (node) => ({ ...PLAIN_RELU, threshold: node.float('alpha', 1) })),
  PRelu: prelu,
  Elu: pointwise('elu', (node) => ({ alpha: node.float('alpha', 1) })),
  Clip: clip,
  Sigmoid: pointwise('sigmoid', () => ({})),
  Tanh: pointwise('tanh', () => ({})),
  HardSigmoid: pointwise('hardSigmoid', (node) => ({
    alpha: node.float('alpha', Math.fround(0.2)),
    beta: node.float('beta', 0.5),
  })),
  HardSwish: pointwise('hardSwish', () => ({})),
  Gelu: pointwise('gelu', (node) => ({ approximate: approximation(node) })),
  Swish(conversion, node) {
    if (node.float('alpha', 1) !== 1) throw node.unsupported('whose alpha is not 1')
    conversion.finish(node, conversion.unary(node, 'silu', {}, conversion.input(node)))
  },
  Softmax: softmax,
  LogSoftmax: logSoftmax,
}

function approximation(node: OnnxNode): boolean {
  const kind = node.text('approximate', 'none')
  if (kind === 'none' || kind === 'tanh') return kind === 'tanh'
  throw node.setting('approximate', kind, '"none" or "tanh"')
}
