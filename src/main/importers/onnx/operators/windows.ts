import type { Padding, Pair, Shape } from '../../../../shared/graph.ts'
import { NO_PADDING, samePadding } from '../../padding.ts'
import type { OnnxNode } from '../node.ts'

/**
 * Explicit padding from `auto_pad` and `pads`. `map` is `[height, width, channels]`; SAME_UPPER has the odd pixel at
 * the bottom and the right, as TensorFlow does, SAME_LOWER at the top and the left.
 */
export function paddingOf(node: OnnxNode, map: Shape, size: Pair, strides: Pair, dilation: Pair): Padding {
  const rule = node.text('auto_pad', 'NOTSET')
  if (rule === 'NOTSET' || rule === '') return node.pads()
  if (rule === 'VALID') return NO_PADDING
  const upper = samePadding(map, size, strides, dilation)
  if (rule === 'SAME_UPPER') return upper
  if (rule === 'SAME_LOWER') {
    return { top: upper.bottom, bottom: upper.top, left: upper.right, right: upper.left }
  }
  throw node.setting('auto_pad', rule, 'NOTSET, VALID, SAME_UPPER or SAME_LOWER')
}

/**
 * The pixels beyond `padding` that windows reach into where the number of windows is rounded up (`ceil_mode`). A last
 * window that would start beyond the image and its padding before it is left out, as PyTorch and ONNX define.
 */
export function paddingOfRoundingUp(map: Shape, size: Pair, strides: Pair, padding: Padding): Pair {
  const { top, bottom, left, right } = padding
  const beyond = (axis: 0 | 1, before: number, after: number): number => {
    const padded = map[axis] + before + after
    if (padded < size[axis]) return 0
    let windows = Math.ceil((padded - size[axis]) / strides[axis]) + 1
    if ((windows - 1) * strides[axis] >= map[axis] + before) windows--
    return Math.max(0, (windows - 1) * strides[axis] + size[axis] - padded)
  }
  return [beyond(0, top, bottom), beyond(1, left, right)]
}
