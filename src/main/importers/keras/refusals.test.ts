import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../shared/errors.ts'
import { openModel } from '../index.ts'
import { CLASSES, CONV, FLAT, IMAGE, outcome, outcomeOf, sequential, WEIGHTS, zeros } from '../testing/outcome.ts'
import type { Entry } from '../testing/outcome.ts'
import { writeModel } from '../testing/write-model.ts'

describe('layers', () => {
  const at = 'FOLDER/model.json: layer'
  test.each<[string, readonly Entry[], ErrorCode, string]>([
    [
      'an unknown layer',
      [IMAGE, ['Conv2DTranspose', { name: 'up' }]],
      'unsupported',
      `${at} "up" is a Conv2DTranspose, which is not supported.`,
    ],
    [
      'a custom layer',
      [IMAGE, ['mine>Odd', { name: 'odd' }]],
      'unsupported',
      `${at} "odd" is an Odd, which is not supported.`,
    ],
    [
      'an unknown activation',
      [IMAGE, ['Conv2D', { ...CONV[1], activation: 'mish' }]],
      'unsupported',
      `${at} "conv" is a Conv2D with the activation "mish", which is not supported.`,
    ],
    [
      'an unknown Activation',
      [IMAGE, ['Activation', { name: 'act', activation: 'softplus' }]],
      'unsupported',
      `${at} "act" is an Activation with the activation "softplus", which is not supported.`,
    ],
    [
      'a softmax over the width of a map with channels first',
      [
        ['InputLayer', { name: 'image', batch_input_shape: [null, 2, 6, 6] }],
        ['Conv2D', { ...CONV[1], data_format: 'channels_first', activation: 'softmax' }],
      ],
      'unsupported',
      `${at} "conv" is a Conv2D, whose softmax runs over the width of its map, not over the channels.`,
    ],
    [
      'quantised computing',
      [IMAGE, ['Conv2D', { ...CONV[1], dtype: { class_name: 'QuantizedDTypePolicy', config: {} } }]],
      'unsupported',
      `${at} "conv" is a Conv2D, which computes with quantised weights (its dtype policy is quantised).`,
    ],
    [
      'a softmax over rows',
      [IMAGE, ['Softmax', { name: 'soft', axis: 2 }]],
      'unsupported',
      `${at} "soft" is a Softmax, which normalises over axis 2; only the axis of the channels is supported.`,
    ],
    [
      'batch normalisation over rows',
      [IMAGE, ['BatchNormalization', { name: 'norm', axis: [2] }]],
      'unsupported',
      `${at} "norm" is a BatchNormalization, which normalises over axis 2; only the axis of the channels is supported.`,
    ],
    [
      'an even LRN window',
      [IMAGE, ['LRN', { name: 'lrn', n: 4, k: 2, alpha: 1, beta: 1 }]],
      'unsupported',
      `${at} "lrn" is an LRN, whose window n is even; only windows centred on a channel are supported.`,
    ],
    [
      'an LRN without parameters',
      [IMAGE, ['LRN', { name: 'lrn' }]],
      'unsupported',
      `${at} "lrn" is an LRN, which must state depth_radius (or n), bias (or k), alpha and beta.`,
    ],
    [
      'a join of one',
      [IMAGE, ['Add', { name: 'sum' }]],
      'unsupported',
      `${at} "sum" is an Add, which joins several inputs, but is given 1.`,
    ],
    [
      'a wrong stride',
      [IMAGE, ['Conv2D', { ...CONV[1], strides: [0, 1] }]],
      'bad-model',
      `${at} "conv" has [0,1] as "strides", where a whole number of at least 1 or a pair of them is expected.`,
    ],
    [
      'no filters',
      [IMAGE, ['Conv2D', { name: 'conv', kernel_size: 3 }]],
      'bad-model',
      `${at} "conv" has no "filters", where a whole number of at least 1 is expected.`,
    ],
    [
      'unknown padding',
      [IMAGE, ['MaxPooling2D', { name: 'pool', padding: 'causal' }]],
      'bad-model',
      `${at} "pool" has "causal" as "padding", where "valid" or "same" is expected.`,
    ],
    [
      'a convolution of a vector',
      [IMAGE, FLAT, CONV],
      'bad-model',
      `${at} "conv" is a Conv2D, which takes [height, width, channels], but its input has shape [72].`,
    ],
    [
      'a reshape of another size',
      [IMAGE, ['Reshape', { name: 'turn', target_shape: [-1, 5] }]],
      'bad-model',
      `${at} "turn" cannot turn [6, 6, 2] into [-1, 5].`,
    ],
    [
      'an order without all axes',
      [IMAGE, ['Permute', { name: 'turn', dims: [1, 2, 2] }]],
      'bad-model',
      `${at} "turn" has [1,2,2] as "dims", where an order of the axes 1 to 3 is expected.`,
    ],
    [
      'one name twice',
      [IMAGE, ['ReLU', { name: 'twice' }], ['ReLU', { name: 'twice' }]],
      'bad-model',
      'FOLDER/model.json: two layers are named "twice".',
    ],
    [
      'an output that is a map',
      [IMAGE, CONV],
      'unsupported',
      'FOLDER/model.json: the output "conv" has shape [4, 4, 3], where one value per class is expected.',
    ],
  ])('%s', async (_, entries, code, sentence) => {
    expect(await outcomeOf(entries)).toEqual([code, sentence])
  })
})

test('a misfit that only the operator finds names the file and the layer', async () => {
  const [code, sentence] = await outcomeOf([IMAGE, ['MaxPooling2D', { name: 'pool', pool_size: 7 }]])
  expect(code).toBe('bad-model')
  expect(sentence).toMatch(/^FOLDER\/model\.json: layer "pool": .*7.*\.$/)
})

describe('inputs', () => {
  const open: Entry = ['InputLayer', { name: 'image', batch_input_shape: [null, null, null, 2] }]

  test('a size left open is refused, or taken from the caller', async () => {
    expect(await outcomeOf([open, CONV, FLAT, CLASSES])).toEqual([
      'unsupported',
      'FOLDER/model.json: the input "image" leaves its size open: [?, ?, 2]; ' +
        'state the height and width to open it with.',
    ])
    expect(await outcomeOf([open, CONV, FLAT, CLASSES], WEIGHTS, { inputSize: { height: 6, width: 6 } })).toEqual([])
  })

  test('channels left open are refused', async () => {
    const grey: Entry = ['InputLayer', { name: 'image', batch_input_shape: [null, 6, 6, null] }]
    expect(await outcomeOf([grey, CONV])).toEqual([
      'unsupported',
      'FOLDER/model.json: the input "image" leaves its size open: [6, 6, ?].',
    ])
  })

  test('another size than the fixed one is refused', async () => {
    expect(await outcomeOf([IMAGE, CONV, FLAT, CLASSES], WEIGHTS, { inputSize: { height: 6, width: 7 } })).toEqual([
      'bad-argument',
      'FOLDER/model.json: the input "image" is [6, 6, 2], so it cannot be opened with the size 6x7.',
    ])
  })

  test('no shape at all', async () => {
    expect(await outcomeOf([['Flatten', { name: 'flat' }], CLASSES])).toEqual([
      'bad-model',
      'FOLDER/model.json: the input "flat_input" states no shape.',
    ])
  })

  test('a text', async () => {
    expect(await outcomeOf([['InputLayer', { name: 'words', batch_input_shape: [null, 5, 7] }], CLASSES])).toEqual([
      'unsupported',
      'FOLDER/model.json: the input "words" has shape [5, 7], where [height, width, channels] is expected.',
    ])
  })
})

describe('Functional models', () => {
  const layer = (class_name: string, name: string, inbound_nodes: unknown, config = {}) => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes,
  })
  const image = layer('InputLayer', 'image', [], { batch_input_shape: [null, 3] })
  const functional = (layers: unknown[], inputs: unknown = [['image', 0, 0]], outputs: unknown = [['a', 0, 0]]) => ({
    class_name: 'Model',
    config: { name: 'net', layers, input_layers: inputs, output_layers: outputs },
  })
  const relu = (name: string, input: string) => layer('ReLU', name, [[[input, 0, 0, {}]]])

  test.each<[string, unknown, ErrorCode, string]>([
    [
      'two inputs',
      functional(
        [image, relu('a', 'image')],
        [
          ['image', 0, 0],
          ['mask', 0, 0],
        ],
      ),
      'unsupported',
      'the model has 2 inputs ("image", "mask"), but exactly one image input is needed.',
    ],
    [
      'two separate outputs',
      functional([image, relu('a', 'image'), relu('b', 'image')], undefined, [
        ['a', 0, 0],
        ['b', 0, 0],
      ]),
      'unsupported',
      'the model has 2 separate outputs ("a", "b"), but one, with a value per class, is needed.',
    ],
    ['a cycle', functional([image, relu('a', 'b'), relu('b', 'a')]), 'bad-model', 'layer "a" takes part in a cycle.'],
    ['an unknown input', functional([image, relu('a', 'b')]), 'bad-model', 'the model refers to an unknown layer "b".'],
    ['a layer without input', functional([image, layer('ReLU', 'a', [])]), 'bad-model', 'layer "a" has no input.'],
    [
      'a second output of a layer',
      functional([image, layer('ReLU', 'a', [[['image', 0, 1, {}]]])]),
      'bad-model',
      'layer "image" has no output 1.',
    ],
    [
      'a tensor as named argument',
      functional([image, layer('ReLU', 'a', [[['image', 0, 0, { mask: ['image', 0, 0] }]]])]),
      'unsupported',
      'layer "a" takes a tensor as a named argument, which is not supported.',
    ],
    [
      'unknown inbound nodes',
      functional([image, layer('ReLU', 'a', [[7]])]),
      'bad-model',
      'layer "a" has inbound_nodes of an unknown form.',
    ],
    [
      'no output layers',
      { class_name: 'Model', config: { layers: [image], input_layers: [['image', 0, 0]] } },
      'bad-model',
      'the model names its inputs or outputs in an unknown form.',
    ],
  ])('%s', async (_, topology, code, sentence) => {
    expect(await outcome(await writeModel(topology, []))).toEqual([code, `FOLDER/model.json: ${sentence}`])
  })

  test('outputs on the way to the last one, and layers beside it, are reported', async () => {
    const topology = functional([image, relu('a', 'image'), relu('b', 'a'), relu('beside', 'a')], undefined, [
      ['a', 0, 0],
      ['b', 0, 0],
    ])
    expect(await outcome(await writeModel(topology, []))).toEqual([
      'The model has 2 outputs; the last one, "b", is taken as the class scores.',
      'Layers that do not lead to the output were left out: beside.',
    ])
  })
})

describe('repairs that are reported', () => {
  test('an output of [1, 1, classes] is flattened', async () => {
    const full: Entry = ['Conv2D', { name: 'conv', filters: 3, kernel_size: 6 }]
    expect(await outcomeOf([IMAGE, full], [zeros('conv/kernel', [6, 6, 2, 3]), zeros('conv/bias', [3])])).toEqual([
      'The output "conv" of shape [1, 1, 3] is flattened to one value per class.',
    ])
  })

  test('half precision is computed in float32', async () => {
    const half: Entry = ['Dense', { ...CLASSES[1], dtype: { class_name: 'Policy', config: { name: 'mixed_float16' } } }]
    expect(await outcomeOf([IMAGE, CONV, FLAT, half])).toEqual([
      'Layers of the model compute in mixed_float16; here they compute in float32.',
    ])
  })

  test('LRN by n', async () => {
    const lrn: Entry = ['LRN2D', { name: 'lrn', n: 5, k: 2, alpha: 1e-4, beta: 0.75 }]
    const folder = await writeModel(sequential(IMAGE, lrn, FLAT), [])
    const graph = await openModel(folder)
    expect(graph.nodes[1]).toMatchObject({ op: 'lrn', spec: { radius: 2, bias: 2, alpha: 1e-4, beta: 0.75 } })
    expect(graph.warnings).toEqual([
      'Layer "lrn" states its normalisation by n; alpha is taken as it stands, not divided by n.',
    ])
  })

  test("LRN by TensorFlow's parameters needs no repair", async () => {
    const lrn: Entry = ['LocalResponseNormalization', { name: 'lrn', depth_radius: 3, bias: 1, alpha: 0.1, beta: 0.5 }]
    const graph = await openModel(await writeModel(sequential(IMAGE, lrn, FLAT), []))
    expect(graph.nodes[1]).toMatchObject({ op: 'lrn', spec: { radius: 3, bias: 1, alpha: 0.1, beta: 0.5 } })
    expect(graph.warnings).toEqual([])
  })
})
