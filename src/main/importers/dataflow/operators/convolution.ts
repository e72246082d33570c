import type { OperatorSpecs, Weight } from '../../../../shared/graph.ts'
import type { FileNode } from '../node.ts'
import { vectorOf, type Conversion, type Value } from '../conversion.ts'
import { product, type Tensor } from '../tensor.ts'
import { followingBias } from './bias.ts'
import { weightOf } from './weight.ts'

/** Strides, padding and dilation of a convolution. */
export type ConvolutionWindow = Pick<OperatorSpecs['conv2d'], 'strides' | 'padding' | 'dilation'>

/** A kernel must have four axes and values. */
export function checkKernel(node: FileNode, { dimensions }: Tensor): void {
  const shape = `[${dimensions.join(', ')}]`
  if (dimensions.length !== 4) {
    throw node.unsupported(`whose kernel has shape ${shape}; only convolution over height and width is supported`)
  }
  if (product(dimensions) === 0) throw node.bad(`whose kernel of shape ${shape} is empty`)
}

/** kernel `[height, width, channels / groups, out]`; returns the node of the graph. */
export function addConvolution(
  conversion: Conversion,
  node: FileNode,
  map: Value,
  window: ConvolutionWindow,
  { kernel, bias, groups, ...more }: { kernel: Tensor; bias: Weight | null; groups: number; picksChannels?: true },
): number {
  const spec = { ...window, ...more, groups, kernel: weightOf(node, kernel), bias }
  return conversion.add(node, 'conv2d', spec, [map.node])
}

/** kernel `[height, width, channels, multiplier]`; returns the node of the graph. */
export function addDepthwiseConvolution(
  conversion: Conversion,
  node: FileNode,
  map: Value,
  window: ConvolutionWindow,
  { kernel, bias }: { kernel: Tensor; bias: Weight | null },
): number {
  return conversion.add(node, 'depthwiseConv2d', { ...window, kernel: weightOf(node, kernel), bias }, [map.node])
}

/**
 * The bias of `channels` values in the input at `position`, else an addition of one number per channel behind the node;
 * `last` is the node whose output has the bias in it.
 */
export function biasOf(
  conversion: Conversion,
  node: FileNode,
  position: number,
  channels: number,
  axesBehind: number,
): { bias: Weight | null; last: FileNode } {
  const own = conversion.weight(node, position, 'bias')
  if (!own) return followingBias(conversion, node, channels, axesBehind)
  return { bias: vectorOfLength(node, own, 'bias', channels), last: node }
}

/** Throws VebiError where the tensor has not one value per channel. */
export function vectorOfLength(node: FileNode, tensor: Tensor, role: string, channels: number): Weight {
  const weight = tensor.data.length === channels ? vectorOf(tensor, channels) : null
  if (weight) return weight
  throw node.bad(`whose ${role} has shape [${tensor.dimensions.join(', ')}], where ${channels} values are expected`)
}
