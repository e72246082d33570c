import { existsSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { argMaxRows } from '../../../core/argmax.ts'
import { classLayers, layersOf, resolveLayerSet } from '../../../core/layers.ts'
import { batches } from '../../data/batches.ts'
import { openSource } from '../../data/source.ts'
import type { ImageSource, Preprocessing } from '../../data/types.ts'
import { startEngine } from '../../model/engine.ts'
import { Network } from '../../model/network.ts'
import { openModel } from '../index.ts'

const DATA = process.env['VEBI_DATA'] ?? path.resolve(import.meta.dirname, '../../../../../shared/data')
const missing = !existsSync(path.join(DATA, 'models'))
const SUFFIX = missing ? ' (skipped: no shared data; set VEBI_DATA)' : ''

const GREY = { height: 28, width: 28, channels: 1, mean: [0], std: [1] } as const
const COLOUR = { height: 32, width: 32, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] } as const

/**
 * Files made by others, with what the importer must find in them. The accuracies are onnxruntime's on the same 2000
 * images; on all of the MNIST test set they are 97.92 % and 97.95 %, on all of CIFAR-10's 72.65 % and 68.7 %.
 */
const FILES = [
  {
    file: 'convnet-mnist-maxpool.onnx', source: 'ONNX operator set 9, pytorch 1.6', data: 'mnist', input: GREY,
    layers: 4, onlyConv: 1, activations: 1, tied: ['Gemm_4'], accuracy: 0.971,
  },
  {
    file: 'convnet-mnist-avgpool.onnx', source: 'ONNX operator set 9, pytorch 1.6', data: 'mnist', input: GREY,
    layers: 4, onlyConv: 1, activations: 1, tied: ['Gemm_5'], accuracy: 0.9695,
  },
  {
    file: 'cifar10-nhwc-large.onnx', source: 'ONNX operator set 9, tf2onnx 1.8.2', data: 'cifar10', input: COLOUR,
    layers: 9, onlyConv: 2, activations: 4, tied: ['sequential_2/dense_8/MatMul'], accuracy: 0.7255,
  },
  {
    file: 'resnet2b-cifar10.onnx', source: 'ONNX operator set 9, pytorch 1.8', data: 'cifar10',
    input: { ...COLOUR, mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
    layers: 16, onlyConv: 6, activations: 7, tied: ['Gemm_16'], accuracy: 0.688,
  },
] as const

beforeAll(() => startEngine())

describe.skipIf(missing)(`ONNX files made by others${SUFFIX}`, () => {
  test.each(FILES)('$file is read', async ({ file, source, input, layers, onlyConv, activations, tied }) => {
    const graph = await openModel(path.join(DATA, 'models', file))
    expect(graph.nodes[0].shape).toEqual([input.height, input.width, input.channels])
    expect(graph.nodes[graph.output].shape).toEqual([10])
    expect(graph.warnings).toEqual([])
    expect({
      source: graph.source,
      layers: layersOf(graph).length,
      onlyConv: resolveLayerSet(graph, 'OnlyConv').nodes.length,
      activations: resolveLayerSet(graph, 'activations').nodes.length,
      tied: classLayers(graph).map(({ name }) => name),
    }).toEqual({ source, layers, onlyConv, activations, tied })
  })

  test.each(FILES)('$file is right as often as in onnxruntime', async ({ file, data, input, accuracy }) => {
    const source = await openSource(
      data === 'mnist'
        ? ['images-idx3', 'labels-idx1'].map((part) => path.join(DATA, `mnist/t10k-${part}-ubyte.gz`)).join(':')
        : path.join(DATA, 'images/cifar10'),
    )
    const preprocessing: Preprocessing = { ...input, resize: 'fit', scale: 1 / 255, order: 'rgb' }
    expect(await share(file, source, preprocessing)).toBeCloseTo(accuracy, 4)
  })
})

async function share(file: string, source: ImageSource, preprocessing: Preprocessing): Promise<number> {
  const network = new Network(await openModel(path.join(DATA, 'models', file)))
  let right = 0
  const indexes = source.records.slice(0, 2000).map((_, index) => index)
  for await (const batch of batches(source, preprocessing, { batchSize: 250, indexes })) {
    const images = network.upload(batch.data, batch.indexes.length)
    const scores = network.scores(images)
    const best = argMaxRows(await scores.data(), batch.indexes.length)
    best.forEach((chosen, row) => {
      if (source.records[batch.indexes[row]].label === chosen) right++
    })
    images.dispose()
    scores.dispose()
  }
  network.dispose()
  return right / indexes.length
}
