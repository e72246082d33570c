import type { Padding, Pair } from '../../../../shared/graph.ts'
import { type Conversion, type Value } from '../conversion.ts'
import { axesOf, axisOf } from '../axes.ts'
import type { OnnxNode } from '../node.ts'
import type { Converter, Converters } from './converter.ts'
import { paddingOf, paddingOfRoundingUp } from './windows.ts'

const maxPool: Converter = (conversion, node) => {
  const { input, size, strides, padding, beyond } = windowOf(conversion, node)
  // Padding never wins, so that pixels beyond it change nothing.
  finishMap(conversion, node, input, conversion.add(node, 'maxPool', { size, strides, padding: sum(padding, beyond) }, [
    input.node,
  ]))
}

const averagePool: Converter = (conversion, node) => {
  const { input, size, strides, padding, beyond } = windowOf(conversion, node)
  const counts = node.integer('count_include_pad', 0) !== 0 && Object.values(padding).some((pixels: number) => pixels > 0)
  const window = { size, strides }
  if (!counts || (beyond[0] === 0 && beyond[1] === 0)) {
    const spec = { ...window, padding: sum(padding, beyond), countPadding: counts }
    finishMap(conversion, node, input, conversion.add(node, 'averagePool', spec, [input.node]))
    return
  }
  // The padding counts in the mean, what lies beyond it by rounding up does not: so the padding becomes real zeros.
  const padded = conversion.add(node, 'zeroPadding', { padding }, [input.node], 'padding')
  const spec = { ...window, padding: sum(NONE, beyond), countPadding: false }
  finishMap(conversion, node, input, conversion.add(node, 'averagePool', spec, [padded]))
}

type GlobalPool = 'globalAveragePool' | 'globalMaxPool'

const globalPool = (op: GlobalPool): Converter => (conversion, node) => addGlobalPool(conversion, node, op, true)

/** Over height and width of a map only: a global pool. */
const reduce = (op: GlobalPool): Converter => (conversion, node) => {
  const { dimensions } = conversion.input(node)
  const rank = dimensions.length + 1
  const given = axesOf(node, conversion.weight(node, 1, 'axes')).map((axis) => axisOf(node, axis, rank))
  const [first, second] = [...given].sort((a, b) => a - b)
  const overChannelsLast = rank === 4 && given.length === 2 && first === 1 && second === 2
  if (rank !== 4 || given.length !== 2 || !(overChannelsLast || (first === 2 && second === 3))) {
    const axes = given.length > 0 ? `over the axes ${given.join(', ')} of ${rank}` : 'over all axes'
    throw node.unsupported(`${axes}; only height and width of a map are supported`)
  }
  addGlobalPool(conversion, node, op, node.integer('keepdims', 1) !== 0, overChannelsLast)
}

export const poolingConverters: Converters = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool('globalAveragePool'),
  GlobalMaxPool: globalPool('globalMaxPool'),
  ReduceMean: reduce('globalAveragePool'),
  ReduceMax: reduce('globalMaxPool'),
}

const NONE: Padding = { top: 0, bottom: 0, left: 0, right: 0 }

function sum(padding: Padding, beyond: Pair): Padding {
  return { ...padding, bottom: padding.bottom + beyond[0], right: padding.right + beyond[1] }
}

function windowOf(conversion: Conversion, node: OnnxNode) {
  const given = conversion.input(node)
  if (node.integers('kernel_shape') === undefined) throw node.bad('which states no kernel_shape')
  const dilation = node.pair('dilations', [1, 1])
  if (dilation[0] !== 1 || dilation[1] !== 1) throw node.unsupported('with dilated windows')
  const input = conversion.map(node, given)
  const map = conversion.shapeOf(input)
  const size = node.pair('kernel_shape', [1, 1])
  const strides = node.pair('strides', [1, 1])
  const padding = paddingOf(node, map, size, strides, dilation)
  const beyond: Pair = node.integer('ceil_mode', 0) === 0 ? [0, 0] : paddingOfRoundingUp(map, size, strides, padding)
  return { input, size, strides, padding, beyond }
}

function finishMap(conversion: Conversion, node: OnnxNode, input: Value, id: number): void {
  const [height, width, channels] = conversion.builder.shapeOf(id) as [number, number, number]
  conversion.finish(node, { node: id, dimensions: [channels, height, width], order: input.order })
}

/** @param keepsAxes whether the file keeps axes of length 1 for height and width. */
function addGlobalPool(
  conversion: Conversion,
  node: OnnxNode,
  op: GlobalPool,
  keepsAxes: boolean,
  channelsLast = false,
): void {
  const given = conversion.input(node)
  const input = channelsLast
    ? conversion.arrange(node, given, given.dimensions, [0, 1, 2], given.dimensions)
    : conversion.map(node, given)
  const channels = conversion.shapeOf(input)[2]
  const keepAxes = keepsAxes && !leadsToUnits(conversion, node)
  const id = conversion.add(node, op, { keepAxes }, [input.node])
  const dimensions = !keepsAxes ? [channels] : channelsLast ? [1, 1, channels] : [channels, 1, 1]
  conversion.finish(node, { node: id, dimensions, order: keepAxes ? input.order : [0] })
}

const TOWARDS_UNITS: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Squeeze', 'Dropout', 'Identity'])

/** Whether only nodes follow that drop the axes of height and width: then they are not kept in the first place. */
function leadsToUnits(conversion: Conversion, node: OnnxNode): boolean {
  const followers = conversion.followersOf(node.outputs[0])
  return followers.length > 0 && followers.every(({ operator }) => TOWARDS_UNITS.has(operator))
}
