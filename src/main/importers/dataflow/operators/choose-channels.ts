import { CHANNELS_FIRST, CHANNELS_LAST, type Conversion, type Value } from '../conversion.ts'
import type { FileNode } from '../node.ts'
import { addConvolution } from './convolution.ts'

/** A kernel of so many values takes 16 MB. */
const LARGEST_KERNEL = 2 ** 22
const IN_PLACE = { strides: [1, 1], dilation: [1, 1], padding: { top: 0, bottom: 0, left: 0, right: 0 } } as const

/**
 * Some of a map's channels, in any order and as often as asked: a convolution of 1x1 whose kernel has a single 1 for
 * each of them, which gives the same numbers forwards and backwards.
 *
 * @param axis the axis of the file, that of the images among them, along which is chosen.
 * @param chosen positions along it.
 */
export function chooseChannels(
  conversion: Conversion,
  node: FileNode,
  input: Value,
  axis: number,
  chosen: readonly number[],
): Value {
  const size = input.dimensions[axis - 1]
  if (chosen.length === size && chosen.every((channel, place) => channel === place)) return input
  const isLast = input.order.length === 3 && input.order.every((graphAxis, place) => graphAxis === place)
  if (input.dimensions.length !== 3 || axis !== (isLast ? 3 : 1)) {
    throw node.unsupported('along another axis than that of the channels of a map')
  }
  const axes = isLast ? CHANNELS_LAST : CHANNELS_FIRST
  if (chosen.length === 0) throw node.bad('which takes no channel')
  if (size * chosen.length > LARGEST_KERNEL) throw node.unsupported(`which takes ${chosen.length} of ${size} channels`)
  const data = new Float32Array(size * chosen.length)
  chosen.forEach((channel, place) => (data[channel * chosen.length + place] = 1))
  const kernel = { dimensions: [1, 1, size, chosen.length], kind: 'float', data } as const
  const map = conversion.map(node, input, axes)
  const picking = { kernel, bias: null, groups: 1, picksChannels: true } as const
  return conversion.mapValue(addConvolution(conversion, node, map, IN_PLACE, picking), axes)
}
