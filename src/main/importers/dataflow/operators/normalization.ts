import type { OperatorSpecs } from '../../../../shared/graph.ts'
import type { Conversion, MapAxes, Value } from '../conversion.ts'
import type { FileNode } from '../node.ts'
import { vectorOfLength } from './convolution.ts'

/**
 * Normalises the channels by stored mean and variance.
 *
 * @param from position of the first of the inputs scale, bias, mean and variance.
 * @returns the node of the graph as a value.
 */
export function addBatchNormalization(
  conversion: Conversion,
  node: FileNode,
  value: Value,
  from: number,
  epsilon: number,
  suffix?: string,
): Value {
  const channels = conversion.shapeOf(value).at(-1)!
  const vector = (position: number, role: string) =>
    vectorOfLength(node, conversion.neededWeight(node, from + position, role), role, channels)
  const spec: OperatorSpecs['batchNorm'] = {
    scale: vector(0, 'scale'),
    offset: vector(1, 'bias'),
    mean: vector(2, 'mean'),
    variance: vector(3, 'variance'),
    epsilon,
  }
  if (spec.variance.data.some((each) => !(each + epsilon > 0))) throw node.bad('whose variance is not positive')
  return conversion.unary(node, 'batchNorm', spec, value, suffix)
}

/** scale * x + offset, each with one number per channel, as a batch normalisation of mean 0 and variance 1. */
export function perChannelScaling(scale: Float32Array, offset: Float32Array): OperatorSpecs['batchNorm'] {
  const shape = [scale.length]
  return {
    scale: scale.every((each) => each === 1) ? null : { shape, data: scale },
    offset: offset.every((each) => each === 0) ? null : { shape, data: offset },
    mean: { shape, data: new Float32Array(scale.length) },
    variance: { shape, data: new Float32Array(scale.length).fill(1) },
    epsilon: 0,
  }
}

/** Units, or a map in the order of `axes`, with the channels as the graph's last axis. */
export function channelsLast(conversion: Conversion, node: FileNode, value: Value, axes: MapAxes): Value {
  const { dimensions } = value
  if (dimensions.length === 3) return conversion.map(node, value, axes)
  if (dimensions.length === 1) return conversion.arrange(node, value, dimensions, [0], dimensions)
  throw node.unsupported(`whose input has shape [images, ${dimensions.join(', ')}]; only units and maps are supported`)
}
