import type { Weight } from '../../../../shared/graph.ts'
import { VebiError } from '../../../../shared/errors.ts'
import { requireChannelAxis } from './axes.ts'
import type { Layer, LayerConverter } from './layer.ts'

/** Below this Keras divides by it instead of by the standard deviation. */
const SMALLEST_DEVIATION = 1e-7

/** scale * x + offset, as a batch normalisation of mean 0 and variance 1. */
const rescaling: LayerConverter = (layer) => {
  const channels = layer.inputShape.at(-1)!
  const scale = perChannel(layer, 'scale', layer.config.numbers('scale') ?? [1], channels)
  const offset = perChannel(layer, 'offset', layer.config.numbers('offset') ?? [0], channels)
  return addAffine(layer, { scale, offset, mean: filled(channels, 0), variance: filled(channels, 1) })
}

/** (x - mean) / deviation with statistics of the training data, or back again where it is inverted. */
const normalization: LayerConverter = (layer) => {
  const channels = layer.inputShape.at(-1)!
  const axis = layer.config.find('axis')
  const overAll = axis === undefined || (Array.isArray(axis) && axis.length === 0)
  if (!overAll) requireChannelAxis(layer, axis)
  const shape = overAll ? [] : [channels]
  const statistic = (name: 'mean' | 'variance') =>
    perChannel(layer, name, layer.config.numbers(name) ?? Array.from(layer.weight(name, shape).data), channels)
  const mean = statistic('mean')
  const variance = statistic('variance')
  if (variance.data.some((value) => value < 0)) {
    throw new VebiError('bad-model', `${layer.config.subject} has a variance that is negative.`)
  }
  const deviation = variance.data.map((value) => Math.max(Math.sqrt(value), SMALLEST_DEVIATION))
  if (layer.config.boolean('invert', false)) {
    const scale = { shape: [channels], data: deviation }
    return addAffine(layer, { scale, offset: mean, mean: filled(channels, 0), variance: filled(channels, 1) })
  }
  const bounded = { shape: [channels], data: deviation.map((value) => value * value) }
  return addAffine(layer, { scale: null, offset: null, mean, variance: bounded })
}

/** x * factor + summand for all channels. */
export function addScalars(layer: Layer, factor: number, summand: number): number {
  const channels = layer.inputShape.at(-1)!
  return addAffine(layer, {
    scale: filled(channels, factor),
    offset: filled(channels, summand),
    mean: filled(channels, 0),
    variance: filled(channels, 1),
  })
}

export const affineLayers: Readonly<Record<string, LayerConverter>> = {
  Rescaling: rescaling,
  Normalization: normalization,
}

interface Affine {
  readonly scale: Weight | null
  readonly offset: Weight | null
  readonly mean: Weight
  readonly variance: Weight
}

function addAffine(layer: Layer, affine: Affine): number {
  return layer.add('batchNorm', { ...affine, epsilon: 0 }, [layer.input])
}

function perChannel(layer: Layer, key: string, values: readonly number[], channels: number): Weight {
  if (values.length === channels) return { shape: [channels], data: Float32Array.from(values) }
  if (values.length === 1) return filled(channels, values[0])
  throw layer.config.wrong(key, values, `one number, or one for each of ${channels} channels,`)
}

function filled(channels: number, value: number): Weight {
  return { shape: [channels], data: new Float32Array(channels).fill(value) }
}
