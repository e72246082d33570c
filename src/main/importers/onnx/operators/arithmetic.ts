import { addUp, combine, concatenate } from '../../dataflow/operators/arithmetic.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import type { OnnxNode } from '../node.ts'

const concat: Converter<OnnxNode> = (conversion, node) => {
  if (!node.has('axis')) throw node.bad('which states no axis')
  const given = node.inputs.map((_, position) => conversion.input(node, position))
  concatenate(conversion, node, given, node.integer('axis', 1))
}

export const arithmeticConverters: Converters<OnnxNode> = {
  Add: combine,
  Sub: combine,
  Mul: combine,
  Div: combine,
  Sum: addUp,
  Concat: concat,
}
