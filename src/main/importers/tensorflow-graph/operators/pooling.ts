import { CHANNELS_LAST } from '../../dataflow/conversion.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { reduceAxes, type GlobalPool } from '../../dataflow/operators/global-pool.ts'
import type { TensorFlowNode } from '../node.ts'

/** Averages are over real pixels alone; padding never is the largest value. */
const pool = (op: 'maxPool' | 'averagePool'): Converter<TensorFlowNode> => (conversion, node) => {
  node.requireChannelsLast()
  const input = conversion.map(node, conversion.input(node), CHANNELS_LAST)
  const size = node.pair('ksize')
  const strides = node.pair('strides')
  const window = { size, strides, padding: node.padding(conversion.shapeOf(input), size, strides) }
  const id = op === 'maxPool'
    ? conversion.add(node, op, window, [input.node])
    : conversion.add(node, op, { ...window, countPadding: false }, [input.node])
  conversion.finishMap(node, id, CHANNELS_LAST)
}

const reduce = (op: GlobalPool): Converter<TensorFlowNode> => (conversion, node) => {
  const axes = [...conversion.neededWeight(node, 1, 'axes').data]
  reduceAxes(conversion, node, op, axes, node.truth('keep_dims', false))
}

export const poolingConverters: Converters<TensorFlowNode> = {
  MaxPool: pool('maxPool'),
  AvgPool: pool('averagePool'),
  Mean: reduce('globalAveragePool'),
  Max: reduce('globalMaxPool'),
}
