import * as layers from '@tensorflow/tfjs-layers'
import { startEngine } from '../engine.ts'
import { saveLayersModel } from '../training/trainer.ts'

/** Writes an untrained network for 12 x 12 colour images, with the same weights for the same seed. */
export async function saveTinyModel(folder: string, classes: number, seed = 7): Promise<void> {
  await startEngine()
  const initial = (offset: number) => ({ kernelInitializer: layers.initializers.heUniform({ seed: seed + offset }) })
  const { conv2d, reLU, maxPooling2d, flatten, dense, softmax } = layers.layers
  const model = layers.sequential({
    layers: [
      conv2d({ name: 'conv1', kernelSize: 3, filters: 6, inputShape: [12, 12, 3], ...initial(0) }),
      reLU({ name: 'relu1' }),
      maxPooling2d({ name: 'pool1', poolSize: 2, strides: 2 }),
      conv2d({ name: 'conv2', kernelSize: 3, filters: 8, ...initial(1) }),
      reLU({ name: 'relu2' }),
      flatten({ name: 'flatten' }),
      dense({ name: 'fc3', units: classes, ...initial(2) }),
      softmax({ name: 'softmax' }),
    ],
  })
  await saveLayersModel(model, folder)
  model.dispose()
}
