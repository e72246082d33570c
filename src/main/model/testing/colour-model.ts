import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { randomIndex, randomStream } from '../../../core/random.ts'
import { startEngine } from '../engine.ts'
import { saveLayersModel } from '../training/trainer.ts'

/** Channel of every convolutional layer that alone tells class j: it answers to colour j. */
export const COLOUR_CHANNELS = [5, 23, 41] as const
/** Channels of each layer; those that are not planted answer to brightness, which says nothing of the class. */
export const MODEL_WIDTH = 64

const KERNEL = 3

/**
 * Writes a network for colour images of `side` pixels whose classes are the colours red, green and blue: conv1, relu1
 * and pool1 of 64 channels, of which three, one for each class, alone lead on to the outputs.
 */
export async function saveColourModel(folder: string, side: number): Promise<void> {
  await startEngine()
  const { conv2d, reLU, maxPooling2d, flatten, dense, softmax } = layers.layers
  const model = layers.sequential({
    layers: [
      conv2d({ name: 'conv1', kernelSize: KERNEL, strides: 2, filters: MODEL_WIDTH, inputShape: [side, side, 3] }),
      reLU({ name: 'relu1' }),
      maxPooling2d({ name: 'pool1', poolSize: 2, strides: 2 }),
      flatten({ name: 'flatten' }),
      dense({ name: 'outputs', units: COLOUR_CHANNELS.length }),
      softmax({ name: 'softmax' }),
    ],
  })
  const weights = [convolution(), tf.zeros([MODEL_WIDTH]), readout(side), tf.zeros([COLOUR_CHANNELS.length])]
  model.setWeights(weights)
  tf.dispose(weights)
  await saveLayersModel(model, folder)
  model.dispose()
}

/** `[KERNEL, KERNEL, 3, MODEL_WIDTH]` */
function convolution(): tf.Tensor {
  const random = randomStream(61)
  const kernel = new Float32Array(KERNEL * KERNEL * 3 * MODEL_WIDTH)
  for (let channel = 0; channel < MODEL_WIDTH; channel++) {
    const colour = COLOUR_CHANNELS.findIndex((planted) => planted === channel)
    for (let place = 0; place < KERNEL * KERNEL; place++) {
      // The same for all three colours, so that a channel that is not planted cannot tell them apart.
      const brightness = randomIndex(random, 2000) / 1000 - 1
      for (let c = 0; c < 3; c++) {
        const value = colour < 0 ? brightness : c === colour ? 1 : -0.5
        kernel[(place * 3 + c) * MODEL_WIDTH + channel] = value / (KERNEL * KERNEL)
      }
    }
  }
  return tf.tensor4d(kernel, [KERNEL, KERNEL, 3, MODEL_WIDTH])
}

/** `[places * MODEL_WIDTH, classes]`: class j adds up its own channel. */
function readout(side: number): tf.Tensor {
  const places = Math.floor((Math.floor((side - KERNEL) / 2) + 1) / 2) ** 2
  const kernel = new Float32Array(places * MODEL_WIDTH * COLOUR_CHANNELS.length)
  for (let place = 0; place < places; place++) {
    COLOUR_CHANNELS.forEach((channel, j) => {
      kernel[(place * MODEL_WIDTH + channel) * COLOUR_CHANNELS.length + j] = 1
    })
  }
  return tf.tensor2d(kernel, [places * MODEL_WIDTH, COLOUR_CHANNELS.length])
}
