import { reshaped } from '../../dataflow/axes.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { cast, expand, pad, regroup, squeeze, transpose, unsqueeze } from '../../dataflow/operators/shaping.ts'
import { squeezedAxes } from '../constants.ts'
import type { TensorFlowNode } from '../node.ts'
import { FLOAT, TENSORFLOW_TYPES } from '../tensor.ts'

const reshape: Converter<TensorFlowNode> = (conversion, node) => {
  const input = conversion.input(node)
  const asked = [...conversion.neededWeight(node, 1, 'shape').data]
  regroup(conversion, node, input, reshaped(node, [conversion.images, ...input.dimensions], asked))
}

/** The amounts stand as rows [before, after], one for each axis. */
const padded: Converter<TensorFlowNode> = (conversion, node) => {
  const { dimensions, data } = conversion.neededWeight(node, 1, 'padding')
  const rank = conversion.input(node).dimensions.length + 1
  const amounts = [...data]
  if (dimensions.length !== 2 || dimensions[0] !== rank || dimensions[1] !== 2 || !amounts.every(Number.isInteger)) {
    throw node.setting('paddings', amounts, `two whole numbers for each of ${rank} axes`)
  }
  const value = conversion.weight(node, 2, 'value')?.data[0] ?? 0
  const before = amounts.filter((_, at) => at % 2 === 0)
  const after = amounts.filter((_, at) => at % 2 === 1)
  pad(conversion, node, before, after, value)
}

const mirrorPad: Converter<TensorFlowNode> = (_conversion, node) => {
  throw node.unsupported(`in the mode "${node.text('mode', 'REFLECT')}"; only zeros are supported`)
}

export const shapingConverters: Converters<TensorFlowNode> = {
  Cast: (conversion, node) => cast(conversion, node, TENSORFLOW_TYPES, node.type('DstT', FLOAT)),
  Reshape: reshape,
  Squeeze: (conversion, node) => squeeze(conversion, node, squeezedAxes(node)),
  ExpandDims: (conversion, node) => unsqueeze(conversion, node, [...conversion.neededWeight(node, 1, 'axis').data]),
  Transpose: (conversion, node) => transpose(conversion, node, [...conversion.neededWeight(node, 1, 'order').data]),
  Pad: padded,
  PadV2: padded,
  MirrorPad: mirrorPad,
  BroadcastTo: (conversion, node) => expand(conversion, node, [...conversion.neededWeight(node, 1, 'shape').data]),
}
