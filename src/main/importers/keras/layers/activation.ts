import type { OperatorSpecs } from '../../../../shared/graph.ts'
import { VebiError } from '../../../../shared/errors.ts'
import { isObject, LayerConfig } from '../config.ts'
import { inKerasOrder } from '../layout.ts'
import { channelsLast, requireChannelAxis } from './axes.ts'
import type { Layer, LayerConverter } from './layer.ts'

type ActivationOperator =
  'relu' | 'elu' | 'sigmoid' | 'hardSigmoid' | 'hardSwish' | 'silu' | 'gelu' | 'tanh' | 'softmax'
type Activation = {
  [Op in ActivationOperator]: { readonly op: Op; readonly spec: OperatorSpecs[Op] }
}[ActivationOperator]

const PLAIN_RELU: OperatorSpecs['relu'] = { maxValue: null, negativeSlope: 0, threshold: 0 }

/** Activations that Keras knows by name; the slopes are Keras' defaults for the bare names. */
const NAMED: ReadonlyMap<string, (kerasVersion: number) => Activation> = new Map<
  string,
  (kerasVersion: number) => Activation
>([
  ['relu', () => ({ op: 'relu', spec: PLAIN_RELU })],
  ['relu6', () => ({ op: 'relu', spec: { ...PLAIN_RELU, maxValue: 6 } })],
  ['leaky_relu', () => ({ op: 'relu', spec: { ...PLAIN_RELU, negativeSlope: 0.2 } })],
  ['elu', () => ({ op: 'elu', spec: { alpha: 1 } })],
  ['sigmoid', () => ({ op: 'sigmoid', spec: {} })],
  ['hard_sigmoid', (version) => ({ op: 'hardSigmoid', spec: { alpha: version >= 3 ? 1 / 6 : 0.2, beta: 0.5 } })],
  ['hard_swish', () => ({ op: 'hardSwish', spec: {} })],
  ['hard_silu', () => ({ op: 'hardSwish', spec: {} })],
  ['swish', () => ({ op: 'silu', spec: {} })],
  ['silu', () => ({ op: 'silu', spec: {} })],
  ['gelu', () => ({ op: 'gelu', spec: { approximate: false } })],
  ['tanh', () => ({ op: 'tanh', spec: {} })],
  ['softmax', () => ({ op: 'softmax', spec: {} })],
])

/** Activation layers without weights, which Keras 3 also accepts as the activation of another layer. */
const LAYERS: Readonly<Record<string, (config: LayerConfig) => Activation>> = {
  ReLU: (config) => ({
    op: 'relu',
    spec: {
      maxValue: config.find('max_value') === undefined ? null : config.number('max_value', 0),
      negativeSlope: config.number('negative_slope', 0),
      threshold: config.number('threshold', 0),
    },
  }),
  LeakyReLU: (config) => ({
    op: 'relu',
    spec: { ...PLAIN_RELU, negativeSlope: config.number(['negative_slope', 'alpha'], 0.3) },
  }),
  // Keras' ThresholdedReLU also zeroes x = theta, where `relu` gives theta: one point of measure zero.
  ThresholdedReLU: (config) => ({ op: 'relu', spec: { ...PLAIN_RELU, threshold: config.number('theta', 1) } }),
  ELU: (config) => ({ op: 'elu', spec: { alpha: config.number('alpha', 1) } }),
  Softmax: () => ({ op: 'softmax', spec: {} }),
}

/** Adds the activation fused into a layer as a node `<layer>/<activation>`; linear adds none. */
export function addFusedActivation(layer: Layer, input: number): number {
  const label = labelOf(layer.config.find('activation'))
  const activation = readActivation(layer, layer.config.find('activation'))
  if (activation?.op === 'softmax' && layer.channelsFirst) {
    throw layer.unsupported('whose softmax runs over the width of its map, not over the channels')
  }
  return activation ? addActivation(layer, activation, input, label) : input
}

const activationLayer: LayerConverter = (layer) => {
  const activation = readActivation(layer, layer.config.find('activation'))
  return activation ? addActivation(layer, activation, layer.input) : layer.input
}

const weightlessLayer: LayerConverter = (layer) => {
  if (layer.className === 'Softmax') requireChannelAxis(layer, layer.config.find('axis') ?? -1)
  return addActivation(layer, LAYERS[layer.className](layer.config), layer.input)
}

const preluLayer: LayerConverter = (layer) => {
  const shared = layer.config.find('shared_axes') === undefined ? [] : [layer.config.find('shared_axes')].flat()
  const shape = inKerasOrder(layer.inputShape, layer.channelsFirst)
  const alpha = layer.weight(
    'alpha',
    shape.map((size, axis) => (shared.includes(axis + 1) ? 1 : size)),
  )
  return layer.add('prelu', { alpha: layer.channelsFirst ? channelsLast(alpha) : alpha }, [layer.input])
}

export const activationLayers: Readonly<Record<string, LayerConverter>> = {
  Activation: activationLayer,
  ReLU: weightlessLayer,
  LeakyReLU: weightlessLayer,
  ThresholdedReLU: weightlessLayer,
  ELU: weightlessLayer,
  Softmax: weightlessLayer,
  PReLU: preluLayer,
}

function addActivation(layer: Layer, activation: Activation, input: number, suffix?: string): number {
  return layer.add(activation.op, activation.spec, [input], suffix)
}

/** Undefined stands for linear. */
function readActivation(layer: Layer, value: unknown): Activation | undefined {
  const label = labelOf(value)
  if (label === 'linear') return undefined
  const className = isObject(value) ? String(value['class_name']) : undefined
  if (isObject(value) && className !== undefined && Object.hasOwn(LAYERS, className)) {
    const config = isObject(value['config']) ? value['config'] : {}
    return LAYERS[className](new LayerConfig(layer.config.subject, config))
  }
  const named = NAMED.get(label)
  if (named) return named(layer.kerasVersion)
  throw new VebiError('unsupported', `${layer.described} with the activation "${label}", which is not supported.`)
}

/** The activation's name in Keras' spelling: `relu`, `leaky_relu`, ... */
function labelOf(value: unknown): string {
  if (value === undefined || value === null) return 'linear'
  if (typeof value === 'string') return value
  if (!isObject(value)) return JSON.stringify(value)
  // Keras 3 writes functions that it does not know by name as { class_name: 'function', config: 'relu' }.
  if (typeof value['config'] === 'string') return value['config']
  const className = String(value['class_name'])
  const layerLabels: Record<string, string> = {
    ReLU: 'relu',
    LeakyReLU: 'leaky_relu',
    ThresholdedReLU: 'thresholded_relu',
    ELU: 'elu',
    Softmax: 'softmax',
  }
  return layerLabels[className] ?? className
}
