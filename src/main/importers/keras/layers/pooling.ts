import { windowOf } from './convolution.ts'
import type { LayerConverter } from './layer.ts'

const maxPooling: LayerConverter = (layer) => {
  const size = layer.config.pair('pool_size', [2, 2])
  return layer.add('maxPool', { size, ...windowOf(layer, size, size) }, [layer.input])
}

const averagePooling: LayerConverter = (layer) => {
  const size = layer.config.pair('pool_size', [2, 2])
  return layer.add('averagePool', { size, countPadding: false, ...windowOf(layer, size, size) }, [layer.input])
}

const globalAveragePooling: LayerConverter = (layer) =>
  layer.add('globalAveragePool', { keepAxes: layer.config.boolean(['keepdims', 'keep_dims'], false) }, [layer.input])

const globalMaxPooling: LayerConverter = (layer) =>
  layer.add('globalMaxPool', { keepAxes: layer.config.boolean(['keepdims', 'keep_dims'], false) }, [layer.input])

export const poolingLayers: Readonly<Record<string, LayerConverter>> = {
  MaxPooling2D: maxPooling,
  MaxPool2D: maxPooling,
  AveragePooling2D: averagePooling,
  AvgPool2D: averagePooling,
  GlobalAveragePooling2D: globalAveragePooling,
  GlobalAvgPool2D: globalAveragePooling,
  GlobalMaxPooling2D: globalMaxPooling,
  GlobalMaxPool2D: globalMaxPooling,
}
