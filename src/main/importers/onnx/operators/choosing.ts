import { axisOf } from '../../dataflow/axes.ts'
import { gathered, sliced } from '../../dataflow/constant-arithmetic.ts'
import type { Conversion, Value } from '../../dataflow/conversion.ts'
import { chooseChannels } from '../../dataflow/operators/choose-channels.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { integerTensor, type Tensor } from '../../dataflow/tensor.ts'
import { rangesOf } from '../axes.ts'
import type { OnnxNode } from '../node.ts'

/** Exporters write the largest whole number where a range goes to the end of an axis. */
const ALL_IMAGES = 2 ** 31 - 1

/** Of channels by a list, as `x[:, [2, 1, 0]]` is written: from RGB to BGR. */
const gather: Converter<OnnxNode> = (conversion, node) => {
  const indexes = conversion.neededWeight(node, 1, 'list')
  const input = conversion.input(node)
  const axis = axisOf(node, node.integer('axis', 0), input.dimensions.length + 1)
  if (indexes.dimensions.length !== 1) throw node.unsupported('which takes away the axis that it chooses from')
  conversion.finish(node, gatherChannels(conversion, node, input, axis, indexes))
}

const slice: Converter<OnnxNode> = (conversion, node) => {
  const input = conversion.input(node)
  const constants = node.inputs.map((_, at) => (at === 0 ? undefined : conversion.weight(node, at, 'range')))
  const ranges = rangesOf(node, input.dimensions.length + 1, constants)
  let value = input
  for (const [axis, range] of ranges) {
    if (axis === 0 && range.start === 0 && range.end >= ALL_IMAGES && range.step === 1) continue
    const chosen = sliced(node, positionsAlong(node, input.dimensions, axis), new Map([[0, range]]))
    value = chooseChannels(conversion, node, value, axis, [...chosen.data])
  }
  conversion.finish(node, value)
}

/** Into outputs of equal size, the last one smaller where they do not divide, or of stated sizes. */
const split: Converter<OnnxNode> = (conversion, node) => {
  const input = conversion.input(node)
  const axis = axisOf(node, node.integer('axis', 0), input.dimensions.length + 1)
  const size = positionsAlong(node, input.dimensions, axis).data.length
  const parts = node.outputs.length
  const stated = conversion.weight(node, 1, 'split')?.data ?? node.integers('split')
  const sizes = stated
    ? [...stated]
    : node.outputs.map((_, at) => Math.min(Math.ceil(size / parts), size - at * Math.ceil(size / parts)))
  const isWhole = sizes.every((part) => Number.isInteger(part) && part > 0)
  if (sizes.length !== parts || !isWhole || sizes.reduce((sum, part) => sum + part, 0) !== size) {
    throw node.setting('split', sizes, `a list of ${parts} sizes with the sum ${size}`)
  }
  let start = 0
  node.outputs.forEach((name, at) => {
    const first = start
    start += sizes[at]
    if (conversion.followersOf(name).length === 0) return
    const chosen = Array.from({ length: sizes[at] }, (_, place) => first + place)
    conversion.set(name, chooseChannels(conversion, node, input, axis, chosen))
  })
}

/** @param indexes `[count]`, from the end where they are negative. */
export function gatherChannels(
  conversion: Conversion,
  node: OnnxNode,
  input: Value,
  axis: number,
  indexes: Tensor,
): Value {
  const chosen = gathered(node, positionsAlong(node, input.dimensions, axis), indexes, 0)
  return chooseChannels(conversion, node, input, axis, [...chosen.data])
}

/** The positions 0, 1, ... along an axis of the file. */
function positionsAlong(node: OnnxNode, dimensions: readonly number[], axis: number): Tensor {
  if (axis === 0) throw node.unsupported('which chooses among the images')
  return integerTensor(Array.from({ length: dimensions[axis - 1] }, (_, place) => place))
}

export const choosingConverters: Converters<OnnxNode> = { Gather: gather, Slice: slice, Split: split }
