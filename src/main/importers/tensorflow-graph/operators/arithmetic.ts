import { addUp, combine, concatenate } from '../../dataflow/operators/arithmetic.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import type { TensorFlowNode } from '../node.ts'

const bias: Converter<TensorFlowNode> = (conversion, node) => {
  node.requireChannelsLast()
  combine(conversion, node)
}

/** The axis stands in the last input. */
const concat: Converter<TensorFlowNode> = (conversion, node) => {
  const last = node.inputs.length - 1
  const given = node.inputs.slice(0, last).map((_, position) => conversion.input(node, position))
  if (given.length === 0) throw node.bad('which has nothing to join')
  concatenate(conversion, node, given, conversion.neededWeight(node, last, 'axis').data[0])
}

export const arithmeticConverters: Converters<TensorFlowNode> = {
  Add: combine,
  AddV2: combine,
  BiasAdd: bias,
  BiasAddV1: combine,
  Sub: combine,
  Mul: combine,
  Div: combine,
  RealDiv: combine,
  AddN: addUp,
  ConcatV2: concat,
}
