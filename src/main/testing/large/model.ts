import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomStream } from '../../../core/random.ts'
import { openModel } from '../../importers/index.ts'
import { startEngine } from '../../model/engine.ts'
import { Network } from '../../model/network.ts'
import { CLASSES, drawImage, SIDE } from './images.ts'

/**
 * A TF.js LayersModel of 1000 classes, and of 12,000 features in twelve layers: conv1 relu1 ... conv4 relu4 fc5 relu5
 * fc6 relu6, then fc7 and softmax. All is drawn from the seed but fc7, which compares with the mean relu6 of each
 * class and so tells the classes apart without training.
 */
export async function writeLargeModel(folder: string, seed: number): Promise<string> {
  const weights = drawWeights(seed)
  await writeLayersModel(folder, weights)
  await startEngine()
  const network = new Network(await openModel(folder))
  const features = network.graph.nodes.find(({ name }) => name === 'relu6')!
  const kernel = weights.get('fc7/kernel')!.values
  const bias = weights.get('fc7/bias')!.values
  for (let first = 0; first < CLASSES; first += BATCH) {
    const count = Math.min(BATCH, CLASSES - first)
    const data = new Float32Array(count * SIDE * SIDE * 3)
    for (let i = 0; i < count; i++) {
      data.set(Float32Array.from(drawImage(first + i, 0), (sample) => sample / 255), i * SIDE * SIDE * 3)
    }
    const outputs = network.output(data, count, features.id)
    for (let i = 0; i < count; i++) {
      let squares = 0
      for (let unit = 0; unit < LAST; unit++) {
        const value = outputs[i * LAST + unit]
        kernel[unit * CLASSES + first + i] = SHARPNESS * value
        squares += value ** 2
      }
      bias[first + i] = (-SHARPNESS * squares) / 2
    }
  }
  network.dispose()
  return writeLayersModel(folder, weights)
}

/** Images that go through the network at once. */
const BATCH = 250
const LAST = 1136
/** Factor of the last scores, which makes the probabilities neither flat nor certain. */
const SHARPNESS = 6

type Weights = Map<string, { readonly shape: readonly number[]; readonly values: Float32Array }>

const CONVOLUTIONS = [
  { name: 'conv1', relu: 'relu1', size: 3, from: 3, filters: 256 },
  { name: 'conv2', relu: 'relu2', size: 3, from: 256, filters: 512 },
  { name: 'conv3', relu: 'relu3', size: 1, from: 512, filters: 1024 },
  { name: 'conv4', relu: 'relu4', size: 1, from: 1024, filters: 1024 },
] as const
const DENSE = [
  { name: 'fc5', relu: 'relu5', from: 1024, units: 2048 },
  { name: 'fc6', relu: 'relu6', from: 2048, units: LAST },
] as const

function drawWeights(seed: number): Weights {
  const random = randomStream(seed)
  const uniform = (...shape: number[]): { shape: number[]; values: Float32Array } => {
    const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1)
    const bound = Math.sqrt(6 / fanIn) / 2 ** 31
    const values = new Float32Array(fanIn * shape.at(-1)!)
    for (let i = 0; i < values.length; i++) values[i] = random.next() * bound
    return { shape, values }
  }
  const zeros = (...shape: number[]): { shape: number[]; values: Float32Array } => ({
    shape,
    values: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  })
  const weights: Weights = new Map()
  for (const { name, size, from, filters } of CONVOLUTIONS) {
    weights.set(`${name}/kernel`, uniform(size, size, from, filters)).set(`${name}/bias`, zeros(filters))
  }
  for (const { name, from, units } of DENSE) {
    weights.set(`${name}/kernel`, uniform(from, units)).set(`${name}/bias`, zeros(units))
  }
  return weights.set('fc7/kernel', zeros(LAST, CLASSES)).set('fc7/bias', zeros(CLASSES))
}

async function writeLayersModel(folder: string, weights: Weights): Promise<string> {
  await mkdir(folder, { recursive: true })
  const description = {
    format: 'layers-model',
    generatedBy: 'VEBI Workbench, test',
    modelTopology: { class_name: 'Sequential', config: { name: 'large', layers: layers() } },
    weightsManifest: [{
      paths: ['weights.bin'],
      weights: [...weights].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })),
    }],
  }
  await writeFile(join(folder, 'weights.bin'), [...weights.values()].map(({ values }) => new Uint8Array(values.buffer)))
  await writeFile(join(folder, 'model.json'), JSON.stringify(description))
  return folder
}

function layers(): unknown[] {
  const activation = (name: string, kind: string): unknown => ({
    class_name: 'Activation',
    config: { name, activation: kind },
  })
  const dense = (name: string, units: number): unknown => ({
    class_name: 'Dense',
    config: { name, units, activation: 'linear', use_bias: true },
  })
  return [
    ...CONVOLUTIONS.flatMap(({ name, relu, size, filters }, index) => [
      {
        class_name: 'Conv2D',
        config: {
          name,
          filters,
          kernel_size: [size, size],
          strides: [2, 2],
          padding: 'same',
          activation: 'linear',
          use_bias: true,
          ...(index === 0 ? { batch_input_shape: [null, SIDE, SIDE, 3] } : {}),
        },
      },
      activation(relu, 'relu'),
    ]),
    { class_name: 'Flatten', config: { name: 'flatten' } },
    ...DENSE.flatMap(({ name, relu, units }) => [dense(name, units), activation(relu, 'relu')]),
    dense('fc7', CLASSES),
    activation('softmax', 'softmax'),
  ]
}
