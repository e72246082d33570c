import type { OperatorSpecs } from '../../../../shared/graph.ts'
import { VebiError } from '../../../../shared/errors.ts'
import { isObject, LayerConfig } from '../config.ts'
import type { Layer, LayerConverter } from './layer.ts'

type ActivationOperator = 'relu' | 'elu' | 'sigmoid' | 'tanh' | 'softmax'
type Activation = {
  [Op in ActivationOperator]: { readonly op: Op; readonly spec: OperatorSpecs[Op] }
}[ActivationOperator]

const PLAIN_RELU: OperatorSpecs['relu'] = { maxValue: null, negativeSlope: 0, threshold: 0 }

/** Activations that Keras knows by name; the slopes are Keras' defaults for the bare names. */
const NAMED: Readonly<Record<string, Activation>> = {
  relu: { op: 'relu', spec: PLAIN_RELU },
  relu6: { op: 'relu', spec: { ...PLAIN_RELU, maxValue: 6 } },
  leaky_relu: { op: 'relu', spec: { ...PLAIN_RELU, negativeSlope: 0.2 } },
  elu: { op: 'elu', spec: { alpha: 1 } },
  sigmoid: { op: 'sigmoid', spec: {} },
  tanh: { op: 'tanh', spec: {} },
  softmax: { op: 'softmax', spec: {} },
}

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
  Softmax: () => NAMED['softmax'],
}

/** Adds the activation fused into a layer as a node `<layer>/<activation>`; linear adds none. */
export function addFusedActivation(layer: Layer, input: number): number {
  const label = labelOf(layer.config.find('activation'))
  const activation = readActivation(layer, layer.config.find('activation'))
  return activation ? addActivation(layer, activation, input, label) : input
}

const activationLayer: LayerConverter = (layer) => {
  const activation = readActivation(layer, layer.config.find('activation'))
  return activation ? addActivation(layer, activation, layer.input) : layer.input
}

const weightlessLayer: LayerConverter = (layer) => {
  if (layer.className === 'Softmax') requireLastAxis(layer)
  return addActivation(layer, LAYERS[layer.className](layer.config), layer.input)
}

const preluLayer: LayerConverter = (layer) => {
  const input = layer.inputShape
  const shared = layer.config.find('shared_axes') === undefined ? [] : [layer.config.find('shared_axes')].flat()
  const shape = input.map((size, axis) => (shared.includes(axis + 1) ? 1 : size))
  return layer.add('prelu', { alpha: layer.weight('alpha', shape) }, [layer.input])
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
  if (Object.hasOwn(NAMED, label)) return NAMED[label]
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

function requireLastAxis(layer: Layer): void {
  const rank = layer.inputShape.length
  const axis = layer.config.number('axis', -1)
  if (axis !== -1 && axis !== rank)
    throw layer.unsupported(`which normalises over axis ${axis}; only the last axis is supported`)
}
