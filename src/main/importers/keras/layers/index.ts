import { activationLayers } from './activation.ts'
import { affineLayers } from './affine.ts'
import { parametricLayers } from './convolution.ts'
import type { LayerConverter } from './layer.ts'
import { mergingLayers } from './merging.ts'
import { normalizationLayers } from './normalization.ts'
import { poolingLayers } from './pooling.ts'
import { shapingLayers } from './shaping.ts'

/** Every Keras layer class that can be represented, except InputLayer. */
export const layerConverters: ReadonlyMap<string, LayerConverter> = new Map(
  Object.entries({
    ...parametricLayers,
    ...activationLayers,
    ...poolingLayers,
    ...normalizationLayers,
    ...affineLayers,
    ...shapingLayers,
    ...mergingLayers,
  }),
)
