import type * as tf from '@tensorflow/tfjs-core'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { classLayers, layersOf, resolveLayerSet } from '../../core/layers.ts'
import { batches } from '../data/batches.ts'
import { decodeImage } from '../data/decode.ts'
import { preprocess } from '../data/preprocess.ts'
import { openSource } from '../data/source.ts'
import type { ImageSource, Preprocessing } from '../data/types.ts'
import { startEngine } from '../model/engine.ts'
import { Network } from '../model/network.ts'
import { importers, openModel } from './index.ts'

const DATA = process.env['VEBI_DATA'] ?? path.resolve(import.meta.dirname, '../../../../shared/data')
const missing = !existsSync(path.join(DATA, 'models'))
const SUFFIX = missing ? ' (skipped: no shared data; set VEBI_DATA)' : ''

/** Files made by others, with what the importer must find in them. */
const MODELS = [
  {
    folder: 'lenet-a-mnist-tfjs',
    input: [28, 28, 1],
    layers: 10,
    all: 8,
    onlyConv: 2,
    activations: 4,
    classes: 10,
    tied: ['Softmax', 'Softmax/softmax'],
    source: 'TF.js LayersModel, keras 2.2.2',
    warnings: 2,
  },
  {
    folder: 'lenet-b-mnist-tfjs',
    input: [28, 28, 1],
    layers: 10,
    all: 8,
    onlyConv: 2,
    activations: 4,
    classes: 10,
    tied: ['softmax', 'softmax/softmax'],
    source: 'TF.js LayersModel, keras 2.1.6-tf',
    warnings: 2,
  },
  {
    folder: 'tinyvgg-10-tfjs',
    input: [64, 64, 3],
    layers: 12,
    all: 10,
    onlyConv: 4,
    activations: 4,
    classes: 10,
    tied: ['output', 'output/softmax'],
    source: 'TF.js LayersModel, keras 2.2.4-tf, TensorFlow.js Converter v1.3.1.1',
    warnings: 0,
  },
  {
    folder: 'tinydarknet-imagenet-tfjs',
    input: [224, 224, 3],
    layers: 51,
    all: 49,
    onlyConv: 15,
    activations: 15,
    classes: 1000,
    tied: ['conv2d_16', 'global_average_pooling2d_1'],
    source: 'TF.js LayersModel, keras 2.1.6',
    warnings: 0,
  },
  {
    folder: 'lenet-a-mnist.h5',
    input: [28, 28, 1],
    layers: 10,
    all: 8,
    onlyConv: 2,
    activations: 4,
    classes: 10,
    tied: ['Softmax', 'Softmax/softmax'],
    source: 'Keras HDF5, keras 2.1.6',
    warnings: 1,
  },
  {
    folder: 'lenet-b-mnist.h5',
    input: [28, 28, 1],
    layers: 10,
    all: 8,
    onlyConv: 2,
    activations: 4,
    classes: 10,
    tied: ['softmax', 'softmax/softmax'],
    source: 'Keras HDF5, keras 2.1.6-tf',
    warnings: 1,
  },
  {
    folder: 'resnet8-cifar10.h5',
    input: [32, 32, 3],
    layers: 29,
    all: 27,
    onlyConv: 9,
    activations: 9,
    classes: 10,
    tied: ['dense', 'dense/softmax'],
    source: 'Keras HDF5, keras 2.4.0',
    warnings: 0,
  },
] as const

const REFUSED = [
  [
    'tinydarknet-imagenet-classes.txt',
    `is not a model in a known format (${importers.map(({ name }) => name).join(', ')}).`,
  ],
] as const

beforeAll(() => startEngine())

describe.skipIf(missing)(`models made by others${SUFFIX}`, () => {
  test.each(MODELS)('$folder is read', async (expected) => {
    const graph = await openModel(path.join(DATA, 'models', expected.folder))
    expect({
      input: graph.nodes[0].shape,
      layers: layersOf(graph).length,
      all: resolveLayerSet(graph, 'All').nodes.length,
      onlyConv: resolveLayerSet(graph, 'OnlyConv').nodes.length,
      activations: resolveLayerSet(graph, 'activations').nodes.length,
      classes: graph.nodes[graph.output].shape[0],
      tied: classLayers(graph).map((layer) => layer.name),
      source: graph.source,
      warnings: graph.warnings.length,
    }).toEqual({ ...expected, folder: undefined })
  })

  test.each(REFUSED)('%s is refused', async (name, reason) => {
    const location = path.join(DATA, 'models', name)
    await expect(openModel(location)).rejects.toThrow(`${location} ${reason}`)
  })

  test('lenet-a and lenet-b classify the MNIST test digits as measured elsewhere', async () => {
    const mnist = path.join(DATA, 'mnist')
    const digits = await openSource(`${mnist}/t10k-images-idx3-ubyte.gz:${mnist}/t10k-labels-idx1-ubyte.gz`)
    const preprocessing = unscaled(28, 28, 1, 'fit')
    expect(await accuracy('lenet-a-mnist-tfjs', digits, preprocessing)).toBeCloseTo(0.9866, 4)
    expect(await accuracy('lenet-b-mnist-tfjs', digits, preprocessing)).toBeCloseTo(0.9863, 4)
  })

  test.each(['lenet-a-mnist', 'lenet-b-mnist'])('%s is the same network as HDF5 and as TF.js model', async (name) => {
    const models = path.join(DATA, 'models')
    const [hdf5, tfjs] = [await openModel(path.join(models, `${name}.h5`)), await openModel(path.join(models, `${name}-tfjs`))]
    expect(hdf5.hash).toBe(tfjs.hash)
    const mnist = path.join(DATA, 'mnist')
    const digits = await openSource(`${mnist}/t10k-images-idx3-ubyte.gz:${mnist}/t10k-labels-idx1-ubyte.gz`)
    const preprocessing = unscaled(28, 28, 1, 'fit')
    const options = { indexes: digits.records.slice(0, 200).map((_, index) => index) }
    const batch = (await batches(digits, preprocessing, { batchSize: 200, ...options }).next()).value!
    const scores = await Promise.all(
      [hdf5, tfjs].map(async (graph) => {
        const network = new Network(graph)
        const images = network.upload(batch.data, batch.indexes.length)
        const output = network.scores(images)
        const values = await output.data()
        images.dispose()
        output.dispose()
        network.dispose()
        return values
      }),
    )
    expect(Math.max(...scores[0].map((value, index) => Math.abs(value - scores[1][index])))).toBeLessThan(1e-5)
  })

  test('resnet8 classifies CIFAR-10 test images as Keras does', async () => {
    const images = await openSource(path.join(DATA, 'images/cifar10'))
    expect(images.records).toHaveLength(2000)
    const preprocessing = { ...unscaled(32, 32, 3, 'fit'), scale: 1 }
    // tf.keras 2.21 on the same 500 images; it is right on 76.4 % of all 2000, and on 75.5 % of the whole test set.
    expect(await accuracy('resnet8-cifar10.h5', images, preprocessing, 4)).toBeCloseTo(0.784, 4)
  })

  test('tinyvgg-10 classifies its validation images as measured elsewhere', async () => {
    const names =
      'lifeboat, ladybug, pizza, bell_pepper, school_bus, koala, espresso, red_panda, orange, sports_car'.split(', ')
    const images = await openSource(path.join(DATA, 'images/tinyimagenet-10/val'), { classes: names })
    expect(images.classes).toEqual(names)
    expect(await accuracy('tinyvgg-10-tfjs', images, unscaled(64, 64, 3, 'fit'))).toBeCloseTo(0.69, 1)
  })

  test('tinydarknet names more than half of thirteen cats', async () => {
    const synsets = (await readFile(path.join(DATA, 'models/tinydarknet-imagenet-classes.txt'), 'utf8'))
      .trim()
      .split(/\s+/)
    const folder = path.join(DATA, 'images/imagenet-cats13')
    const files = (await readdir(folder)).filter((name) => name.endsWith('.JPEG')).sort()
    expect(files).toHaveLength(13)
    const network = new Network(await openModel(path.join(DATA, 'models/tinydarknet-imagenet-tfjs')))
    const hits: string[] = []
    for (const name of files) {
      const image = await decodeImage(await readFile(path.join(folder, name)), name)
      const images = network.upload(preprocess(image, unscaled(224, 224, 3, 'crop')), 1)
      const [best] = await bestClasses(network.scores(images))
      images.dispose()
      if (name.startsWith(synsets[best])) hits.push(name)
    }
    network.dispose()
    // 8 of 13; its top-1 accuracy on ImageNet is 65 %.
    expect(hits.length, hits.join(', ')).toBeGreaterThanOrEqual(7)
  })
})

function unscaled(height: number, width: number, channels: 1 | 3, resize: 'fit' | 'crop'): Preprocessing {
  const zeros = Array.from({ length: channels }, () => 0)
  return { height, width, channels, resize, scale: 1 / 255, mean: zeros, std: zeros.map(() => 1), order: 'rgb' }
}

/** Of each `every`-th image. */
async function accuracy(
  folder: string,
  source: ImageSource,
  preprocessing: Preprocessing,
  every = 1,
): Promise<number> {
  const indexes = source.records.map((_, index) => index).filter((index) => index % every === 0)
  const network = new Network(await openModel(path.join(DATA, 'models', folder)))
  let right = 0
  for await (const batch of batches(source, preprocessing, { batchSize: 250, indexes })) {
    const images = network.upload(batch.data, batch.indexes.length)
    const scores = network.scores(images)
    const best = await bestClasses(scores)
    images.dispose()
    right += batch.indexes.reduce((sum, index, slot) => sum + (best[slot] === source.records[index].label ? 1 : 0), 0)
  }
  network.dispose()
  return right / indexes.length
}

/** Index of the highest score of each image; disposes of the scores. */
async function bestClasses(scores: tf.Tensor2D): Promise<number[]> {
  const values = (await scores.array()).map((row) => row.indexOf(Math.max(...row)))
  scores.dispose()
  return values
}
