import { VebiError } from '../../../../shared/errors.ts'
import { requireChannelAxis } from './axes.ts'
import type { LayerConverter } from './layer.ts'

const batchNormalization: LayerConverter = (layer) => {
  requireChannelAxis(layer, layer.config.find('axis') ?? -1)
  const channels = [layer.inputShape.at(-1)!]
  const epsilon = layer.config.number('epsilon', 1e-3)
  const scale = layer.config.boolean('scale', true) ? layer.weight('gamma', channels) : null
  const offset = layer.config.boolean('center', true) ? layer.weight('beta', channels) : null
  const mean = layer.weight('moving_mean', channels)
  const variance = layer.weight('moving_variance', channels)
  if (variance.data.some((value) => value + epsilon <= 0)) {
    throw new VebiError('bad-model', `${layer.config.subject} has a variance that is not positive.`)
  }
  return layer.add('batchNorm', { scale, offset, mean, variance, epsilon }, [layer.input])
}

/**
 * A custom layer in every Keras model that has one. TensorFlow's parameters are taken as they are; the other common
 * form, Keras-contrib's n, k, alpha, beta, says nothing of dividing alpha by n, so that reading is reported.
 */
const localResponseNormalization: LayerConverter = (layer) => {
  const { config } = layer
  const radius = config.find('depth_radius', 'radius')
  const size = config.find('n', 'size')
  const given =
    ['alpha', 'beta'].every((key) => config.find(key) !== undefined) && config.find('bias', 'k') !== undefined
  if (!given || (radius === undefined) === (size === undefined)) {
    throw layer.unsupported('which must state depth_radius (or n), bias (or k), alpha and beta')
  }
  if (size !== undefined) {
    if (config.count(config.find('n') === undefined ? 'size' : 'n') % 2 !== 1) {
      throw layer.unsupported('whose window n is even; only windows centred on a channel are supported')
    }
    layer.warn(`Layer "${layer.name}" states its normalisation by n; alpha is taken as it stands, not divided by n.`)
  }
  return layer.add(
    'lrn',
    {
      radius:
        size === undefined ? config.number(['depth_radius', 'radius'], 0) : (config.number(['n', 'size'], 1) - 1) / 2,
      bias: config.number(['bias', 'k'], 1),
      alpha: config.number('alpha', 1),
      beta: config.number('beta', 0.5),
    },
    [layer.input],
  )
}

export const normalizationLayers: Readonly<Record<string, LayerConverter>> = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  LRN: localResponseNormalization,
  LRN2D: localResponseNormalization,
  LocalResponseNormalization: localResponseNormalization,
}
