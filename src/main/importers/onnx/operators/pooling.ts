import type { Padding, Pair } from '../../../../shared/graph.ts'
import { CHANNELS_FIRST, type Conversion } from '../../dataflow/conversion.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { addGlobalPool, reduceAxes, type GlobalPool } from '../../dataflow/operators/global-pool.ts'
import { NO_PADDING } from '../../padding.ts'
import { axesOf } from '../axes.ts'
import type { OnnxNode } from '../node.ts'
import { paddingOf, paddingOfRoundingUp } from './windows.ts'

const maxPool: Converter<OnnxNode> = (conversion, node) => {
  const { input, size, strides, padding, beyond } = windowOf(conversion, node)
  // Padding never wins, so that pixels beyond it change nothing.
  const spec = { size, strides, padding: sum(padding, beyond) }
  conversion.finishMap(node, conversion.add(node, 'maxPool', spec, [input.node]), CHANNELS_FIRST)
}

const averagePool: Converter<OnnxNode> = (conversion, node) => {
  const { input, size, strides, padding, beyond } = windowOf(conversion, node)
  const counts = node.integer('count_include_pad', 0) !== 0 && Object.values(padding).some((pixels: number) => pixels > 0)
  const window = { size, strides }
  if (!counts || (beyond[0] === 0 && beyond[1] === 0)) {
    const spec = { ...window, padding: sum(padding, beyond), countPadding: counts }
    conversion.finishMap(node, conversion.add(node, 'averagePool', spec, [input.node]), CHANNELS_FIRST)
    return
  }
  // The padding counts in the mean, what lies beyond it by rounding up does not: so the padding becomes real zeros.
  const padded = conversion.add(node, 'zeroPadding', { padding }, [input.node], 'padding')
  const spec = { ...window, padding: sum(NO_PADDING, beyond), countPadding: false }
  conversion.finishMap(node, conversion.add(node, 'averagePool', spec, [padded]), CHANNELS_FIRST)
}

const globalPool = (op: GlobalPool): Converter<OnnxNode> => (conversion, node) =>
  addGlobalPool(conversion, node, op, true, CHANNELS_FIRST)

const reduce = (op: GlobalPool): Converter<OnnxNode> => (conversion, node) => {
  const axes = axesOf(node, conversion.weight(node, 1, 'axes'))
  reduceAxes(conversion, node, op, axes, node.integer('keepdims', 1) !== 0)
}

export const poolingConverters: Converters<OnnxNode> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool('globalAveragePool'),
  GlobalMaxPool: globalPool('globalMaxPool'),
  ReduceMean: reduce('globalAveragePool'),
  ReduceMax: reduce('globalMaxPool'),
}

function sum(padding: Padding, beyond: Pair): Padding {
  return { ...padding, bottom: padding.bottom + beyond[0], right: padding.right + beyond[1] }
}

function windowOf(conversion: Conversion, node: OnnxNode) {
  const given = conversion.input(node)
  if (node.integers('kernel_shape') === undefined) throw node.bad('which states no kernel_shape')
  const dilation = node.pair('dilations', [1, 1])
  if (dilation[0] !== 1 || dilation[1] !== 1) throw node.unsupported('with dilated windows')
  const input = conversion.map(node, given, CHANNELS_FIRST)
  const map = conversion.shapeOf(input)
  const size = node.pair('kernel_shape', [1, 1])
  const strides = node.pair('strides', [1, 1])
  const padding = paddingOf(node, map, size, strides, dilation)
  const beyond: Pair = node.integer('ceil_mode', 0) === 0 ? [0, 0] : paddingOfRoundingUp(map, size, strides, padding)
  return { input, size, strides, padding, beyond }
}
