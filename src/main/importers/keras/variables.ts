import { isObject, type JsonObject } from './config.ts'
import { configOf, isModel, layerName, plainClassName, statedLayers } from './description.ts'

/** One weight of a layer, as Keras counts them. */
export interface Variable {
  /** Names of the enclosing nested models and of the layer itself. */
  readonly path: readonly string[]
  readonly name: string
}

/** Weights of a layer, in the order in which it makes them. */
interface OwnVariables {
  readonly trainable: readonly string[]
  readonly others: readonly string[]
}

const withBias = (...names: string[]) => {
  return (config: JsonObject): OwnVariables => ({
    trainable: config['use_bias'] === false ? names : [...names, 'bias'],
    others: [],
  })
}

const batchNormalization = (config: JsonObject): OwnVariables => ({
  trainable: [...(config['scale'] === false ? [] : ['gamma']), ...(config['center'] === false ? [] : ['beta'])],
  others: ['moving_mean', 'moving_variance'],
})

/** Keras' layers with weights, of those that can be represented. */
const OWN_VARIABLES: ReadonlyMap<string, (config: JsonObject) => OwnVariables> = new Map([
  ['Conv2D', withBias('kernel')],
  ['Convolution2D', withBias('kernel')],
  ['DepthwiseConv2D', withBias('depthwise_kernel')],
  ['SeparableConv2D', withBias('depthwise_kernel', 'pointwise_kernel')],
  ['SeparableConvolution2D', withBias('depthwise_kernel', 'pointwise_kernel')],
  ['Dense', withBias('kernel')],
  ['PReLU', () => ({ trainable: ['alpha'], others: [] })],
  ['BatchNormalization', batchNormalization],
  ['BatchNormalizationV1', batchNormalization],
  ['BatchNormalizationV2', batchNormalization],
  // Its statistics are settings where the model states them, and weights where they were learnt from data.
  [
    'Normalization',
    (config) => ({ trainable: [], others: isStated(config['mean']) ? [] : ['mean', 'variance', 'count'] }),
  ],
])

/** Names of a single layer's weights in the order in which Keras makes them; none for a class that has none. */
export function namesOfVariables(layer: JsonObject): readonly string[] {
  const own = ownVariables(layer)
  return [...own.trainable, ...own.others]
}

/**
 * All weights of a layer, or of a nested model, in the order of `trainable_weights + non_trainable_weights`, in which
 * Keras writes them to HDF5.
 */
export function variablesOf(layer: JsonObject): Variable[] {
  const { trainable, others } = collect(layer, [layerName(layer)])
  return [...trainable, ...others]
}

function collect(layer: JsonObject, path: readonly string[]): { trainable: Variable[]; others: Variable[] } {
  const trainable: Variable[] = []
  const others: Variable[] = []
  if (!isModel(layer)) {
    const own = ownVariables(layer)
    const of = (names: readonly string[]) => names.map((name) => ({ path, name }))
    const frozen = configOf(layer)['trainable'] === false
    return frozen
      ? { trainable: [], others: of([...own.trainable, ...own.others]) }
      : { trainable: of(own.trainable), others: of(own.others) }
  }
  for (const inner of childrenOf(layer)) {
    const found = collect(inner, [...path, layerName(inner)])
    trainable.push(...found.trainable)
    others.push(...found.others)
  }
  return { trainable, others }
}

/** The layers that a model states, as far as they are well-formed. */
export function childrenOf(model: JsonObject): JsonObject[] {
  const layers = statedLayers(model)
  return Array.isArray(layers) ? layers.filter(isObject) : []
}

function ownVariables(layer: JsonObject): OwnVariables {
  return OWN_VARIABLES.get(plainClassName(layer))?.(configOf(layer)) ?? { trainable: [], others: [] }
}

function isStated(value: unknown): boolean {
  return value !== undefined && value !== null
}
