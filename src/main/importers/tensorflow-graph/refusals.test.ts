import { symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../shared/errors.ts'
import { openModel } from '../index.ts'
import { graphModelFiles } from './testing/write-graph-model.ts'
import { constant, graphBytes, INT32, type Attribute, type FunctionText, type NodeText } from './testing/write-graph.ts'
import { modelFolder } from './testing/model-folder.ts'

/** A small model that is read; the refusals vary it. */
const IMAGE: NodeText = { op: 'Placeholder', name: 'image', attributes: { shape: { shape: [null, 4, 5, 2] } } }
const SAME = { padding: { text: 'SAME' }, strides: { integers: [1, 1, 1, 1] } }
const CONV: NodeText = { op: 'Conv2D', name: 'conv', inputs: ['image', 'kernel'], attributes: SAME }
const BIAS: NodeText = { op: 'BiasAdd', name: 'map', inputs: ['conv', 'bias'] }
const FLAT: NodeText = { op: 'Reshape', name: 'units', inputs: ['map', 'shape'] }
const CLASSES: NodeText = { op: 'MatMul', name: 'classes', inputs: ['units', 'matrix'] }
const WEIGHTS: readonly NodeText[] = [
  constant('kernel', [3, 3, 2, 3]),
  constant('bias', [3]),
  constant('shape', [2], [-1, 60], INT32),
  constant('matrix', [60, 4]),
]
const MODEL = [IMAGE, ...WEIGHTS, CONV, BIAS, FLAT, CLASSES]

/** The code and the sentence, the folder written as FOLDER; null where the model is read. */
async function refusal(location: string): Promise<[ErrorCode, string] | null> {
  try {
    await openModel(location)
    return null
  } catch (error) {
    const { code, message } = error as { code: ErrorCode; message: string }
    const folder = location.endsWith('.pb') ? path.dirname(location) : location
    return [code, message.replaceAll(folder, 'FOLDER')]
  }
}

async function refusalOf(nodes: readonly NodeText[], functions: readonly FunctionText[] = []) {
  const folder = await modelFolder({ 'graph.pb': graphBytes(nodes, functions) })
  return refusal(path.join(folder, 'graph.pb'))
}

/** The model with another node in the place of the one of that name. */
function withNode(node: NodeText): readonly NodeText[] {
  return MODEL.map((each) => (each.name === node.name ? node : each))
}

/** The model with a node between its map and its units. */
function between(op: string, inputs: readonly string[] = ['map'], attributes: Record<string, Attribute> = {}) {
  return [...withNode({ ...FLAT, inputs: ['between', 'shape'] }), { op, name: 'between', inputs, attributes }]
}

test('the model that the refusals below vary is read, as a frozen graph and as a GraphModel', async () => {
  expect(await refusalOf(MODEL)).toBeNull()
  expect(await refusal(await modelFolder(graphModelFiles(MODEL)))).toBeNull()
})

const AT = 'FOLDER/graph.pb: '
const node = (name: string, operator: string): string => `${AT}node "${name}" is ${operator}, `
const call = (name: string, body: string, input: string): NodeText => ({
  op: 'PartitionedCall', name, inputs: [input], attributes: { f: { function: body } },
})

describe('graphs that cannot be', () => {
  test.each<[string, readonly NodeText[], ErrorCode, string]>([
    ['no input', MODEL.filter(({ name }) => name !== 'image'), 'bad-model', `${AT}the graph has no input.`],
    ['two inputs', [...withNode({ ...BIAS, op: 'AddV2', inputs: ['conv', 'mask'] }), { ...IMAGE, name: 'mask' }],
      'unsupported', `${AT}the graph has 2 inputs ("image", "mask"), but only models of one image can be read.`],
    ['two outputs', [...MODEL, { op: 'Relu', name: 'other', inputs: ['map'] }], 'unsupported',
      `${AT}the graph has 2 outputs ("classes", "other"), but only models with one output, the classes, can be read.`],
    ['an output without the image', [IMAGE, constant('a', [2]), { op: 'Neg', name: 'end', inputs: ['a'] }], 'bad-model',
      `${AT}the output "end" does not depend on the image.`],
    ['an output that is a map', MODEL.filter(({ op }) => op !== 'Reshape' && op !== 'MatMul'), 'unsupported',
      `${AT}the output "map" has shape [images, 4, 5, 3], where one value per class is expected.`],
    ['an input without a shape', withNode({ ...IMAGE, attributes: {} }), 'bad-model',
      `${AT}the input "image" states no shape.`],
    ['open channels', withNode({ ...IMAGE, attributes: { shape: { shape: [null, 4, 5, null] } } }), 'unsupported',
      `${AT}the input "image" leaves its size open: [?, 4, 5, ?].`],
    ['a size that is open', withNode({ ...IMAGE, attributes: { shape: { shape: [null, null, null, 2] } } }),
      'unsupported', `${AT}the input "image" leaves its size open: [?, ?, ?, 2]; state the height and width to open it with.`],
    ['an oversized image', withNode({ ...IMAGE, attributes: { shape: { shape: [null, 2 ** 40, 5, 2] } } }), 'bad-model',
      `${AT}the input "image" has shape [?, ${2 ** 40}, 5, 2], whose sizes must lie between 1 and 65536.`],
    ['a missing node', withNode({ ...CONV, inputs: ['image', 'nothing'] }), 'bad-model',
      `${AT}node "conv" takes "nothing", which nothing in the model makes.`],
    ['a cycle', withNode({ ...BIAS, op: 'AddV2', inputs: ['conv', 'map'] }), 'bad-model',
      `${AT}node "map" depends on its own output, or on a node that does.`],
    ['a cycle of nodes that hand values on', [...withNode({ ...CONV, inputs: ['a', 'kernel'] }),
      { op: 'Identity', name: 'a', inputs: ['b'] }, { op: 'Identity', name: 'b', inputs: ['a'] }], 'bad-model',
      `${AT}node "a" depends on its own output, or on a node that does.`],
    ['two nodes of one name', [...MODEL, { ...BIAS, inputs: ['conv'] }], 'bad-model', `${AT}two nodes are named "map".`],
    ['a function that is missing', withNode(call('map', 'body', 'conv')), 'bad-model',
      `${AT}node "map" calls the function "body", which the file does not hold.`],
    ['a variable', withNode({ op: 'VarHandleOp', name: 'kernel' }), 'unsupported',
      `${AT}node "kernel" is a variable, whose values are not in this file; freeze the model in Python: import tensorflow ` +
        'as tf; from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2 as freeze; ' +
        'model = tf.saved_model.load("FOLDER"); graph = freeze(model.signatures["serving_default"]).graph; ' +
        'tf.io.write_graph(graph, ".", "frozen_graph.pb", as_text=False).'],
  ])('%s', async (_, nodes, code, sentence) => {
    expect(await refusalOf(nodes)).toEqual([code, sentence])
  })

  test('calls that unfold without end', async () => {
    const call = (position: number): NodeText => ({
      op: 'PartitionedCall', name: 'inner', inputs: ['x'], attributes: { f: { function: `f${position}` } },
    })
    const twice = (position: number): FunctionText => ({
      name: `f${position}`, inputs: ['x'], results: { y: 'sum:z:0' },
      nodes: [call(position + 1), { ...call(position + 1), name: 'other' }, { op: 'AddV2', name: 'sum', inputs: ['inner:output:0', 'other:output:0'] }],
    })
    const functions = Array.from({ length: 30 }, (_, position) => twice(position))
    const last = { name: 'f30', inputs: ['x'], results: { y: 'r:z:0' }, nodes: [{ op: 'Relu', name: 'r', inputs: ['x'] }] }
    const nodes = [...withNode({ ...FLAT, inputs: ['inner', 'shape'] }), { ...call(0), inputs: ['map'] }]
    expect(await refusalOf(nodes, [...functions, last])).toEqual([
      'bad-model', `${AT}the graph unfolds into more than 200000 operations.`,
    ])
    const itself = { ...last, results: { y: 'inner:output:0' }, nodes: [call(0)], name: 'f0' }
    expect(await refusalOf(nodes, [itself])).toEqual([
      'bad-model', `${AT}node "inner" calls "f0" more than 64 calls deep.`,
    ])
  })
})

describe('nodes that cannot be represented', () => {
  test.each<[string, readonly NodeText[], ErrorCode, string]>([
    ['an unknown operator', between('MyOwnOp'), 'unsupported', `${node('between', 'a MyOwnOp')}which is not supported.`],
    ['control flow', between('If', ['map'], { then_branch: { function: 'f' } }), 'unsupported',
      `${node('between', 'an If')}which chooses or repeats nodes as the graph runs; that is not supported.`],
    ['a table', between('LookupTableFindV2'), 'unsupported',
      `${node('between', 'a LookupTableFindV2')}which looks values up in a table; that is not supported.`],
    ['augmentation', between('StatelessRandomUniformV2'), 'unsupported',
      `${node('between', 'a StatelessRandomUniformV2')}which draws random numbers; write the model without its augmentation layers.`],
    ['text', between('StringToNumber'), 'unsupported',
      `${node('between', 'a StringToNumber')}which works on text; that is not supported.`],
    ['attention', between('BatchMatMulV2', ['map', 'map']), 'unsupported', `${node('between', 'a BatchMatMulV2')}` +
      'which multiplies two outputs of other nodes, as attention does; only products with stored weights are supported.'],
    ['Einstein sums', between('Einsum', ['map', 'map']), 'unsupported',
      `${node('between', 'an Einsum')}which is part of attention; only networks of convolutions and dense layers are supported.`],
    ['a class alone', between('ArgMax'), 'unsupported',
      `${node('between', 'an ArgMax')}which leaves a class without its scores; write the model up to the scores.`],
    ['quantised values', between('FakeQuantWithMinMaxVars'), 'unsupported',
      `${node('between', 'a FakeQuantWithMinMaxVars')}so the model is quantised; write it in floating point.`],
    ['channels first', withNode({ ...CONV, attributes: { ...SAME, data_format: { text: 'NCHW' } } }), 'unsupported',
      `${node('conv', 'a Conv2D')}with the channels before height and width (NCHW); write the model with NHWC.`],
    ['a bias with channels first', withNode({ ...BIAS, attributes: { data_format: { text: 'NCHW' } } }), 'unsupported',
      `${node('map', 'a BiasAdd')}with the channels before height and width (NCHW); write the model with NHWC.`],
    ['strides over channels', withNode({ ...CONV, attributes: { ...SAME, strides: { integers: [1, 1, 1, 2] } } }),
      'unsupported',
      `${node('conv', 'a Conv2D')}with strides [1, 1, 1, 2]; only those of height and width are supported.`],
    ['a stride of 0', withNode({ ...CONV, attributes: { ...SAME, strides: { integers: [1, 0, 1, 1] } } }), 'bad-model',
      `${node('conv', 'a Conv2D')}with strides [1, 0, 1, 1] instead of four whole numbers of at least 1.`],
    ['no padding rule', withNode({ ...CONV, attributes: {} }), 'bad-model',
      `${node('conv', 'a Conv2D')}with padding "" instead of SAME, VALID or EXPLICIT.`],
    ['another number of channels', withNode(constant('kernel', [3, 3, 4, 3])), 'bad-model',
      `${node('conv', 'a Conv2D')}whose kernel takes 4 channels, but whose input has 2.`],
    ['an empty kernel', withNode(constant('kernel', [3, 3, 0, 3])), 'bad-model',
      `${node('conv', 'a Conv2D')}whose kernel of shape [3, 3, 0, 3] is empty.`],
    ['an oversized kernel', withNode(constant('kernel', [3, 3, 2, 2 ** 40])), 'bad-model',
      `${AT}node "kernel" has shape [3, 3, 2, ${2 ** 40}], which is too large.`],
    ['a large kernel of one value', withNode(constant('kernel', [2 ** 10, 2 ** 9, 2, 2 ** 6], [1])), 'bad-model',
      `${AT}node "kernel" has shape [1024, 512, 2, 64] (67108864 values), but 1 value is stored.`],
    ['fewer bytes than values', withNode({ ...constant('kernel', []), attributes: {
      value: { tensor: { shape: [3, 3, 2, 3], raw: new Uint8Array(8) } } } }), 'bad-model',
      `${AT}node "kernel" has shape [3, 3, 2, 3] (54 values), but 2 values are stored.`],
    ['a matrix of other rows', withNode(constant('matrix', [59, 4])), 'bad-model',
      `${node('classes', 'a MatMul')}whose matrix has 59 rows, but whose input has shape [images, 60].`],
    ['a shape that does not fit', withNode(constant('shape', [2], [-1, 61], INT32)), 'bad-model',
      `${node('units', 'a Reshape')}which cannot turn [1, 4, 5, 3] into [-1, 61].`],
    ['a shape of no parts', withNode({ op: 'Pack', name: 'shape', attributes: { axis: { integer: -1 } } }), 'bad-model',
      `${node('shape', 'a Pack')}which has no inputs.`],
    ['weights of complex numbers', withNode({ ...constant('kernel', [1], [1], 8) }), 'bad-model',
      `${AT}node "kernel" has the element type complex64, which is not read.`],
    ['training mode', between('FusedBatchNormV3', ['map', 'bias', 'bias', 'bias', 'bias']), 'unsupported',
      `${node('between', 'a FusedBatchNormV3')}in training mode; write the model for inference.`],
    ['a mirrored padding', [...between('MirrorPad', ['map', 'pads'], { mode: { text: 'REFLECT' } }),
      constant('pads', [4, 2], [0, 0, 1, 1, 1, 1, 0, 0], INT32)], 'unsupported',
      `${node('between', 'a MirrorPad')}in the mode "REFLECT"; only zeros are supported.`],
    ['a fused curve that is unknown', withNode({ ...CONV, op: '_FusedConv2D', inputs: ['image', 'kernel', 'bias'],
      attributes: { ...SAME, fused_ops: { texts: ['BiasAdd', 'Mish'] } } }), 'unsupported',
      `${node('conv', 'a _FusedConv2D')}fused with Mish, which is not supported.`],
    ['a part of an image', [...between('StridedSlice', ['map', 'a', 'a', 'a']), constant('a', [1], [1], INT32)],
      'unsupported', `${node('between', 'a StridedSlice')}which is not supported.`],
  ])('%s', async (_, nodes, code, sentence) => {
    expect(await refusalOf(nodes)).toEqual([code, sentence])
  })
})

describe('files that are no graph', () => {
  test('every cut of a good file is refused in one sentence that names it', async () => {
    const whole = graphBytes(MODEL)
    for (let length = 1; length < whole.length; length += 41) {
      const folder = await modelFolder({ 'graph.pb': whole.subarray(0, length) })
      expect((await refusal(path.join(folder, 'graph.pb')))?.[1]).toMatch(/^FOLDER\/graph\.pb[: ].+\.$/)
    }
  })
})

describe('GraphModels', () => {
  const files = graphModelFiles(MODEL)
  const description = JSON.parse(files['model.json'] as string) as {
    weightsManifest: [{ paths: string[]; weights: { name: string; shape: number[] }[] }]
    modelTopology: { node: { name?: string }[] }
  }
  const changed = (change: (copy: typeof description) => void): Readonly<Record<string, Uint8Array | string>> => {
    const copy = structuredClone(description)
    change(copy)
    return { ...files, 'model.json': JSON.stringify(copy) }
  }

  test.each<[string, Readonly<Record<string, Uint8Array | string>>, ErrorCode, string]>([
    ['a shard that is cut off', { ...files, 'shard.bin': (files['shard.bin'] as Buffer).subarray(0, 100) }, 'bad-model',
      'FOLDER/model.json: shard.bin ends before the weight "kernel": 100 bytes, 216 needed.'],
    ['a shard that is missing', { 'model.json': files['model.json'] }, 'missing-file',
      'FOLDER/model.json: the weight file "shard.bin" is missing.'],
    ['a shard outside of the folder', changed(({ weightsManifest: [group] }) => (group.paths = ['../shard.bin'])),
      'bad-model', 'FOLDER/model.json: the weight file "../shard.bin" lies outside the model\'s folder.'],
    ['a weight that is not listed', changed(({ weightsManifest: [group] }) => (group.weights[0].name = 'other')),
      'bad-model', 'FOLDER/model.json: the weightsManifest lists no weight "kernel".'],
    ['a weight of another shape', changed(({ weightsManifest: [group] }) => (group.weights[0].shape = [3, 3, 3, 2])),
      'bad-model', 'FOLDER/model.json: node "conv" is a Conv2D, whose kernel takes 3 channels, but whose input has 2.'],
    ['a node without a name', changed(({ modelTopology }) => delete modelTopology.node[2].name), 'bad-model',
      'FOLDER/model.json: the graph is malformed: node 3 has no name or no operator.'],
    ['no graph', { 'model.json': '{"format": "graph-model", "weightsManifest": []}' }, 'bad-model',
      'FOLDER/model.json: the model has no graph (no modelTopology).'],
    ['no weights', { 'model.json': '{"format": "graph-model", "modelTopology": {}}' }, 'bad-model',
      'FOLDER/model.json: the model has no weights (no weightsManifest).'],
    ['an empty graph', { 'model.json': '{"modelTopology": {"node": []}, "weightsManifest": []}' }, 'bad-model',
      'FOLDER/model.json: the graph has no output.'],
  ])('%s', async (_, content, code, sentence) => {
    expect(await refusal(await modelFolder(content))).toEqual([code, sentence])
  })

  test('a shard that a link leads out of the folder to', async () => {
    const folder = await modelFolder({ 'model.json': files['model.json'] })
    const outside = path.join(folder, '..', 'shard.bin')
    await writeFile(outside, files['shard.bin'])
    await symlink(outside, path.join(folder, 'shard.bin'))
    expect(await refusal(folder)).toEqual([
      'bad-model', 'FOLDER/model.json: the weight file "shard.bin" lies outside the model\'s folder.',
    ])
  })
})
