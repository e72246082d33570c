import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Graph, GraphNode } from '../../../shared/graph.ts'
import { startEngine } from '../../model/engine.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { Network } from '../../model/network.ts'
import { openModel } from '../index.ts'
import { goldenFiles, numbers, unpacked } from './testing/golden-files.ts'
import { onnxFile } from './testing/onnx-file.ts'

const files = [...goldenFiles('onnx-files.json'), ...goldenFiles('tf2onnx-files.json')]

describe('outputs and heatmaps are those of the framework that wrote the file', () => {
  beforeAll(() => startEngine())

  test.each(files)('$name', async (golden) => {
    const graph = await openModel(await onnxFile(unpacked(golden.file)))
    const network = new Network(graph)
    onTestFinished(() => network.dispose())
    expect(graph.nodes[0].shape).toEqual(golden.image.shape)
    const layers = layersWithWeights(graph)
    const nodes = golden.heatmaps.map(({ layer }) => layers[layer].id)
    const pass = new ImagePass(network, Float32Array.from(numbers(golden.image)), 1, nodes)
    onTestFinished(() => pass.dispose())
    expect(largestDifference(pass.scores(), golden.output)).toBeLessThan(1e-4)
    golden.heatmaps.forEach((heatmap, position) => {
      const method = { rule: 'guided', strideCorrection: 'none' } as const
      const signal = pass.signal(nodes[position], [0], [heatmap.channel], method)
      const expected = numbers(heatmap)
      const scale = Math.max(...expected.map(Math.abs))
      expect(scale).toBeGreaterThan(0)
      expect(largestDifference(signal, expected) / scale).toBeLessThan(1e-3)
    })
  })
})

function layersWithWeights(graph: Graph): GraphNode[] {
  return graph.nodes.filter(({ op }) => op === 'conv2d' || op === 'depthwiseConv2d' || op === 'dense')
}

function largestDifference(actual: Float32Array, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length)
  return expected.reduce((worst, value, index) => Math.max(worst, Math.abs(value - actual[index])), 0)
}
