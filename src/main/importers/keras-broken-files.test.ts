import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../shared/errors.ts'
import { recogniseModel } from './index.ts'
import { array, MODEL, NUMBERED, outcomeOfFiles, WEIGHTS, type Outcome, type Weights } from './testing/keras-model.ts'
import { FLAT, IMAGE, sequential, type Entry } from './testing/outcome.ts'
import { archiveBytes } from './testing/write-archive.ts'
import { hdf5Bytes, kerasHdf5, weightGroups, type Tree } from './testing/write-hdf5.ts'
import { temporaryFolder } from './testing/write-model.ts'

async function outcomeOfHdf5(model: unknown, weights: Weights, attributes?: Record<string, string>): Promise<Outcome> {
  return outcomeOfFiles({ 'net.h5': await kerasHdf5(model, weights, attributes) })
}

function layers(...entries: readonly Entry[]): unknown {
  return sequential(IMAGE, ...entries)
}

describe('models that the refusals vary', () => {
  test.each<[string, () => Promise<Record<string, string | Uint8Array>>, string[]]>([
    ['a whole model', async () => ({ 'net.h5': await kerasHdf5(MODEL, WEIGHTS) }), []],
    ['under the ending .keras', async () => ({ 'net.keras': await kerasHdf5(MODEL, WEIGHTS) }), []],
    [
      'weights beside their description',
      async () => ({ 'net.h5': await hdf5Bytes(weightGroups(WEIGHTS)), 'net.json': JSON.stringify(MODEL) }),
      [],
    ],
    [
      'weights of Keras 3 beside architecture.json',
      async () => ({ 'best.weights.h5': await hdf5Bytes(NUMBERED), 'architecture.json': JSON.stringify(MODEL) }),
      [],
    ],
    [
      'weights of the first versions of Keras 3, and of others, in other groups',
      async () => ({
        'net.weights.h5': await hdf5Bytes({ _layer_checkpoint_dependencies: NUMBERED['layers'] }),
        'net.json': JSON.stringify(MODEL),
      }),
      [],
    ],
    [
      'weights of a model whose layers were named otherwise',
      async () => ({
        'net.h5': await hdf5Bytes(
          weightGroups({
            conv2d_7: { 'conv2d_7/kernel:0': array(3, 3, 2, 3), 'conv2d_7/bias:0': array(3) },
            dense_3: { 'dense_3_1/kernel:0': array(48, 2), 'dense_3_1/bias:0': array(2) },
          }),
        ),
        'net.json': JSON.stringify(MODEL),
      }),
      ['The layers of the weights are named in another way; they were matched to the model by their order.'],
    ],
    [
      'weights under the names of another session',
      async () => ({
        'net.h5': await kerasHdf5(MODEL, {
          conv: { 'conv_2/kernel:0': array(3, 3, 2, 3), 'conv_2/bias:0': array(3) },
          classes: { kernel: array(48, 2), bias: array(2) },
        }),
      }),
      [],
    ],
    [
      'an archive',
      async () => ({
        'net.keras': await archiveBytes([
          ['metadata.json', '{"keras_version": "3.0.0"}'],
          ['config.json', JSON.stringify(MODEL)],
          ['model.weights.h5', await hdf5Bytes(NUMBERED)],
        ]),
      }),
      [],
    ],
    [
      'a packed archive without metadata, with an asset',
      async () => ({
        'net.keras': await archiveBytes(
          [
            ['assets/words.txt', 'one'],
            ['config.json', JSON.stringify(MODEL)],
            ['model.weights.h5', await hdf5Bytes(NUMBERED)],
          ],
          true,
        ),
      }),
      [],
    ],
  ])('%s', async (_, files, warnings) => {
    expect(await outcomeOfFiles(await files())).toEqual(warnings)
  })
})

describe('HDF5', () => {
  const at = 'FOLDER/net.h5'

  test.each<[string, Tree, ErrorCode, string]>([
    [
      'nothing of Keras',
      { data: array(3) },
      'bad-model',
      `${at} holds weights without a model; put its description (model.to_json()) beside it as net.json.`,
    ],
    [
      'a description that is no JSON',
      { model_config: '{"class_name": ' },
      'bad-file',
      `${at}: its model_config is not valid JSON: REASON.`,
    ],
    ['a description that is a list', { model_config: '[]' }, 'bad-model', `${at}: its model_config is no object.`],
    [
      'a description that is nested without end',
      { model_config: `${'['.repeat(5000)}${']'.repeat(5000)}` },
      'bad-file',
      `${at}: its model_config is nested more than 200 levels deep.`,
    ],
    [
      'no weights',
      { model_config: JSON.stringify(MODEL) },
      'bad-model',
      `${at} holds no weights (it has no layer_names).`,
    ],
    [
      'a layer that names weights which are not there',
      {
        model_config: JSON.stringify(MODEL),
        model_weights: { layer_names: ['conv'], conv: { weight_names: ['conv/kernel:0'] } },
      },
      'bad-model',
      `${at}: "model_weights/conv/conv/kernel:0" is not a data set.`,
    ],
    [
      'Theano',
      { model_config: JSON.stringify(MODEL), backend: 'theano', model_weights: weightGroups(WEIGHTS) },
      'unsupported',
      `${at} was written by Keras on Theano, which turns the kernels of convolutions: save it on TensorFlow.`,
    ],
  ])('%s', async (_, tree, code, sentence) => {
    const found = await outcomeOfFiles({ 'net.h5': await hdf5Bytes(tree) })
    expect(found.map(withoutReasonOfJson)).toEqual([code, sentence])
  })

  test.each<[string, string, ErrorCode, string]>([
    ['JSON of something else', '{"layers": 3}', 'bad-model', 'is no description of a Keras model (it has no class_name and config).'],
    ['no JSON', '{', 'bad-file', 'is not valid JSON: REASON.'],
  ])('%s beside weights', async (_, text, code, reason) => {
    const found = await outcomeOfFiles({ 'net.h5': await hdf5Bytes(weightGroups(WEIGHTS)), 'net.json': text })
    expect(found.map(withoutReasonOfJson)).toEqual([code, `FOLDER/net.json ${reason}`])
  })

  test.each<[string, Weights, ErrorCode, string]>([
    [
      'a weight is missing',
      { ...WEIGHTS, classes: { 'classes/kernel:0': array(48, 2) } },
      'bad-model',
      `${at}: layer "classes" has no weight "bias" in the model's files.`,
    ],
    [
      'a weight has another shape',
      { ...WEIGHTS, classes: { ...WEIGHTS['classes'], 'classes/kernel:0': array(2, 48) } },
      'bad-model',
      `${at}: layer "classes" has a weight "kernel" of shape [2, 48], but its settings call for [48, 2].`,
    ],
    [
      'a weight is not finite',
      { ...WEIGHTS, classes: { ...WEIGHTS['classes'], 'classes/bias:0': { shape: [2], values: [0, NaN] } } },
      'bad-model',
      `${at}: layer "classes" has values in its weight "bias" that are not finite (NaN or infinity).`,
    ],
    [
      'the weights are those of another model',
      { ...WEIGHTS, more: { 'more/kernel:0': array(3) } },
      'bad-model',
      `${at} holds weights of a layer "more", which the model does not have, and of 3 layers in all, ` +
        'where the model has 2 with weights.',
    ],
  ])('%s', async (_, weights, code, sentence) => {
    expect(await outcomeOfHdf5(MODEL, weights)).toEqual([code, sentence])
  })

  test.each<[string, Entry[], ErrorCode, string]>([
    [
      'a program',
      [['Lambda', { name: 'odd', function: { class_name: '__lambda__', config: { code: '4wEAAAA=' } } }]],
      'unsupported',
      `${at}: layer "odd" is a Lambda, which holds a program; nothing in a model file is executed.`,
    ],
    [
      'attention',
      [['MultiHeadAttention', { name: 'heads', num_heads: 2, key_dim: 3 }]],
      'unsupported',
      `${at}: layer "heads" is a MultiHeadAttention, whose weighted sums over places have no backward rules here.`,
    ],
    [
      'an operation of TensorFlow',
      [['TFOpLambda', { name: 'tf.abs', function: 'math.abs' }]],
      'unsupported',
      `${at}: layer "tf.abs" is a TFOpLambda, which stands for the operation "math.abs" between layers; ` +
        'of these only sums and products are supported.',
    ],
    [
      'an operation of older TensorFlow',
      [['TensorFlowOpLayer', { name: 'mul', node_def: { op: 'Mul' } }]],
      'unsupported',
      `${at}: layer "mul" is a TensorFlowOpLayer, which stands for the operation "Mul" between layers; ` +
        'of these only sums and products are supported.',
    ],
    [
      'cropping',
      [['Cropping2D', { name: 'crop' }]],
      'unsupported',
      `${at}: layer "crop" is a Cropping2D, which is not supported.`,
    ],
    [
      'a resizing',
      [['Resizing', { name: 'size', height: 3, width: 3 }]],
      'unsupported',
      `${at}: layer "size" is a Resizing, which resizes images; resize them before the network.`,
    ],
    [
      'a random crop',
      [['RandomCrop', { name: 'part', height: 3, width: 3 }]],
      'unsupported',
      `${at}: layer "part" is a RandomCrop, which crops images; crop them before the network.`,
    ],
    [
      'an upsampling',
      [['UpSampling2D', { name: 'larger' }]],
      'unsupported',
      `${at}: layer "larger" is an UpSampling2D, which is not supported.`,
    ],
    [
      'an activation',
      [['Activation', { name: 'odd', activation: 'mish' }]],
      'unsupported',
      `${at}: layer "odd" is an Activation with the activation "mish", which is not supported.`,
    ],
    [
      'a scale for other channels',
      [['Rescaling', { name: 'scale', scale: [1, 2, 3] }]],
      'bad-model',
      `${at}: layer "scale" has [1,2,3] as "scale", where one number, or one for each of 2 channels, is expected.`,
    ],
    [
      'statistics over rows',
      [['Normalization', { name: 'norm', axis: [2], mean: 0, variance: 1 }]],
      'unsupported',
      `${at}: layer "norm" is a Normalization, which normalises over axis 2; only the axis of the channels is supported.`,
    ],
    [
      'a negative variance',
      [['Normalization', { name: 'norm', axis: [-1], mean: [0, 0], variance: [1, -1] }]],
      'bad-model',
      `${at}: layer "norm" has a variance that is negative.`,
    ],
    [
      'a layer of more values than there is memory',
      [['ZeroPadding2D', { name: 'pad', padding: 100_000 }]],
      'bad-model',
      `${at}: layer "pad" would have 80004800072 values for one image, in the shape [200006, 200006, 2].`,
    ],
  ])('%s', async (_, entries, code, sentence) => {
    expect(await outcomeOfHdf5(layers(...entries), {})).toEqual([code, sentence])
  })

  test('an image of more values than there is memory', async () => {
    const image: Entry = ['InputLayer', { name: 'image', batch_input_shape: [null, 1e6, 1e6, 3] }]
    expect(await outcomeOfHdf5(sequential(image, FLAT), {})).toEqual([
      'bad-model',
      `${at}: layer "image" would have 3000000000000 values for one image, in the shape [1000000, 1000000, 3].`,
    ])
  })

  test('models in models that double at every level', async () => {
    expect(await outcomeOfHdf5(doubling(18), {})).toEqual([
      'bad-model',
      `${at}: the model has more than 20000 layers.`,
    ])
  })

  test('a chain of layers that is listed backwards', async () => {
    const count = 15_000
    const reversed = Array.from({ length: count }, (_, position) => {
      const number = count - position
      return functionalLayer('ReLU', `r${number}`, [[number === 1 ? 'image' : `r${number - 1}`, 0, 0, {}]])
    })
    const model = functional([...reversed, image()], ['image', 0, 0], [`r${count}`, 0, 0])
    expect(await outcomeOfHdf5(model, {})).toEqual([
      'bad-model',
      `${at}: its layers are chained too deeply to be followed.`,
    ])
  })

  test('a cycle', async () => {
    const cycle = ['a', 'b'].map((name) => functionalLayer('ReLU', name, [[name === 'a' ? 'b' : 'a', 0, 0, {}]]))
    expect(await outcomeOfHdf5(functional([image(), ...cycle], ['image', 0, 0], ['b', 0, 0]), {})).toEqual([
      'bad-model',
      `${at}: layer "a" takes part in a cycle.`,
    ])
  })

  test('two layers of one name', async () => {
    const twice = ['image', 'image'].map((source) => functionalLayer('ReLU', 'a', [[source, 0, 0, {}]]))
    expect(await outcomeOfHdf5(functional([image(), ...twice], ['image', 0, 0], ['a', 0, 0]), {})).toEqual([
      'bad-model',
      `${at}: the model has two layers that are named "a".`,
    ])
  })

  test('operations of Keras 3 that are no sums or products', async () => {
    const operation = { ...functionalLayer('Subtract', 'less', [['image', 0, 0, { x2: 3 }]]), module: 'keras.ops' }
    expect(await outcomeOfHdf5(functional([image(), operation], ['image', 0, 0], ['less', 0, 0]), {})).toEqual([
      'unsupported',
      `${at}: layer "less" is a Subtract, which stands for an operation between layers; ` +
        'of these only sums and products are supported.',
    ])
  })
})

test('what a path is, at a glance', async () => {
  const folder = await temporaryFolder()
  const files = {
    'net.h5': await kerasHdf5(MODEL, WEIGHTS),
    'old.keras': await kerasHdf5(MODEL, WEIGHTS),
    'net.keras': await archiveBytes([['config.json', '{}']]),
    'no.h5': 'text',
    'no.keras': 'text',
  }
  const found: Record<string, unknown> = {}
  for (const [name, content] of Object.entries(files)) {
    const location = path.join(folder, name)
    await writeFile(location, content)
    const { supported, sentence } = (await recogniseModel(location))!
    found[name] = [supported, sentence.replace(folder, 'FOLDER')]
  }
  expect(found).toEqual({
    'net.h5': [true, 'A Keras HDF5 model.'],
    'old.keras': [true, 'A Keras HDF5 model.'],
    'net.keras': [true, 'A Keras model archive.'],
    'no.h5': [false, 'FOLDER/no.h5 is no HDF5 file.'],
    'no.keras': [false, 'FOLDER/no.keras is no zip archive, so no Keras model archive.'],
  })
})

/** Versions of Node say in different words what is wrong with JSON. */
function withoutReasonOfJson(sentence: string): string {
  return sentence.replace(/(?<=is not valid JSON: ).*(?=\.$)/, 'REASON')
}

function image() {
  return functionalLayer('InputLayer', 'image', [], { batch_input_shape: [null, 4, 4, 2] })
}

function functionalLayer(class_name: string, name: string, inbound: readonly unknown[], config = {}) {
  return { class_name, name, config: { name, ...config }, inbound_nodes: inbound.length === 0 ? [] : [inbound] }
}

function functional(members: readonly unknown[], input: unknown, output: unknown) {
  return {
    class_name: 'Functional',
    config: { name: 'net', layers: members, input_layers: [input], output_layers: [output] },
  }
}

/** A model that applies a model twice that applies a model twice, and so on. */
function doubling(levels: number): unknown {
  let inner: Record<string, unknown> = { ...functionalLayer('ReLU', 'm', [['image', 0, 0, {}]]) }
  for (let level = 0; level < levels; level++) {
    const twice = [[['image', 0, 0, {}]], [['m', 1, 0, {}]]]
    inner = { ...functional([image(), { ...inner, inbound_nodes: twice }], ['image', 0, 0], ['m', 2, 0]), name: 'm' }
  }
  return inner
}
