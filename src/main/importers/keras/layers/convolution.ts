import type { Pair, Shape, Window } from '../../../../shared/graph.ts'
import { NO_PADDING, samePadding } from '../../padding.ts'
import { addFusedActivation } from './activation.ts'
import type { Layer, LayerConverter } from './layer.ts'

const conv2d: LayerConverter = (layer) => {
  const [, , inChannels] = layer.inputMap as [number, number, number]
  const size = layer.config.pair('kernel_size')
  const filters = layer.config.count('filters')
  const groups = layer.config.count('groups', 1)
  if (inChannels % groups !== 0 || filters % groups !== 0) {
    throw layer.config.wrong('groups', groups, `a divisor of ${inChannels} input channels and ${filters} filters`)
  }
  const kernel = layer.weight('kernel', [...size, inChannels / groups, filters])
  const bias = biasOf(layer, filters)
  const node = layer.add('conv2d', { ...windowOf(layer, size), dilation: dilationOf(layer), groups, kernel, bias }, [
    layer.input,
  ])
  return addFusedActivation(layer, node)
}

const depthwiseConv2d: LayerConverter = (layer) => {
  const [, , inChannels] = layer.inputMap as [number, number, number]
  const size = layer.config.pair('kernel_size')
  const kernel = layer.weight(['depthwise_kernel', 'kernel'], [...size, inChannels, multiplierOf(layer)])
  const bias = biasOf(layer, inChannels * kernel.shape[3])
  const node = layer.add('depthwiseConv2d', { ...windowOf(layer, size), dilation: dilationOf(layer), kernel, bias }, [
    layer.input,
  ])
  return addFusedActivation(layer, node)
}

/** A depthwise convolution without bias, then a 1x1 convolution with it. */
const separableConv2d: LayerConverter = (layer) => {
  const [, , inChannels] = layer.inputMap as [number, number, number]
  const size = layer.config.pair('kernel_size')
  const filters = layer.config.count('filters')
  const kernel = layer.weight('depthwise_kernel', [...size, inChannels, multiplierOf(layer)])
  const depthwise = layer.add(
    'depthwiseConv2d',
    { ...windowOf(layer, size), dilation: dilationOf(layer), kernel, bias: null },
    [layer.input],
    'depthwise',
  )
  const pointwise = layer.add(
    'conv2d',
    {
      strides: [1, 1],
      padding: NO_PADDING,
      dilation: [1, 1],
      groups: 1,
      kernel: layer.weight('pointwise_kernel', [1, 1, inChannels * kernel.shape[3], filters]),
      bias: biasOf(layer, filters),
    },
    [depthwise],
    'pointwise',
  )
  return addFusedActivation(layer, pointwise)
}

const dense: LayerConverter = (layer) => {
  const shape: Shape = layer.inputShape
  const units = layer.config.count('units')
  const kernel = layer.weight('kernel', [shape.at(-1)!, units])
  return addFusedActivation(layer, layer.add('dense', { kernel, bias: biasOf(layer, units) }, [layer.input]))
}

export const parametricLayers: Readonly<Record<string, LayerConverter>> = {
  Conv2D: conv2d,
  Convolution2D: conv2d,
  DepthwiseConv2D: depthwiseConv2d,
  SeparableConv2D: separableConv2d,
  SeparableConvolution2D: separableConv2d,
  Dense: dense,
}

/** Strides and explicit padding of a convolution or pooling window of `size`. */
export function windowOf(layer: Layer, size: Pair, defaultStrides: Pair = [1, 1]): Window {
  const strides = layer.config.pair('strides', defaultStrides)
  const padding = layer.config.string('padding', 'valid').toLowerCase()
  if (padding === 'valid') return { strides, padding: NO_PADDING }
  if (padding === 'same') return { strides, padding: samePadding(layer.inputMap, size, strides, dilationOf(layer)) }
  throw layer.config.wrong('padding', padding, '"valid" or "same"')
}

function dilationOf(layer: Layer): Pair {
  return layer.config.pair('dilation_rate', [1, 1])
}

/** Null where it is not stated: TF.js leaves it out of a SeparableConv2D, so the kernel tells. */
function multiplierOf(layer: Layer): number | null {
  return layer.config.find('depth_multiplier') === undefined ? null : layer.config.count('depth_multiplier')
}

function biasOf(layer: Layer, channels: number) {
  return layer.config.boolean('use_bias', true) ? layer.weight('bias', [channels]) : null
}
