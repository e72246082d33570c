import * as layers from '@tensorflow/tfjs-layers'
import type { Shape } from '../../../shared/graph.ts'

export type ArchitectureName = 'lenet' | 'flower'

/** Networks that `vebi train` can train, built with their initial weights drawn from `seed`. */
export const architectures: Record<
  ArchitectureName,
  (input: Shape, classes: number, seed: number) => layers.Sequential
> = {
  /** LeNet as in MatConvNet's MNIST example (method section 8): no non-linearity after the convolutions. */
  lenet: (input, classes, seed) =>
    stack([
      conv({ name: 'conv1', kernelSize: 5, filters: 20, inputShape: [...input] }, seed),
      layers.layers.maxPooling2d({ name: 'pool1', poolSize: 2, strides: 2 }),
      conv({ name: 'conv2', kernelSize: 5, filters: 50 }, seed + 1),
      layers.layers.maxPooling2d({ name: 'pool2', poolSize: 2, strides: 2 }),
      layers.layers.flatten({ name: 'flatten' }),
      dense({ name: 'fc3', units: 500 }, seed + 2),
      layers.layers.activation({ name: 'relu3', activation: 'relu' }),
      dense({ name: 'fc4', units: classes }, seed + 3),
      layers.layers.activation({ name: 'softmax', activation: 'softmax' }),
    ]),

  /**
   * The MNIST network's kin for 112x112 colour images: the same order of layers, rectified convolutions, and a first
   * convolution of stride 2, so that the backward pass has a stride to correct.
   */
  flower: (input, classes, seed) =>
    stack([
      conv({ name: 'conv1', kernelSize: 5, strides: 2, filters: 20, inputShape: [...input] }, seed),
      layers.layers.reLU({ name: 'relu1' }),
      layers.layers.maxPooling2d({ name: 'pool1', poolSize: 2, strides: 2 }),
      conv({ name: 'conv2', kernelSize: 5, filters: 32 }, seed + 1),
      layers.layers.reLU({ name: 'relu2' }),
      layers.layers.maxPooling2d({ name: 'pool2', poolSize: 2, strides: 2 }),
      layers.layers.flatten({ name: 'flatten' }),
      dense({ name: 'fc3', units: 96 }, seed + 2),
      layers.layers.reLU({ name: 'relu3' }),
      dense({ name: 'fc4', units: classes }, seed + 3),
      layers.layers.activation({ name: 'softmax', activation: 'softmax' }),
    ]),
}

function stack(parts: layers.layers.Layer[]): layers.Sequential {
  return layers.sequential({ layers: parts })
}

type ConvArguments = Parameters<typeof layers.layers.conv2d>[0]
type DenseArguments = Parameters<typeof layers.layers.dense>[0]

function conv(options: ConvArguments, seed: number): layers.layers.Layer {
  return layers.layers.conv2d({
    padding: 'valid',
    kernelInitializer: layers.initializers.heUniform({ seed }),
    ...options,
  })
}

function dense(options: DenseArguments, seed: number): layers.layers.Layer {
  return layers.layers.dense({ kernelInitializer: layers.initializers.heUniform({ seed }), ...options })
}
