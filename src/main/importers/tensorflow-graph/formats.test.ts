import path from 'node:path'
import { expect, test } from 'vitest'
import { openModel } from '../index.ts'
import { modelFolder } from './testing/model-folder.ts'
import { graphModelFiles } from './testing/write-graph-model.ts'
import { constant, graphBytes, INT32, savedModelBytes, type FunctionText, type NodeText } from './testing/write-graph.ts'

const IMAGE: NodeText = { op: 'Placeholder', name: 'image', attributes: { shape: { shape: [null, 4, 5, 2] } } }
const SAME = { padding: { text: 'SAME' }, strides: { integers: [1, 2, 1, 1] } }
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at / 8 - 2)
const CONSTANTS = [
  constant('kernel', [3, 3, 2, 3], numbers(54)),
  constant('bias', [3], numbers(3)),
  constant('axes', [2], [1, 2], INT32),
  constant('drop', [2], [0, 3], INT32),
  constant('matrix', [4, 3], numbers(12)),
]
/** Settings of every kind: texts, lists, truth values, numbers. */
const NODES: readonly NodeText[] = [
  { op: 'Conv2D', name: 'conv', inputs: ['image', 'kernel'], attributes: SAME },
  { op: 'BiasAdd', name: 'map', inputs: ['conv', 'bias'] },
  { op: 'LeakyRelu', name: 'leaky', inputs: ['map'], attributes: { alpha: { float: 0.25 } } },
  { op: 'LRN', name: 'norm', inputs: ['leaky'], attributes: { depth_radius: { integer: 1 } } },
  { op: 'Mean', name: 'mean', inputs: ['norm', 'axes'], attributes: { keep_dims: { truth: true } } },
  { op: 'Squeeze', name: 'units', inputs: ['mean'], attributes: { squeeze_dims: { integers: [1, 2] } } },
  { op: 'MatMul', name: 'classes', inputs: ['units', 'matrix'], attributes: { transpose_b: { truth: true } } },
]
const MODEL = [IMAGE, ...CONSTANTS, ...NODES]

async function frozen(nodes: readonly NodeText[]): Promise<string> {
  return path.join(await modelFolder({ 'graph.pb': graphBytes(nodes) }), 'graph.pb')
}

test('one graph is the same in every format', async () => {
  const plain = await openModel(await frozen(MODEL))
  expect(plain.nodes.map(({ op, name }) => `${op} ${name}`)).toEqual([
    'input image', 'conv2d conv', 'relu leaky', 'lrn norm', 'globalAveragePool mean', 'dense classes',
  ])
  expect(plain.warnings).toEqual([])
  const graphModel = await openModel(await modelFolder(graphModelFiles(MODEL)))
  expect(graphModel.hash).toBe(plain.hash)
  expect(graphModel.source).toBe('TF.js GraphModel, TensorFlow.js Converter v4.22.0')

  // All but the image in a function that another one calls, with values named as functions name them.
  const inside = NODES.map((node) => ({
    ...node,
    inputs: node.inputs!.map((input) => (input === 'image' ? 'x' : `${input}:value:0`)),
  }))
  const body: FunctionText = { name: 'body', inputs: ['x'], results: { y: 'classes:product:0' }, nodes: [...CONSTANTS, ...inside] }
  const outer: FunctionText = {
    name: 'outer', inputs: ['x'], results: { y: 'end:output:0' },
    nodes: [
      { op: 'PartitionedCall', name: 'call', inputs: ['x'], attributes: { f: { function: 'body' } } },
      { op: 'Identity', name: 'end', inputs: ['call:output:0'] },
    ],
  }
  const call: NodeText = {
    op: 'StatefulPartitionedCall', name: 'serve', inputs: ['image', '^late'], attributes: { f: { function: 'outer' } },
  }
  const bytes = savedModelBytes({
    nodes: [call, { op: 'NoOp', name: 'late' }, IMAGE],
    functions: [body, outer],
    signatures: { serving_default: [['image:0'], ['serve:0']] },
  })
  const saved = await openModel(await modelFolder({ 'saved_model.pb': bytes }))
  expect(saved.hash).toBe(plain.hash)
})

test('nodes whose names are those of a call and a node inside of it keep their own weights', async () => {
  const square = (name: string, value: number): NodeText => constant(name, [2, 2], [value, value, value, value])
  const multiplied = (name: string, inputs: readonly string[]): NodeText => ({ op: 'MatMul', name, inputs })
  const body: FunctionText = {
    name: 'body', inputs: ['x'], results: { y: 'product:product:0' },
    nodes: [square('matrix', 1), multiplied('product', ['x', 'matrix:output:0'])],
  }
  const bytes = graphBytes([
    { ...IMAGE, attributes: { shape: { shape: [null, 2] } } },
    { op: 'PartitionedCall', name: 'call', inputs: ['image'], attributes: { f: { function: 'body' } } },
    square('call/matrix', 2),
    square('matrix', 3),
    multiplied('second', ['call', 'call/matrix']),
    multiplied('classes', ['second', 'matrix']),
  ], [body])
  const { nodes } = await openModel(path.join(await modelFolder({ 'graph.pb': bytes }), 'graph.pb'))
  const values = nodes.flatMap(({ spec }) => ('kernel' in spec ? [spec.kernel.data[0]] : []))
  expect(values).toEqual([1, 2, 3])
})

test('nodes in any order', async () => {
  const plain = await openModel(await frozen(MODEL))
  expect((await openModel(await frozen(MODEL.toReversed()))).hash).toBe(plain.hash)
})

test('a switch for training beside the image', async () => {
  const plain = await openModel(await frozen(MODEL))
  const asked: NodeText = { op: 'Placeholder', name: 'is_training', attributes: { shape: { shape: [] } } }
  const training: NodeText = { op: 'NoOp', name: 'train', inputs: ['is_training'] }
  expect((await openModel(await frozen([asked, training, ...MODEL]))).hash).toBe(plain.hash)
})

test('an image with a default', async () => {
  const plain = await openModel(await frozen(MODEL))
  const image: NodeText = { ...IMAGE, op: 'PlaceholderWithDefault', inputs: ['zeros'] }
  const zeros = constant('zeros', [1, 4, 5, 2])
  const opened = await openModel(await frozen([zeros, image, ...MODEL.slice(1)]))
  expect(opened.hash).toBe(plain.hash)
})

test('other sizes of an image whose size is open', async () => {
  const open = { ...IMAGE, attributes: { shape: { shape: [null, null, null, 2] } } }
  const graph = await openModel(await frozen([open, ...MODEL.slice(1)]), { inputSize: { height: 9, width: 8 } })
  expect(graph.nodes[0].shape).toEqual([9, 8, 2])
})

test('a list of one value fills a constant, the last value the rest of a longer one', async () => {
  const values = (bias: readonly number[]) => MODEL.map((node) => (node.name === 'bias' ? constant('bias', [3], bias) : node))
  const filled = await openModel(await frozen(values([1, 2])))
  const whole = await openModel(await frozen(values([1, 2, 2])))
  expect(filled.hash).toBe(whole.hash)
})
