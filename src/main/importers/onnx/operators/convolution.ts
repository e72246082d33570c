import type { Shape, Weight } from '../../../../shared/graph.ts'
import { vectorOf, type Conversion } from '../conversion.ts'
import type { OnnxNode } from '../node.ts'
import { product, transposed, type Tensor } from '../tensor.ts'
import { followingBias } from './bias.ts'
import type { Converter, Converters } from './converter.ts'
import { paddingOf } from './windows.ts'

/** The file's kernel is [out, in / groups, height, width]. */
const conv: Converter = (conversion, node) => {
  const kernel = conversion.neededWeight(node, 1, 'kernel')
  if (kernel.dimensions.length !== 4) {
    const shape = `[${kernel.dimensions.join(', ')}]`
    throw node.unsupported(`whose kernel has shape ${shape}; only convolution over height and width is supported`)
  }
  const [out, inner, height, width] = kernel.dimensions as [number, number, number, number]
  if (product(kernel.dimensions) === 0) throw node.bad(`whose kernel of shape [${kernel.dimensions.join(', ')}] is empty`)
  const stated = node.integers('kernel_shape')
  if (stated && (stated[0] !== height || stated[1] !== width || stated.length !== 2)) {
    throw node.setting('kernel_shape', stated, `[${height}, ${width}] of its kernel`)
  }
  const input = conversion.map(node, conversion.input(node))
  const map = conversion.shapeOf(input)
  const strides = node.pair('strides', [1, 1])
  const dilation = node.pair('dilations', [1, 1])
  const padding = paddingOf(node, map, [height, width], strides, dilation)
  const groups = node.integer('group', 1)
  const { bias, last } = biasOf(conversion, node, out)
  const window = { strides, padding, dilation, bias }
  // One group for each channel: a depthwise convolution, whose output c * multiplier + m comes from channel c.
  const depthwise = groups > 1 && groups === map[2] && inner === 1 && out % groups === 0
  const id = depthwise
    ? conversion.add(node, 'depthwiseConv2d', { ...window, kernel: depthwiseKernel(kernel, groups) }, [input.node])
    : conversion.add(node, 'conv2d', { ...window, groups, kernel: ordinaryKernel(kernel) }, [input.node])
  const [rows, columns, channels] = conversion.builder.shapeOf(id) as [number, number, number]
  conversion.finish(last, { node: id, dimensions: [channels, rows, columns], order: input.order })
}

export const convolutionConverters: Converters = { Conv: conv }

/** The bias, and the node that ends the convolution: itself, or an addition of one number per channel behind it. */
function biasOf(conversion: Conversion, node: OnnxNode, channels: number): { bias: Weight | null; last: OnnxNode } {
  const own = conversion.weight(node, 2, 'bias')
  if (!own) return followingBias(conversion, node, channels, 2)
  const bias = own.data.length === channels ? vectorOf(own, channels) : null
  if (bias) return { bias, last: node }
  throw node.bad(`whose bias has shape [${own.dimensions.join(', ')}], where ${channels} values are expected`)
}

function ordinaryKernel(kernel: Tensor): Weight {
  return asWeight(transposed(kernel, [2, 3, 1, 0]))
}

/** [channels * multiplier, 1, height, width] to [height, width, channels, multiplier]. */
function depthwiseKernel(kernel: Tensor, channels: number): Weight {
  const [out, , height, width] = kernel.dimensions as [number, number, number, number]
  return asWeight(transposed({ ...kernel, dimensions: [channels, out / channels, height, width] }, [2, 3, 0, 1]))
}

function asWeight({ dimensions, data }: Tensor): Weight {
  const shape: Shape = dimensions
  return { shape, data: Float32Array.from(data) }
}
