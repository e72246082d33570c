import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomIndex, randomStream } from '../../core/random.ts'
import { preprocess } from '../data/preprocess.ts'
import { validatePreprocessing } from '../data/preprocessing.ts'
import { openModel } from '../importers/index.ts'
import { startEngine } from '../model/engine.ts'
import { Network } from '../model/network.ts'
import { CLASSES, drawPictures, SIDE } from './pictures.ts'

/** Weights by name, in the order of the file. */
export type Weights = Map<string, { readonly shape: readonly number[]; readonly values: Float32Array }>

const UNITS = 16

/**
 * A TF.js LayersModel of 74 features and a first convolution of stride 2 with padding: conv1 relu1 pool1 conv2 relu2
 * pool2 fc3 relu3, then fc4 and softmax. All is drawn from the seed but fc4, which compares with the mean relu3 of
 * each class and so tells the classes apart without training.
 */
export async function writeTinyModel(folder: string, seed = 1): Promise<string> {
  const weights = drawWeights(seed)
  await writeLayersModel(folder, weights)
  await startEngine()
  const network = new Network(await openModel(folder))
  const pictures = drawPictures(64, 1000)
  const preprocessing = validatePreprocessing({ height: SIDE, width: SIDE, channels: 3, scale: 1 / 255 })
  const data = new Float32Array(pictures.length * SIDE * SIDE * 3)
  pictures.forEach(({ pixels }, i) => {
    data.set(preprocess({ height: SIDE, width: SIDE, channels: 3, data: pixels }, preprocessing), i * SIDE * SIDE * 3)
  })
  const last = network.graph.nodes.find((node) => node.name === 'relu3')!
  const outputs = network.output(data, pictures.length, last.id)
  network.dispose()
  const { values: kernel } = weights.get('fc4/kernel')!
  const { values: bias } = weights.get('fc4/bias')!
  const perClass = pictures.length / CLASSES.length
  pictures.forEach(({ label }, i) => {
    for (let unit = 0; unit < UNITS; unit++) {
      kernel[unit * CLASSES.length + label] += outputs[i * UNITS + unit] / perClass
    }
  })
  kernel.forEach((value, i) => (bias[i % CLASSES.length] -= value ** 2 / 2))
  return writeLayersModel(folder, weights)
}

function drawWeights(seed: number): Weights {
  const random = randomStream(seed)
  const uniform = (...shape: number[]) => {
    const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1)
    const size = fanIn * shape.at(-1)!
    const draw = () => (2 * randomIndex(random, 2 ** 24) / 2 ** 24 - 1) * Math.sqrt(6 / fanIn)
    return { shape, values: Float32Array.from({ length: size }, draw) }
  }
  const zeros = (...shape: number[]) => ({ shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) })
  return new Map([
    ['conv1/kernel', uniform(5, 5, 3, 6)],
    ['conv1/bias', zeros(6)],
    ['conv2/kernel', uniform(3, 3, 6, 8)],
    ['conv2/bias', zeros(8)],
    ['fc3/kernel', uniform(32, UNITS)],
    ['fc3/bias', zeros(UNITS)],
    ['fc4/kernel', zeros(UNITS, CLASSES.length)],
    ['fc4/bias', zeros(CLASSES.length)],
  ])
}

/** @param layers of the Sequential model, as Keras describes them. */
export async function writeLayersModel(
  folder: string,
  weights: Weights,
  layers: readonly unknown[] = LAYERS,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const description = {
    format: 'layers-model',
    generatedBy: 'VEBI Workbench, test',
    modelTopology: { class_name: 'Sequential', config: { name: 'tiny', layers } },
    weightsManifest: [{
      paths: ['weights.bin'],
      weights: [...weights].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })),
    }],
  }
  await writeFile(join(folder, 'weights.bin'), [...weights.values()].map(({ values }) => new Uint8Array(values.buffer)))
  await writeFile(join(folder, 'model.json'), JSON.stringify(description))
  return folder
}

export const convolution = (name: string, filters: number, size: number, rest: Record<string, unknown>) => ({
  class_name: 'Conv2D',
  config: { name, filters, kernel_size: [size, size], activation: 'linear', use_bias: true, ...rest },
})
export const activation = (name: string, kind: string) => ({ class_name: 'Activation', config: { name, activation: kind } })
const pooling = (name: string) => (
  { class_name: 'MaxPooling2D', config: { name, pool_size: [2, 2], strides: [2, 2], padding: 'valid' } })
export const dense = (name: string, units: number) => (
  { class_name: 'Dense', config: { name, units, activation: 'linear', use_bias: true } })

const LAYERS = [
  convolution('conv1', 6, 5, { strides: [2, 2], padding: 'same', batch_input_shape: [null, SIDE, SIDE, 3] }),
  activation('relu1', 'relu'),
  pooling('pool1'),
  convolution('conv2', 8, 3, { strides: [1, 1], padding: 'valid' }),
  activation('relu2', 'relu'),
  pooling('pool2'),
  { class_name: 'Flatten', config: { name: 'flatten' } },
  dense('fc3', UNITS),
  activation('relu3', 'relu'),
  dense('fc4', CLASSES.length),
  activation('softmax', 'softmax'),
]
