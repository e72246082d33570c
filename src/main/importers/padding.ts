import type { Padding, Pair, Shape } from '../../shared/graph.ts'

export const NO_PADDING: Padding = { top: 0, bottom: 0, left: 0, right: 0 }

/**
 * TensorFlow's SAME rule made explicit: the output has ceil(size / stride) positions, and an odd pixel of padding goes
 * to the bottom and the right. `input` is `[height, width, channels]`, `window` the undilated kernel or pool size.
 */
export function samePadding(input: Shape, window: Pair, strides: Pair, dilation: Pair = [1, 1]): Padding {
  const total = (axis: 0 | 1): number => {
    const positions = Math.ceil(input[axis] / strides[axis])
    const extent = (window[axis] - 1) * dilation[axis] + 1
    return Math.max((positions - 1) * strides[axis] + extent - input[axis], 0)
  }
  const vertical = total(0)
  const horizontal = total(1)
  return {
    top: Math.floor(vertical / 2),
    bottom: Math.ceil(vertical / 2),
    left: Math.floor(horizontal / 2),
    right: Math.ceil(horizontal / 2),
  }
}
