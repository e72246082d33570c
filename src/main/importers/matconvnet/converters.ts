import type { GraphBuilder } from '../graph-builder.ts'
import type { LayerEntry } from './layer-entry.ts'
import type { WeightStore } from './weights.ts'
import { windowOf } from './windows.ts'

export interface Conversion {
  readonly builder: GraphBuilder
  readonly weights: WeightStore
}

/** Adds a layer to the graph and returns its node. */
type Converter = (conversion: Conversion, layer: LayerEntry, inputs: readonly number[]) => number

const conv: Converter = ({ builder, weights }, layer, inputs) => {
  const kernel = weights.kernel(layer.neededParameter(0, 'filters'))
  const biases = layer.parameter(1, 'biases')
  const { strides, padding, dilation } = windowOf(layer)!
  const channels = builder.shapeOf(inputs[0]).at(-1)!
  const groups = channels / kernel.shape[2]
  if (!Number.isInteger(groups)) {
    throw layer.bad(`has filters over ${kernel.shape[2]} channels, which do not divide the ${channels} of its input`)
  }
  const bias = biases && weights.vector(biases)
  return builder.add('conv2d', layer.name, { kernel, bias, strides, padding, dilation, groups }, inputs)
}

const relu: Converter = ({ builder }, layer, inputs) => {
  const spec = { maxValue: null, negativeSlope: layer.number('leak', 0), threshold: 0 }
  return builder.add('relu', layer.name, spec, inputs)
}

/** Averages divide by the pixels inside the map. */
const pool: Converter = ({ builder }, layer, inputs) => {
  const method = layer.text('method', 'max')
  const { size, strides, padding } = windowOf(layer)!
  const window = { size, strides, padding }
  if (method === 'max') return builder.add('maxPool', layer.name, window, inputs)
  if (method === 'avg') return builder.add('averagePool', layer.name, { ...window, countPadding: false }, inputs)
  throw layer.unsupported(`whose method "${method}" is neither "max" nor "avg"`)
}

/**
 * x / (kappa + alpha * sum of x^2 over N channels) ^ beta, with `param` [N kappa alpha beta]; alpha is not divided by
 * N. An even N reaches one channel further up than down (vl_nnnormalize), which the graph cannot say.
 */
const lrn: Converter = ({ builder }, layer, inputs) => {
  const param = layer.numbers('param') ?? [5, 1, 0.0001 / 5, 0.75]
  const [size, bias, alpha, beta] = param
  if (param.length !== 4) {
    throw layer.bad(`has "param" [${param.join(', ')}], where four numbers [N kappa alpha beta] are expected`)
  }
  if (!Number.isInteger(size) || size < 1) throw layer.bad(`normalises over ${size} channels`)
  if (size % 2 === 0) throw layer.unsupported(`over ${size} channels; only an odd number can be represented`)
  return builder.add('lrn', layer.name, { radius: (size - 1) / 2, bias, alpha, beta }, inputs)
}

/** The moments are `[channels, 2]`: mean and standard deviation, which has epsilon in it already (vl_nnbnorm). */
const bnorm: Converter = ({ builder, weights }, layer, inputs) => {
  const scale = weights.vector(layer.neededParameter(0, 'multipliers'))
  const offset = weights.vector(layer.neededParameter(1, 'biases'))
  const moments = layer.parameter(2, 'moments')
  if (!moments) {
    throw layer.unsupported('without moments, so that it would normalise by the images at hand; save it with moments')
  }
  const channels = builder.shapeOf(inputs[0]).at(-1)!
  const values = Float32Array.from(moments.data)
  if (values.length !== 2 * channels) {
    throw layer.bad(`has ${values.length} moments, where ${channels} means and ${channels} deviations are expected`)
  }
  const mean = { shape: [channels], data: values.slice(0, channels) }
  const variance = { shape: [channels], data: values.slice(channels).map((deviation) => deviation * deviation) }
  if (!variance.data.every((value) => value > 0)) throw layer.bad('has a standard deviation of 0 in its moments')
  return builder.add('batchNorm', layer.name, { scale, offset, mean, variance, epsilon: 0 }, inputs)
}

/** Multipliers and biases of each channel, as networks from Caffe have them. */
const scale: Converter = ({ builder, weights }, layer, inputs) => {
  if (inputs.length !== 1) throw layer.unsupported(`with ${inputs.length} inputs; only one is supported`)
  const channels = builder.shapeOf(inputs[0]).at(-1)!
  const ones = { shape: [channels], data: new Float32Array(channels).fill(1) }
  const mean = { shape: [channels], data: new Float32Array(channels) }
  const biases = layer.parameter(1, 'biases')
  const spec = {
    scale: weights.vector(layer.neededParameter(0, 'multipliers')),
    offset: biases && weights.vector(biases),
    mean,
    variance: ones,
    epsilon: 0,
  }
  return builder.add('batchNorm', layer.name, spec, inputs)
}

/** `dim` counts MATLAB's axes from 1: height, width, channels. */
const concat: Converter = ({ builder }, layer, inputs) => {
  const axis = layer.number('dim', 3) - 1
  if (![0, 1, 2].includes(axis)) throw layer.unsupported(`along the axis ${axis + 1}; it must be 1, 2 or 3`)
  return builder.add('concatenate', layer.name, { axis }, inputs)
}

export const converters: ReadonlyMap<string, Converter> = new Map<string, Converter>([
  ['conv', conv],
  ['relu', relu],
  ['pool', pool],
  ['lrn', lrn],
  ['bnorm', bnorm],
  ['scale', scale],
  ['concat', concat],
  ['sum', ({ builder }, layer, inputs) => builder.add('add', layer.name, {}, inputs)],
  ['sigmoid', ({ builder }, layer, inputs) => builder.add('sigmoid', layer.name, {}, inputs)],
  ['dropout', ({ builder }, layer, inputs) => builder.add('dropout', layer.name, {}, inputs)],
  ['softmax', ({ builder }, layer, inputs) => builder.add('softmax', layer.name, {}, inputs)],
])
