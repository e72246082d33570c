import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { argMaxRows } from '../../../core/argmax.ts'
import { featureLayout, locate } from '../../../core/features.ts'
import { classLayers, layersOf, rectifierReport, resolveLayerSet } from '../../../core/layers.ts'
import { receptiveBox } from '../../../core/receptive-field.ts'
import { shuffledIndexes } from '../../../core/random.ts'
import type { Graph } from '../../../shared/graph.ts'
import { channelResponses } from '../../model/channel-responses.ts'
import { startEngine } from '../../model/engine.ts'
import { fieldsOf } from '../../model/fields.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { Network } from '../../model/network.ts'
import { randomisedGraph } from '../../model/randomised.ts'
import { SharedAblation } from '../../model/shared-ablation.ts'
import { imagesOf, plainOutputs, randomValues } from '../../model/testing/example.ts'
import { openModel } from '../index.ts'
import { unpacked } from '../testing/golden-networks.ts'
import { goldenFiles } from './testing/golden-files.ts'
import { onnxFile } from './testing/onnx-file.ts'

const COUNT = 3

/** Residual blocks; squeeze-and-excitation and depthwise convolution; branches; grouped convolution and a shuffle. */
const NETWORKS = ['ResNet', 'MobileNetV3', 'Inception', 'ShuffleNet'].map(
  (name) => goldenFiles('onnx-files.json').find((file) => file.name.startsWith(name))!,
)

describe.each(NETWORKS)('$name goes through', ({ file }) => {
  let graph: Graph
  let network: Network
  let data: Float32Array

  beforeAll(async () => {
    await startEngine()
  })

  async function prepare(): Promise<void> {
    graph = await openModel(await onnxFile(unpacked(file)))
    network = new Network(graph)
    onTestFinished(() => network.dispose())
    data = randomValues(COUNT * graph.nodes[0].shape.reduce((product, size) => product * size, 1), 7)
  }

  function layout() {
    const tied = new Set(classLayers(graph).map(({ node }) => node))
    return featureLayout(layersOf(graph).filter(({ node }) => !tied.has(node)))
  }

  test('extraction', async () => {
    await prepare()
    const features = layout()
    const { norms } = channelResponses(network, data, COUNT, features)
    imagesOf(data, COUNT).forEach((image, row) => {
      const outputs = plainOutputs(graph, image)
      for (let feature = 0; feature < features.size; feature++) {
        const { layer, channel } = locate(features, feature)
        const values = outputs[layer.node].data.filter((_, at) => at % layer.channels === channel)
        const norm = Math.hypot(...values)
        expect(Math.abs(norms[row * features.size + feature] - norm)).toBeLessThan(1e-4 * Math.max(1, norm))
      }
    })
  })

  test('ablation', async () => {
    await prepare()
    const features = layout()
    const sequence = Int32Array.from(shuffledIndexes(features.size, 11))
    const steps = [2, Math.floor(features.size / 4), Math.floor(features.size / 2)]
    const shared = SharedAblation.of(network, data, COUNT, features, { kind: 'zero' })
    const predicted = shared.curve(sequence, steps).map((classes) => [...classes])
    shared.dispose()
    const expected = steps.map((step) => {
      const gone = Array.from(sequence.subarray(0, step), (feature) => locate(features, feature))
      return imagesOf(data, COUNT).map((image) => {
        const outputs = plainOutputs(graph, image, (node, output) => {
          const channels = new Set(gone.filter(({ layer }) => layer.node === node.id).map(({ channel }) => channel))
          const depth = node.shape.at(-1)!
          return { ...output, data: output.data.map((value, at) => (channels.has(at % depth) ? 0 : value)) }
        })
        return argMaxRows(outputs[graph.output].data, 1)[0]
      })
    })
    expect(predicted).toEqual(expected)
  })

  test('the backward pass from every third layer, under every rule', async () => {
    await prepare()
    const nodes = layout().layers.filter((_, at) => at % 3 === 0).map(({ node }) => node)
    const pass = new ImagePass(network, data, COUNT, nodes)
    onTestFinished(() => pass.dispose())
    for (const node of nodes) {
      for (const rule of ['gradient', 'deconvnet', 'guided'] as const) {
        for (const strideCorrection of ['none', 'conv+pool'] as const) {
          const signal = pass.signal(node, [0], [0], { rule, strideCorrection })
          expect(signal.length).toBe(data.length / COUNT)
          expect(signal.every(Number.isFinite)).toBe(true)
        }
      }
    }
  })

  test('layer sets, receptive fields and the control of shuffled weights', async () => {
    await prepare()
    expect(resolveLayerSet(graph, 'OnlyConv').nodes.length).toBeGreaterThan(2)
    expect(resolveLayerSet(graph, 'activations').nodes.length).toBeGreaterThan(2)
    expect(classLayers(graph).map(({ op }) => op)).toEqual(['dense'])
    const report = rectifierReport(graph).map(({ node }) => graph.nodes[node].op)
    const curved = graph.nodes.filter(({ op }) =>
      ['relu', 'hardSwish', 'hardSigmoid', 'gelu', 'tanh', 'multiply'].includes(op),
    )
    expect(report).toEqual(curved.map(({ op }) => op))
    expect(randomisedGraph(graph, 1).hash).not.toBe(graph.hash)
    checkFieldOfFirstStride(graph, data)
  })
})

/** The unit in the middle of the first strided convolution moves with the pixels of its box, and no others. */
function checkFieldOfFirstStride(graph: Graph, data: Float32Array): void {
  const node = graph.nodes.find((each) => each.op === 'conv2d' && each.spec.strides[0] > 1)!
  const unit = [node.shape[0] >> 1, node.shape[1] >> 1] as const
  const [height, width, colours] = graph.nodes[0].shape as [number, number, number]
  const box = receptiveBox(fieldsOf(graph)[node.id], unit, graph.nodes[0].shape)
  const [image] = imagesOf(data, COUNT)
  const upToNode = { ...graph, nodes: graph.nodes.slice(0, node.id + 1) }
  const unitOf = (pixels: Float32Array): string => {
    const start = (unit[0] * node.shape[1] + unit[1]) * node.shape[2]
    return plainOutputs(upToNode, pixels)[node.id].data.subarray(start, start + node.shape[2]).join()
  }
  const atRest = unitOf(image)
  const moves = (row: number, column: number): boolean => {
    const values = image.slice()
    values[(row * width + column) * colours] += 3
    return unitOf(values) !== atRest
  }
  const corners = [[box.top, box.left], [box.bottom - 1, box.right - 1]] as const
  expect(corners.map(([row, column]) => moves(row, column))).toEqual([true, true])
  const outside = [
    [box.top - 1, box.left], [box.top, box.left - 1], [box.bottom, box.left], [box.top, box.right],
  ] as const
  const real = outside.filter(([row, column]) => row >= 0 && column >= 0 && row < height && column < width)
  expect(real.length).toBeGreaterThan(0)
  expect(real.map(([row, column]) => moves(row, column))).toEqual(real.map(() => false))
}
