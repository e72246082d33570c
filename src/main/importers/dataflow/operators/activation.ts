import type { OperatorName, OperatorSpecs } from '../../../../shared/graph.ts'
import type { Conversion, Value } from '../conversion.ts'
import type { FileNode } from '../node.ts'
import type { Tensor } from '../tensor.ts'
import { constantIn } from './constant-in.ts'
import type { Converter } from './converter.ts'

export const PLAIN_RELU: OperatorSpecs['relu'] = { maxValue: null, negativeSlope: 0, threshold: 0 }

/** An operator that works on each value by itself. */
export function pointwise<Op extends OperatorName, Node extends FileNode>(
  op: Op,
  specOf: (node: Node) => OperatorSpecs[Op],
): Converter<Node> {
  return (conversion, node) => {
    conversion.finish(node, conversion.unary(node, op, specOf(node), conversion.input(node)))
  }
}

/** Limits values to `lower` and `upper`; the largest numbers of float32 stand for no limit, as writers state them. */
export function limit(conversion: Conversion, node: FileNode, lower: number, upper: number): void {
  const input = conversion.input(node)
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

/** x where it is positive, else x times the slope in the second input. */
export function prelu(conversion: Conversion, node: FileNode): void {
  const slopes = conversion.neededWeight(node, 1, 'slope')
  conversion.finish(node, parametricRelu(conversion, node, conversion.input(node), slopes))
}

/** The value after such a ReLU; its slopes spread over the value. */
export function parametricRelu(
  conversion: Conversion,
  node: FileNode,
  input: Value,
  slopes: Tensor,
  suffix?: string,
): Value {
  const { value, weight } = constantIn(conversion, node, input, slopes)
  return conversion.unary(node, 'prelu', { alpha: weight }, value, suffix)
}

/** Softmax over an axis of the file, 0 the first behind that of the images. */
export function softmaxOver(conversion: Conversion, node: FileNode, axis: number): void {
  const value = withAxisLast(conversion, node, conversion.input(node), axis)
  conversion.finish(node, conversion.unary(node, 'softmax', {}, value))
}

/** Refuses the logarithm of a softmax that other nodes go on from; at the end the softmax itself is used. */
export function warnOfLogarithm(conversion: Conversion, node: FileNode): void {
  const followers = conversion.followersOf(node.outputs[0])
  if (followers.length > 0) throw node.unsupported('which other nodes go on from; only one at the end is supported')
  conversion.warnings.push(
    `The model ends in the logarithm of a softmax ("${node.name}"); the softmax without the logarithm is used.`,
  )
}

/** The value in a form whose last axis is the given one of the file. */
function withAxisLast(conversion: Conversion, node: FileNode, input: Value, axis: number): Value {
  const sizes = input.dimensions
  const { value, factors } = conversion.factored(node, input)
  const own = factors.filter(({ fileAxis }) => fileAxis === axis)
  if (own.length === 1 && own[0].graphAxis === conversion.shapeOf(value).length - 1) return value
  const order = sizes.map((_, at) => (at === axis ? sizes.length - 1 : at < axis ? at : at - 1))
  return conversion.arrange(node, value, sizes, order, sizes)
}
