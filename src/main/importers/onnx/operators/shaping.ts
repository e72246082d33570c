import { axisOf } from '../../dataflow/axes.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { cast, expand, pad, pass, regroup, squeeze, transpose, unsqueeze } from '../../dataflow/operators/shaping.ts'
import { axesOf, orderOf, reshapedBy } from '../axes.ts'
import type { OnnxNode } from '../node.ts'
import { ONNX_TYPES } from '../tensor.ts'

const dropout: Converter<OnnxNode> = (conversion, node) => {
  conversion.finish(node, conversion.unary(node, 'dropout', {}, conversion.input(node)))
}

const reshape: Converter<OnnxNode> = (conversion, node) => {
  const asked = [...conversion.neededWeight(node, 1, 'shape').data]
  const input = conversion.input(node)
  regroup(conversion, node, input, reshapedBy(node, [conversion.images, ...input.dimensions], asked))
}

const flatten: Converter<OnnxNode> = (conversion, node) => {
  const input = conversion.input(node)
  const axis = node.integer('axis', 1)
  const rank = input.dimensions.length + 1
  const split = axis < 0 ? axis + rank : axis
  if (split !== 1) throw node.unsupported(`from axis ${axis} on; only axis 1, all of each image, is supported`)
  regroup(conversion, node, input, [conversion.images, input.dimensions.reduce((all, size) => all * size, 1)])
}

const padded: Converter<OnnxNode> = (conversion, node) => {
  const mode = node.text('mode', 'constant')
  if (mode !== 'constant') throw node.unsupported(`in the mode "${mode}"; only zeros are supported`)
  const value = node.version >= 11 ? (conversion.weight(node, 2, 'value')?.data[0] ?? 0) : node.float('value', 0)
  const input = conversion.input(node)
  const rank = input.dimensions.length + 1
  const amounts = node.version >= 11
    ? [...conversion.neededWeight(node, 1, 'padding').data]
    : (node.integers('pads') ?? [])
  const axesGiven = conversion.weight(node, 3, 'axes')
  const axes = axesGiven
    ? [...axesGiven.data].map((axis) => axisOf(node, axis, rank))
    : amounts.slice(rank).map((_, at) => at)
  if (amounts.length !== 2 * axes.length || !amounts.every((pixels) => Number.isInteger(pixels))) {
    throw node.setting('pads', amounts, `two whole numbers for each of ${axes.length} axes`)
  }
  const before = new Array<number>(rank).fill(0)
  const after = new Array<number>(rank).fill(0)
  axes.forEach((axis, position) => {
    before[axis] = amounts[position]
    after[axis] = amounts[axes.length + position]
  })
  pad(conversion, node, before, after, value)
}

export const shapingConverters: Converters<OnnxNode> = {
  Identity: pass,
  Cast: (conversion, node) => cast(conversion, node, ONNX_TYPES, node.integer('to', 1)),
  Dropout: dropout,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: (conversion, node) => squeeze(conversion, node, axesOf(node, conversion.weight(node, 1, 'axes'))),
  Unsqueeze: (conversion, node) => unsqueeze(conversion, node, axesOf(node, conversion.weight(node, 1, 'axes'))),
  Transpose: (conversion, node) =>
    transpose(conversion, node, orderOf(node, conversion.input(node).dimensions.length + 1)),
  Pad: padded,
  Expand: (conversion, node) => expand(conversion, node, [...conversion.neededWeight(node, 1, 'shape').data]),
}
