import { nodeAxis } from '../layout.ts'
import type { Layer, LayerConverter } from './layer.ts'

const add: LayerConverter = (layer) => layer.add('add', {}, severalInputs(layer))

const multiply: LayerConverter = (layer) => layer.add('multiply', {}, severalInputs(layer))

const concatenate: LayerConverter = (layer) => {
  const inputs = severalInputs(layer)
  const rank = layer.shapeOf(inputs[0]).length
  const axis = layer.config.number('axis', -1)
  // Keras counts the batch axis; -1 is the last axis.
  const position = axis < 0 ? rank + axis : axis - 1
  if (!Number.isInteger(axis) || position < 0 || position >= rank) {
    throw layer.config.wrong('axis', axis, `an axis of the images among 1 to ${rank}, or -1 to -${rank}`)
  }
  return layer.add('concatenate', { axis: nodeAxis(position, rank, layer.channelsFirst) }, inputs)
}

export const mergingLayers: Readonly<Record<string, LayerConverter>> = {
  Add: add,
  Multiply: multiply,
  Concatenate: concatenate,
}

function severalInputs(layer: Layer): readonly number[] {
  if (layer.inputs.length < 2)
    throw layer.unsupported(`which joins several inputs, but is given ${layer.inputs.length}`)
  return layer.inputs
}
