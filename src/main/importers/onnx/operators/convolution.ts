import { CHANNELS_FIRST } from '../../dataflow/conversion.ts'
import {
  addConvolution,
  addDepthwiseConvolution,
  biasOf,
  checkKernel,
} from '../../dataflow/operators/convolution.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { transposed, type Tensor } from '../../dataflow/tensor.ts'
import type { OnnxNode } from '../node.ts'
import { paddingOf } from './windows.ts'

/** The file's kernel is [out, in / groups, height, width]. */
const conv: Converter<OnnxNode> = (conversion, node) => {
  const kernel = conversion.neededWeight(node, 1, 'kernel')
  checkKernel(node, kernel)
  const [out, inner, height, width] = kernel.dimensions as [number, number, number, number]
  const stated = node.integers('kernel_shape')
  if (stated && (stated[0] !== height || stated[1] !== width || stated.length !== 2)) {
    throw node.setting('kernel_shape', stated, `[${height}, ${width}] of its kernel`)
  }
  const input = conversion.map(node, conversion.input(node), CHANNELS_FIRST)
  const map = conversion.shapeOf(input)
  const strides = node.pair('strides', [1, 1])
  const dilation = node.pair('dilations', [1, 1])
  const window = { strides, dilation, padding: paddingOf(node, map, [height, width], strides, dilation) }
  const groups = node.integer('group', 1)
  const { bias, last } = biasOf(conversion, node, 2, out, 2)
  // One group for each channel: a depthwise convolution, whose output c * multiplier + m comes from channel c.
  const depthwise = groups > 1 && groups === map[2] && inner === 1 && out % groups === 0
  const id = depthwise
    ? addDepthwiseConvolution(conversion, node, input, window, { kernel: depthwiseKernel(kernel, groups), bias })
    : addConvolution(conversion, node, input, window, { kernel: transposed(kernel, [2, 3, 1, 0]), bias, groups })
  conversion.finishMap(last, id, CHANNELS_FIRST)
}

export const convolutionConverters: Converters<OnnxNode> = { Conv: conv }

/** [channels * multiplier, 1, height, width] to [height, width, channels, multiplier]. */
function depthwiseKernel(kernel: Tensor, channels: number): Tensor {
  const [out, , height, width] = kernel.dimensions as [number, number, number, number]
  return transposed({ ...kernel, dimensions: [channels, out / channels, height, width] }, [2, 3, 0, 1])
}
