import type { Padding } from '../../../../shared/graph.ts'
import { sizeOf } from '../../../../shared/matrix.ts'
import { VebiError } from '../../../../shared/errors.ts'
import { nodeAxis } from '../layout.ts'
import type { Layer, LayerConverter } from './layer.ts'

const zeroPadding: LayerConverter = (layer) => {
  const padding = readPadding(layer)
  return layer.add('zeroPadding', { padding }, [layer.input])
}

const flatten: LayerConverter = (layer) => layer.add('flatten', {}, [layer.input])

const reshape: LayerConverter = (layer) => {
  const target = layer.config.integers('target_shape')
  const values = sizeOf(layer.inputShape)
  const known = sizeOf(target.filter((size) => size !== -1))
  const shape = target.map((size) => (size === -1 ? values / known : size))
  if (
    target.filter((size) => size === -1).length > 1 ||
    sizeOf(shape) !== values ||
    !shape.every((size) => Number.isInteger(size) && size > 0)
  ) {
    throw new VebiError(
      'bad-model',
      `${layer.config.subject} cannot turn [${layer.inputShape.join(', ')}] into [${target.join(', ')}].`,
    )
  }
  return layer.add('reshape', { shape }, [layer.input])
}

const permute: LayerConverter = (layer) => {
  const dims = layer.config.integers('dims')
  const rank = layer.inputShape.length
  if (dims.length !== rank || [...dims].sort((a, b) => a - b).some((axis, position) => axis !== position + 1)) {
    throw layer.config.wrong('dims', dims, `an order of the axes 1 to ${rank}`)
  }
  const order = dims.map((axis) => nodeAxis(axis - 1, rank, layer.channelsFirst))
  // Nothing is left to do where the layer puts the channels of a model with channels first last.
  if (order.every((axis, position) => axis === position)) return layer.input
  return layer.add('permute', { order }, [layer.input])
}

const identity: LayerConverter = (layer) => layer.add('dropout', {}, [layer.input])

export const shapingLayers: Readonly<Record<string, LayerConverter>> = {
  ZeroPadding2D: zeroPadding,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  Dropout: identity,
  SpatialDropout2D: identity,
  GaussianNoise: identity,
  GaussianDropout: identity,
  AlphaDropout: identity,
  ActivityRegularization: identity,
  Identity: identity,
  // Augmentation, which happens in training alone.
  RandomBrightness: identity,
  RandomContrast: identity,
  RandomFlip: identity,
  RandomRotation: identity,
  RandomTranslation: identity,
  RandomZoom: identity,
}

/** Keras takes one number, `[vertical, horizontal]`, or `[[top, bottom], [left, right]]`. */
function readPadding(layer: Layer): Padding {
  const value = layer.config.find('padding') ?? 1
  const axes = Array.isArray(value) ? value : [value, value]
  const [vertical, horizontal] = axes.map((axis: unknown) => (Array.isArray(axis) ? axis : [axis, axis]) as unknown[])
  const sides = [...(vertical ?? []), ...(horizontal ?? [])]
  if (
    axes.length !== 2 ||
    sides.length !== 4 ||
    !sides.every((side) => Number.isInteger(side) && (side as number) >= 0)
  ) {
    throw layer.config.wrong('padding', value, 'a number, a pair, or a pair of pairs of whole numbers')
  }
  const [top, bottom, left, right] = sides as [number, number, number, number]
  return { top, bottom, left, right }
}
