import type { OperatorName, OperatorSpecs } from '../../../../shared/graph.ts'
import { axisOf } from '../axes.ts'
import type { Conversion, Value } from '../conversion.ts'
import type { OnnxNode } from '../node.ts'
import { constantIn } from './constant-in.ts'
import type { Converter, Converters } from './converter.ts'

const PLAIN_RELU: OperatorSpecs['relu'] = { maxValue: null, negativeSlope: 0, threshold: 0 }

function pointwise<Op extends OperatorName>(op: Op, specOf: (node: OnnxNode) => OperatorSpecs[Op]): Converter {
  return (conversion, node) => {
    conversion.finish(node, conversion.unary(node, op, specOf(node), conversion.input(node)))
  }
}

/** Limits stand in attributes before operator set 11, then in inputs. */
const clip: Converter = (conversion, node) => {
  const lower = conversion.weight(node, 1, 'lower limit')?.data[0] ?? node.float('min', -Infinity)
  const upper = conversion.weight(node, 2, 'upper limit')?.data[0] ?? node.float('max', Infinity)
  const input = conversion.input(node)
  // Writers state the largest numbers of float32 where there is no limit.
  const [low, high] = [lower <= -3e38 ? -Infinity : lower, upper >= 3e38 ? Infinity : upper]
  if (low === -Infinity && high === Infinity) {
    conversion.finish(node, input)
    return
  }
  if (low !== 0 || !(high > 0)) {
    throw node.unsupported(`which limits to ${low} and ${high}; only a lower limit of 0 is supported`)
  }
  const spec = { ...PLAIN_RELU, maxValue: high === Infinity ? null : high }
  conversion.finish(node, conversion.unary(node, 'relu', spec, input))
}

const prelu: Converter = (conversion, node) => {
  const slopes = conversion.neededWeight(node, 1, 'slope')
  const input = conversion.input(node)
  const { value, weight } = constantIn(conversion, node, input, slopes)
  conversion.finish(node, conversion.unary(node, 'prelu', { alpha: weight }, value))
}

/** Over the axis of the classes: the channels of a map, or units. */
const softmax: Converter = (conversion, node) => {
  const input = conversion.input(node)
  conversion.finish(node, conversion.unary(node, 'softmax', {}, onLastAxis(conversion, node, input)))
}

const logSoftmax: Converter = (conversion, node) => {
  const followers = conversion.followersOf(node.outputs[0])
  if (followers.length > 0) throw node.unsupported('which other nodes go on from; only one at the end is supported')
  conversion.warnings.push(
    `The model ends in the logarithm of a softmax ("${node.name}"); the softmax without the logarithm is used.`,
  )
  softmax(conversion, node)
}

export const activationConverters: Converters = {
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

/** Before operator set 13 softmax goes over all axes from `axis` on, then over `axis` alone. */
function onLastAxis(conversion: Conversion, node: OnnxNode, input: Value): Value {
  const rank = input.dimensions.length + 1
  const old = node.version < 13
  const axis = axisOf(node, node.integer('axis', old ? 1 : -1), rank) - 1
  const sizes = input.dimensions
  const others = old ? sizes.slice(axis + 1) : []
  if (axis < 0 || others.some((size) => size !== 1)) {
    throw node.unsupported(`over axis ${axis + 1} of ${rank} and others; only one axis is supported`)
  }
  const { value, factors } = conversion.factored(node, input)
  const own = factors.filter(({ fileAxis }) => fileAxis === axis)
  if (own.length === 1 && own[0].graphAxis === conversion.shapeOf(value).length - 1) return value
  const order = sizes.map((_, at) => (at === axis ? sizes.length - 1 : at < axis ? at : at - 1))
  return conversion.arrange(node, value, sizes, order, sizes)
}
