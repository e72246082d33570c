import { readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../shared/errors.ts'
import { onnxImporter } from './index.ts'
import { onnxFile } from './testing/onnx-file.ts'
import { modelBytes, type ModelText, type NodeText, type WeightText } from './testing/write-onnx.ts'

/** A small model that is read; the refusals vary it. */
const CONV: NodeText = {
  op: 'Conv', name: 'conv', inputs: ['image', 'kernel', 'bias'], outputs: ['map'], attributes: { pads: [1, 1, 1, 1] },
}
const FLAT: NodeText = { op: 'Flatten', name: 'flat', inputs: ['map'], outputs: ['units'] }
const DENSE: NodeText = { op: 'Gemm', name: 'dense', inputs: ['units', 'matrix'], outputs: ['classes'] }
const WEIGHTS: readonly WeightText[] = [
  { name: 'kernel', shape: [3, 2, 3, 3] },
  { name: 'bias', shape: [3] },
  { name: 'matrix', shape: [60, 4] },
]
const MODEL = { nodes: [CONV, FLAT, DENSE], weights: WEIGHTS } satisfies ModelText

/** The code and the sentence, the folder written as FOLDER; null where the file is read. */
async function refusal(file: string): Promise<[ErrorCode, string] | null> {
  try {
    await onnxImporter.open(file)
    return null
  } catch (error) {
    const { code, message } = error as { code: ErrorCode; message: string }
    return [code, message.replaceAll(path.dirname(file), 'FOLDER')]
  }
}

async function refusalOf(model: ModelText): Promise<[ErrorCode, string] | null> {
  return refusal(await onnxFile(modelBytes(model)))
}

/** The model with a node between its map and its flattening, whose other weights are `weights`. */
function between(node: Omit<NodeText, 'outputs'>, weights: readonly WeightText[] = []): ModelText {
  const flat = { ...FLAT, inputs: ['between'] }
  return { nodes: [CONV, { ...node, outputs: ['between'] }, flat, DENSE], weights: [...WEIGHTS, ...weights] }
}

function withWeight(position: number, weight: Partial<WeightText>): ModelText {
  return { ...MODEL, weights: WEIGHTS.map((each, at) => (at === position ? { ...each, ...weight } : each)) }
}

function withConv(attributes: NodeText['attributes'], weights = WEIGHTS): ModelText {
  return { nodes: [{ ...CONV, attributes: attributes ?? {} }, FLAT, DENSE], weights }
}

test('the model that the refusals below vary is read', async () => {
  expect(await refusalOf(MODEL)).toBeNull()
})

describe('files that are no ONNX model', () => {
  test.each<[string, Uint8Array, ErrorCode, string | RegExp]>([
    ['an empty file', new Uint8Array(), 'bad-file', 'FOLDER/model.onnx is not an ONNX model, in spite of its name.'],
    ['text', Buffer.from('{"a": 1}'), 'bad-file', 'FOLDER/model.onnx is not an ONNX model, in spite of its name.'],
    [
      'a file that is cut off', modelBytes(MODEL).subarray(0, 500), 'bad-file',
      /^FOLDER\/model\.onnx is cut off or damaged: index out of range: .+\.$/,
    ],
    [
      'a file without a graph', Uint8Array.of(8, 8), 'bad-file',
      'FOLDER/model.onnx is not an ONNX model, or is cut off: it holds no graph.',
    ],
  ])('%s', async (_, bytes, code, sentence) => {
    const found = await refusal(await onnxFile(bytes))
    expect(found?.[0]).toBe(code)
    if (typeof sentence === 'string') expect(found?.[1]).toBe(sentence)
    else expect(found?.[1]).toMatch(sentence)
  })

  test('every cut of a good file is refused in one sentence that names it', async () => {
    const whole = modelBytes(MODEL)
    for (let length = 0; length < whole.length; length += 97) {
      const found = await refusal(await onnxFile(whole.subarray(0, length)))
      expect(found?.[1]).toMatch(/^FOLDER\/model\.onnx[: ].+\.$/)
    }
  })

  test('a glance tells a model from another file', async () => {
    expect(await onnxImporter.glance(await onnxFile(modelBytes(MODEL)))).toBeNull()
    expect(await onnxImporter.glance(await onnxFile(Buffer.from('text')))).toMatch(/is not an ONNX model/)
  })
})

const AT = 'FOLDER/model.onnx: '
const node = (name: string, operator: string): string => `${AT}node "${name}" is ${operator}, `
const image = (shape: readonly (number | string | null)[] | null): ModelText => ({
  ...MODEL, inputs: [{ name: 'image', shape }],
})

describe('graphs that cannot be', () => {
  test.each<[string, ModelText, ErrorCode, string]>([
    ['an old operator set', { ...MODEL, version: 6 }, 'unsupported',
      'FOLDER/model.onnx uses ONNX operator set 6; 7 is the oldest that is read.'],
    ['no operator set', { ...MODEL, version: null }, 'unsupported',
      'FOLDER/model.onnx does not say which ONNX operator set it uses.'],
    ['sparse weights', { ...MODEL, sparse: true }, 'unsupported',
      'FOLDER/model.onnx stores weights as sparse tensors, which are not read.'],
    ['no input', { ...MODEL, inputs: [] }, 'bad-model', `${AT}the graph has no input.`],
    ['two inputs', { ...MODEL, inputs: [{ name: 'image', shape: [1, 2, 4, 5] }, { name: 'mask', shape: [1] }] },
      'unsupported', `${AT}the graph has 2 inputs ("image", "mask"), but only models of one image can be read.`],
    ['no output', { ...MODEL, outputs: [] }, 'bad-model', `${AT}the graph has no output.`],
    ['two outputs', { ...MODEL, outputs: [{ name: 'classes', shape: null }, { name: 'map', shape: null }] }, 'unsupported',
      `${AT}the graph has 2 outputs ("classes", "map"), but only models with one output, the classes, can be read.`],
    ['an output that nothing makes', { ...MODEL, outputs: [{ name: 'nothing', shape: null }] }, 'bad-model',
      `${AT}the output "nothing" is not made by any node.`],
    ['an output that is a map', { ...MODEL, outputs: [{ name: 'map', shape: null }] }, 'unsupported',
      `${AT}the output "map" has shape [images, 3, 4, 5], where one value per class is expected.`],
    ['an input without a shape', image(null), 'bad-model', `${AT}the input "image" states no shape.`],
    ['a video', image([1, 2, 9, 4, 5]), 'unsupported',
      `${AT}the input "image" has shape [1, 2, 9, 4, 5], where [images, channels, height, width] is expected.`],
    ['an open size', image(['n', 2, 'h', 5]), 'unsupported',
      `${AT}the input "image" leaves its size open: [?, 2, ?, 5]; state the height and width to open it with.`],
    ['open channels', image(['n', null, 4, 5]), 'unsupported', `${AT}the input "image" leaves its size open: [?, ?, 4, 5].`],
    ['a negative size', image([1, 2, -4, 5]), 'bad-model',
      `${AT}the input "image" has shape [1, 2, -4, 5], whose sizes must lie between 1 and 65536.`],
    ['an enormous size', image([1, 2, 2 ** 40, 5]), 'bad-model',
      `${AT}the input "image" has shape [1, 2, ${2 ** 40}, 5], whose sizes must lie between 1 and 65536.`],
    ['two values of one name', { ...MODEL, nodes: [CONV, { ...FLAT, outputs: ['map'] }, DENSE] }, 'bad-model',
      `${AT}node "flat" makes the value "map", but another value has that name.`],
    ['two tensors of one name', { ...MODEL, weights: [...WEIGHTS, WEIGHTS[1]] }, 'bad-model',
      `${AT}two tensors are named "bias".`],
    ['an input that nothing makes', { ...MODEL, nodes: [CONV, FLAT, { ...DENSE, inputs: ['ghost', 'matrix'] }] },
      'bad-model', `${AT}node "dense" takes "ghost", which nothing in the model makes.`],
    ['a cycle', { ...MODEL, nodes: [CONV, { op: 'Add', name: 'round', inputs: ['map', 'units'], outputs: ['sum'] },
      { ...FLAT, inputs: ['sum'] }, DENSE] }, 'bad-model',
      `${AT}node "round" depends on its own output, or on a node that does.`],
  ])('%s', async (_, model, code, sentence) => {
    expect(await refusalOf(model)).toEqual([code, sentence])
  })
})

describe('a size that the file leaves open', () => {
  const open: ModelText = image(['n', 2, 'height', null])
  const sizes = { inputSize: { height: 4, width: 5 } }

  test('is stated when it is opened', async () => {
    const graph = await onnxImporter.open(await onnxFile(modelBytes(open)), sizes)
    expect(graph.nodes[0].shape).toEqual([4, 5, 2])
  })

  test('must be the one that a file states', async () => {
    const file = await onnxFile(modelBytes(MODEL))
    expect((await onnxImporter.open(file, sizes)).nodes[0].shape).toEqual([4, 5, 2])
    await expect(onnxImporter.open(file, { inputSize: { height: 5, width: 4 } })).rejects.toMatchObject({
      code: 'bad-argument',
      message: `${file}: the input "image" is [1, 2, 4, 5], so it cannot be opened with the size 5x4.`,
    })
  })
})

describe('weights that cannot be', () => {
  test.each<[string, ModelText, string]>([
    ['a negative size', withWeight(1, { shape: [-3], values: [0] }),
      `${AT}the tensor "bias" has shape [-3], whose sizes must be whole numbers of at least 0.`],
    ['an enormous size', withWeight(0, { shape: [2 ** 20, 2 ** 20, 3, 3], values: [0] }),
      `${AT}the tensor "kernel" has shape [1048576, 1048576, 3, 3], which is too large.`],
    ['too few values', withWeight(1, { values: [1, 2] }), `${AT}the tensor "bias" has shape [3] (3 values), but 2 values are stored.`],
    ['too few bytes', withWeight(1, { raw: new Uint8Array(11) }),
      `${AT}the tensor "bias" has shape [3] (3 values), but 11 bytes are stored.`],
    ['text', withWeight(1, { type: 8 }), `${AT}the tensor "bias" has the element type string, which is not read.`],
    ['a quantised matrix', withWeight(2, { type: 22 }), `${AT}the tensor "matrix" has the element type int4, which is not read.`],
    ['a matrix of other rows', withWeight(2, { shape: [59, 4] }),
      `${node('dense', 'a Gemm')}whose matrix has 59 rows, but whose input has shape [images, 60].`],
    ['a bias of another length', withWeight(1, { shape: [4] }),
      `${node('conv', 'a Conv')}whose bias has shape [4], where 3 values are expected.`],
    ['a kernel of other channels', withWeight(0, { shape: [3, 5, 3, 3] }),
      `${AT}layer "conv": kernel has shape [3, 3, 5, 3], but input [4, 5, 2] needs [3, 3, 2, 3].`],
  ])('%s', async (_, model, sentence) => {
    expect(await refusalOf(model)).toEqual(['bad-model', sentence])
  })
})

describe('weights in other files', () => {
  const external = (fields: Record<string, string>): ModelText => withWeight(1, { external: fields })
  const bias = `${AT}the tensor "bias"`

  test('are read from the folder of the model', async () => {
    const bytes = modelBytes(external({ location: 'data.bin', offset: '4', length: '12' }))
    expect(await refusal(await onnxFile(bytes, { 'data.bin': new Uint8Array(16) }))).toBeNull()
  })

  test.each<[string, Record<string, string>, ErrorCode, string]>([
    ['above the folder', { location: '../data.bin' }, 'bad-model', 'lies in "../data.bin", outside the model\'s folder.'],
    ['above the folder by a detour', { location: 'a/../../data.bin' }, 'bad-model',
      'lies in "a/../../data.bin", outside the model\'s folder.'],
    ['above the folder in the spelling of Windows', { location: '..\\data.bin' }, 'bad-model',
      'lies in "..\\data.bin", outside the model\'s folder.'],
    ['at an absolute place', { location: '/etc/hostname' }, 'bad-model', 'lies in "/etc/hostname", outside the model\'s folder.'],
    ['on a drive', { location: 'C:\\data.bin' }, 'bad-model', 'lies in "C:\\data.bin", outside the model\'s folder.'],
    ['behind a link that leads out', { location: 'link.bin' }, 'bad-model', 'lies in "link.bin", outside the model\'s folder.'],
    ['in the folder itself', { location: '.' }, 'bad-model', 'lies in ".", outside the model\'s folder.'],
    ['in a folder', { location: 'folder' }, 'bad-model', 'lies in "folder", which is no file.'],
    ['nowhere', {}, 'bad-model', 'lies in another file, which it does not name.'],
    ['in a missing file', { location: 'none.bin' }, 'missing-file', 'lies in none.bin, which is missing beside the model.'],
    ['beyond the end', { location: 'data.bin', offset: '8' }, 'bad-model', 'reaches to byte 20 of data.bin, which has 16.'],
    ['at a negative place', { location: 'data.bin', offset: '-4' }, 'bad-model',
      'states the offset "-4", which is no number of bytes.'],
    ['of another length', { location: 'data.bin', length: '8' }, 'bad-model',
      'of shape [3] takes 12 bytes, but 8 are stated.'],
  ])('%s are refused', async (_, fields, code, reason) => {
    const file = await onnxFile(modelBytes(external(fields)), { 'data.bin': new Uint8Array(16) })
    const folder = path.dirname(file)
    await mkdir(path.join(folder, 'folder'))
    await symlink('/etc/hostname', path.join(folder, 'link.bin'))
    expect(await refusal(file)).toEqual([code, `${bias} ${reason}`])
  })

  test('a pipe is no file', async () => {
    const file = await onnxFile(modelBytes(external({ location: 'pipe' })))
    await symlink('/dev/zero', path.join(path.dirname(file), 'pipe'))
    expect((await refusal(file))?.[0]).toBe('bad-model')
  })

  test('tensors cannot share bytes to multiply what a file holds', async () => {
    const shared = { location: 'data.bin' }
    const weights = [...WEIGHTS.slice(0, 1), { ...WEIGHTS[1], external: shared }, WEIGHTS[2],
      { name: 'copy', shape: [3], external: shared }]
    const file = await onnxFile(modelBytes({ ...MODEL, weights }), { 'data.bin': new Uint8Array(16) })
    expect(await refusal(file)).toEqual(['bad-model', `${AT}the tensor "copy" shares bytes of data.bin with other tensors.`])
  })

  test('a damaged file beside the model changes nothing of the model that does not name it', async () => {
    const file = await onnxFile(modelBytes(MODEL))
    await writeFile(path.join(path.dirname(file), 'model.onnx.data'), '')
    expect(await refusal(file)).toBeNull()
  })
})

describe('operators that cannot be represented', () => {
  const onMap = (op: string, attributes: NodeText['attributes'] = {}, extra: readonly WeightText[] = []): ModelText =>
    between({ op, name: 'it', inputs: ['map', ...extra.map(({ name }) => name)], attributes }, extra)
  /** The model with the sum of its map and a constant that a node makes. */
  const withMade = (made: Omit<NodeText, 'outputs'>, weights: readonly WeightText[]): ModelText => {
    const model = between({ op: 'Add', name: 'it', inputs: ['map', 'made'] }, weights)
    return { ...model, nodes: [{ ...made, name: 'made', outputs: ['made'] }, ...model.nodes] }
  }
  const vector = (name: string, values: readonly number[], type = 7): WeightText => ({
    name, shape: [values.length], values, type,
  })

  test.each<[string, ModelText, ErrorCode, string]>([
    ['attention', between({ op: 'MatMul', name: 'scores', inputs: ['map', 'map'] }), 'unsupported',
      `${node('scores', 'a MatMul')}which multiplies two outputs of other nodes, as attention does; only products with stored weights are supported.`],
    ['an attention operator', onMap('Attention'), 'unsupported',
      `${node('it', 'an Attention')}which is attention; only networks of convolutions and dense layers are supported.`],
    ['an unknown operator', onMap('Einsum'), 'unsupported', `${node('it', 'an Einsum')}which is not supported.`],
    ['an operator without a name', between({ op: 'Resize', inputs: ['map'] }), 'unsupported',
      `${node('Resize_1', 'a Resize')}which is not supported.`],
    ['another operator set', between({ op: 'FusedConv', name: 'it', inputs: ['map'], domain: 'com.microsoft' }), 'unsupported',
      `${node('it', 'a FusedConv')}of the operator set "com.microsoft", which is not supported.`],
    ['layer normalisation', onMap('LayerNormalization'), 'unsupported',
      `${node('it', 'a LayerNormalization')}which is not supported; normalise in batches, as convolutional networks do.`],
    ['quantisation', onMap('QuantizeLinear'), 'unsupported',
      `${node('it', 'a QuantizeLinear')}so the model is quantised; export it in floating point.`],
    ['a choice', onMap('If'), 'unsupported',
      `${node('it', 'an If')}which chooses between graphs as it runs; that is not supported.`],
    ['a quotient of outputs', between({ op: 'Div', name: 'it', inputs: ['map', 'image'] }), 'unsupported',
      `${node('it', 'a Div')}of two outputs of other nodes; only their sum and product are supported.`],
    ['a quotient by an output', between({ op: 'Div', name: 'it', inputs: ['one', 'map'] }, [vector('one', [1], 1)]), 'unsupported',
      `${node('it', 'a Div')}of a constant by an output of another node.`],
    ['an addition of a picture', onMap('Add', {}, [{ name: 'picture', shape: [3, 4, 5] }]), 'unsupported',
      `${node('it', 'an Add')}with a constant of shape [3, 4, 5]; only one number, or one per channel, is supported.`],
    ['a picture added behind a convolution without bias',
      { nodes: [{ ...CONV, inputs: ['image', 'kernel'] },
        { op: 'Add', name: 'it', inputs: ['map', 'rows'], outputs: ['between'] }, { ...FLAT, inputs: ['between'] }, DENSE],
      weights: [...WEIGHTS, { name: 'rows', shape: [3, 1, 5] }] }, 'unsupported',
      `${node('it', 'an Add')}with a constant of shape [3, 1, 5]; only one number, or one per channel, is supported.`],
    ['maps that do not fit', between({ op: 'Add', name: 'it', inputs: ['map', 'image'] }), 'bad-model',
      `${node('it', 'an Add')}whose inputs [images, 3, 4, 5] and [images, 2, 4, 5] do not fit together.`],
    ['a kernel from the image', { ...MODEL, nodes: [{ ...CONV, inputs: ['image', 'image'] }, FLAT, DENSE] }, 'unsupported',
      `${node('conv', 'a Conv')}whose kernel is computed from the image.`],
    ['convolution over time', { ...MODEL, weights: [{ name: 'kernel', shape: [3, 2, 3] }, ...WEIGHTS.slice(1)] }, 'unsupported',
      `${node('conv', 'a Conv')}whose kernel has shape [3, 2, 3]; only convolution over height and width is supported.`],
    ['negative padding', withConv({ pads: [1, -1, 1, 1] }), 'bad-model',
      `${node('conv', 'a Conv')}with pads [1, -1, 1, 1] instead of four whole numbers of at least 0.`],
    ['enormous padding', withConv({ pads: [2 ** 23, 2 ** 23, 1, 1] }), 'bad-model',
      `${AT}layer "conv" would have 211106408693796 values for one image, in the shape [8388611, 8388612, 3].`],
    ['padding beyond all sizes', withConv({ pads: [2 ** 40, 1, 1, 1] }), 'bad-model',
      `${node('conv', 'a Conv')}with pads [${2 ** 40}, 1, 1, 1] instead of four whole numbers of at least 0.`],
    ['a stride of 0', withConv({ strides: [0, 1] }), 'bad-model',
      `${node('conv', 'a Conv')}with strides [0, 1] instead of two whole numbers of at least 1, for height and width.`],
    ['three groups of two channels', withConv({ group: 3, pads: [1, 1, 1, 1] }), 'bad-model',
      `${AT}layer "conv": 3 groups do not divide input [4, 5, 2] and kernel [3, 3, 2, 3] evenly.`],
    ['another kernel size', withConv({ kernel_shape: [5, 5] }), 'bad-model',
      `${node('conv', 'a Conv')}with kernel_shape [5, 5] instead of [3, 3] of its kernel.`],
    ['an unknown padding rule', withConv({ auto_pad: 'MIRROR' }), 'bad-model',
      `${node('conv', 'a Conv')}with auto_pad "MIRROR" instead of NOTSET, VALID, SAME_UPPER or SAME_LOWER.`],
    ['a pool larger than the map', onMap('MaxPool', { kernel_shape: [9, 9] }), 'bad-model',
      `${AT}layer "it": a window of 9 x 9 does not fit into input [4, 5] (4 x 5 with padding).`],
    ['a dilated pool', onMap('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2] }), 'unsupported',
      `${node('it', 'a MaxPool')}with dilated windows.`],
    ['a mean over channels', onMap('ReduceMean', { axes: [1] }), 'unsupported',
      `${node('it', 'a ReduceMean')}over the axes 1 of 4; only height and width of a map are supported.`],
    ['normalisation in training', onMap('BatchNormalization', { training_mode: 1 }), 'unsupported',
      `${node('it', 'a BatchNormalization')}in training mode; export the model for inference.`],
    ['a normalisation without weights', onMap('BatchNormalization'), 'bad-model',
      `${node('it', 'a BatchNormalization')}whose scale is left out.`],
    ['an even LRN', onMap('LRN', { size: 4 }), 'unsupported',
      `${node('it', 'an LRN')}whose window of 4 channels is even; only centred ones are supported.`],
    ['limits on both sides', onMap('Clip', {}, [{ name: 'low', shape: [], values: [-1] }, { name: 'high', shape: [], values: [1] }]),
      'unsupported', `${node('it', 'a Clip')}which limits to -1 and 1; only a lower limit of 0 is supported.`],
    ['a mirrored border', onMap('Pad', { mode: 'reflect' }, [vector('pads', [0, 0, 1, 1, 0, 0, 1, 1])]), 'unsupported',
      `${node('it', 'a Pad')}in the mode "reflect"; only zeros are supported.`],
    ['cropping', onMap('Pad', {}, [vector('pads', [0, 0, -1, 0, 0, 0, 0, 0])]), 'unsupported',
      `${node('it', 'a Pad')}by less than nothing, which crops; cropping is not supported.`],
    ['a choice along the width', onMap('Gather', { axis: 3 }, [vector('list', [1, 0])]), 'unsupported',
      `${node('it', 'a Gather')}along another axis than that of the channels of a map.`],
    ['a choice of images', onMap('Gather', { axis: 0 }, [vector('list', [0])]), 'unsupported',
      `${node('it', 'a Gather')}which chooses among the images.`],
    ['a choice of a fraction', onMap('Gather', { axis: 1 }, [vector('list', [0.5], 1)]), 'bad-model',
      `${node('it', 'a Gather')}which takes entry 0.5 of 3, counted from 0.`],
    ['two axes in one place', onMap('Unsqueeze', {}, [vector('axes', [2, 2])]), 'bad-model',
      `${node('it', 'an Unsqueeze')}with axes [2, 2] instead of a list of different axes.`],
    ['an axis of a constant that cannot be dropped',
      withMade({ op: 'Squeeze', inputs: ['three', 'zero'] }, [vector('three', [1, 2, 3], 1), vector('zero', [0])]),
      'bad-model',
      `${node('made', 'a Squeeze')}which drops axis 0, whose size is 3.`],
    ['products along one axis of a constant',
      withMade({ op: 'ReduceProd', inputs: ['table'], attributes: { axes: [0] } }, [{ name: 'table', shape: [2, 3] }]),
      'unsupported',
      `${node('made', 'a ReduceProd')}over some axes of a constant.`],
    ['a choice of channels that are not there', onMap('Gather', { axis: 1 }, [vector('list', [0, 3])]), 'bad-model',
      `${node('it', 'a Gather')}which takes entry 3 of 3, counted from 0.`],
    ['no channel', onMap('Slice', {}, [vector('a', [2]), vector('b', [1]), vector('c', [1])]), 'bad-model',
      `${node('it', 'a Slice')}which takes no channel.`],
    ['a crop by a range', onMap('Slice', {}, [vector('a', [1]), vector('b', [9]), vector('c', [2])]), 'unsupported',
      `${node('it', 'a Slice')}along another axis than that of the channels of a map.`],
    ['half of the images', onMap('Slice', {}, [vector('a', [0]), vector('b', [1]), vector('c', [0])]), 'unsupported',
      `${node('it', 'a Slice')}which chooses among the images.`],
    ['a range in steps of a fraction',
      onMap('Slice', {}, [vector('a', [0]), vector('b', [2]), vector('c', [1]), vector('d', [0.5], 1)]), 'bad-model',
      `${node('it', 'a Slice')}with steps 0.5 instead of a whole step other than 0.`],
    ['a range from a fraction on', onMap('Slice', {}, [vector('a', [0.5], 1), vector('b', [2]), vector('c', [1])]), 'bad-model',
      `${node('it', 'a Slice')}with range [0.5, 2] instead of a pair of whole numbers.`],
    ['parts that do not add up', onMap('Split', { axis: 1 }, [vector('sizes', [2])]), 'bad-model',
      `${node('it', 'a Split')}with split [2] instead of a list of 1 sizes with the sum 3.`],
    ['padding of channels', onMap('Pad', {}, [vector('pads', [0, 1, 0, 1, 0, 0, 0, 0])]), 'unsupported',
      `${node('it', 'a Pad')}along other axes than height and width.`],
    ['images mixed with places', onMap('Reshape', {}, [vector('shape', [5, 12])]), 'unsupported',
      `${node('it', 'a Reshape')}which mixes the axis of the images with others (its result is [5, 12]).`],
    ['a reshape that does not fit', onMap('Reshape', {}, [vector('shape', [1, 61])]), 'bad-model',
      `${node('it', 'a Reshape')}which cannot turn [1, 3, 4, 5] into [1, 61].`],
    ['images moved', onMap('Transpose', { perm: [1, 0, 2, 3] }), 'unsupported',
      `${node('it', 'a Transpose')}which moves the axis of the images.`],
    ['no order of axes', onMap('Transpose', { perm: [0, 1, 1, 2] }), 'bad-model',
      `${node('it', 'a Transpose')}with perm [0, 1, 1, 2] instead of an order of the axes 0 to 3.`],
    ['images joined', between({ op: 'Concat', name: 'it', inputs: ['map', 'map'], attributes: { axis: 0 } }), 'unsupported',
      `${node('it', 'a Concat')}of images with each other (axis 0).`],
    ['a softmax over all', { ...onMap('Softmax', { axis: 1 }), version: 11 }, 'unsupported',
      `${node('it', 'a Softmax')}over axis 1 of 4 and others; only one axis is supported.`],
    ['a constant of a billion values',
      { nodes: [CONV, { op: 'ConstantOfShape', name: 'big', inputs: ['shape'], outputs: ['ones'] },
        { op: 'Add', name: 'it', inputs: ['map', 'ones'], outputs: ['between'] }, { ...FLAT, inputs: ['between'] }, DENSE],
      weights: [...WEIGHTS, vector('shape', [1000, 1000, 100])] }, 'bad-model',
      `${node('big', 'a ConstantOfShape')}whose constant result of shape [1000, 1000, 100] is too large.`],
    ['repeated values', onMap('Expand', {}, [vector('shape', [1, 3, 4, 10])]), 'unsupported',
      `${node('it', 'an Expand')}which repeats values; that is not supported.`],
    ['a class without scores', { ...MODEL, nodes: [CONV, FLAT, { ...DENSE, outputs: ['scores'] },
      { op: 'ArgMax', name: 'best', inputs: ['scores'], outputs: ['classes'] }] }, 'unsupported',
      `${node('best', 'an ArgMax')}which leaves a class without its scores; export the model up to the scores.`],
  ])('%s', async (_, model, code, sentence) => {
    expect(await refusalOf(model)).toEqual([code, sentence])
  })

  test('what the output does not need is not refused', async () => {
    const aside: NodeText = { op: 'NonMaxSuppression', inputs: ['map'], outputs: ['boxes'] }
    expect(await refusalOf({ ...MODEL, nodes: [CONV, aside, FLAT, DENSE] })).toBeNull()
  })
})

test('no file is executed or compiled: the reader makes no code', () => {
  const sources = ['messages.ts', 'index.ts'].map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  expect(sources.join('\n')).not.toMatch(/Root|\.decode\(|new Function|eval/)
})
