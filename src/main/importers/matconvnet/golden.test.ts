import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { classLayers, layersOf, resolveLayerSet } from '../../../core/layers.ts'
import type { Graph } from '../../../shared/graph.ts'
import { startEngine } from '../../model/engine.ts'
import { openModel, recogniseModel } from '../index.ts'
import { expectGolden, goldenNetworks, unpacked, type GoldenNetwork } from '../testing/golden-networks.ts'
import { temporaryFolder } from '../testing/write-model.ts'

/** A file of SciPy's, with what PyTorch computes from MatConvNet's formulas (scripts/golden/matconvnet_files.py). */
interface GoldenFile extends GoldenNetwork {
  /** Base64 of gzip. */
  readonly file: string
  readonly source: string
}

const cases = goldenNetworks<GoldenFile>('matconvnet-files.json')
const [lenet, vgg, olderVgg, branches] = cases

async function write({ file }: GoldenFile): Promise<string> {
  const location = path.join(await temporaryFolder(), 'net.mat')
  await writeFile(location, unpacked(file))
  return location
}

const opened = async (golden: GoldenFile): Promise<Graph> => openModel(await write(golden))

describe('outputs and heatmaps are those of the formulas of MatConvNet', () => {
  beforeAll(() => startEngine())

  test.each(cases)('$name', async (golden) => {
    const graph = await opened(golden)
    expect(graph.source).toBe(golden.source)
    expectGolden(graph, golden)
  })
})

test('the wrapper is recognised by its variables', async () => {
  expect(await recogniseModel(await write(lenet))).toEqual({ supported: true, sentence: 'A MatConvNet model.' })
})

test('LeNet without names and sizes: the smallest image, and fully connected layers in OnlyConv', async () => {
  const graph = await opened(lenet)
  expect(graph.warnings).toEqual([
    'The file does not state the size of its images: 28x28, the smallest size that leaves one, is taken.',
    'MatConvNet writes fully connected layers as convolutions, and they count as such in OnlyConv: "conv6".',
  ])
  expect(graph.suggestion).toEqual({ preprocessing: null, classes: null })
  expect(layersOf(graph).map(({ name }) => name)).toEqual([
    'conv1', 'pool2', 'conv3', 'bnorm4', 'pool5', 'conv6', 'relu7', 'conv8', 'softmax',
  ])
  expect(classLayers(graph).map(({ name }) => name)).toEqual(['conv8', 'softmax'])
  const names = resolveLayerSet(graph, 'OnlyConv').nodes.map((node) => graph.nodes[node].name)
  expect(names).toEqual(['conv1', 'conv3', 'conv6'])
})

test('VGG-F: average image and classes, in new files and old', async () => {
  const average = /^The file subtracts an average image; its mean in each channel \(115\.\d+, 115\.\d+, 115\.\d+\) is suggested, from which its pixels differ by up to 15\.5 of 255\.$/
  for (const golden of [vgg, olderVgg]) {
    const { warnings, suggestion } = await opened(golden)
    expect(warnings).toEqual([
      expect.stringMatching(average),
      'MatConvNet writes fully connected layers as convolutions, and they count as such in OnlyConv: "fc6", "fc7".',
    ])
    expect(suggestion?.classes).toEqual(['tench', 'goldfish', 'great white shark', 'tiger shark', 'ray'])
    const { mean, ...rest } = suggestion!.preprocessing!
    expect(rest).toEqual({ scale: 1, std: [1, 1, 1], order: 'rgb', resize: 'fit' })
    expect(mean).toHaveLength(3)
  }
})

test('DagNN: layers in any order, shared parameters, an average colour', async () => {
  const { nodes, warnings, suggestion } = await opened(branches)
  expect(warnings).toEqual([])
  expect(suggestion).toEqual({
    preprocessing: { scale: 1, mean: [123.68, 116.779, 103.939], std: [1, 1, 1], order: 'rgb', resize: 'crop' },
    classes: null,
  })
  const kernels = nodes.flatMap((node) => (node.op === 'conv2d' ? [[node.name, node.spec.kernel] as const] : []))
  const kernelOf = (wanted: string) => kernels.find(([name]) => name === wanted)![1]
  expect(kernelOf('left')).toBe(kernelOf('right'))
  expect(nodes.at(-1)!.op).toBe('softmax')
})

test('another size must leave one value for each class', async () => {
  const location = await write(lenet)
  const wider = await openModel(location, { inputSize: { height: 28, width: 29 } })
  expect(wider.nodes[0].shape).toEqual([28, 29, 1])
  await expect(openModel(location, { inputSize: { height: 36, width: 28 } })).rejects.toThrow(
    `${location}: images of 36x28 leave 3x1 positions for each class at the end, where one is expected, as images of 28x28 do.`,
  )
})
