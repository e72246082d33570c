import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../shared/errors.ts'
import { importers } from './index.ts'
import {
  CLASSES,
  CONV,
  FLAT,
  folderWith,
  IMAGE,
  outcome,
  outcomeOf,
  sequential,
  WEIGHTS,
  zeros,
} from './testing/outcome.ts'
import type { Entry } from './testing/outcome.ts'
import { floatWeight, type StoredWeight } from './testing/write-model.ts'

test('the model that the refusals below vary is accepted', async () => {
  expect(await outcomeOf([IMAGE, CONV, FLAT, CLASSES])).toEqual([])
})

describe('files that are no TF.js LayersModel', () => {
  test('a missing file', async () => {
    expect(await outcome(path.join(await folderWith({}), 'none.json'))).toEqual([
      'missing-file',
      'FOLDER/none.json does not exist.',
    ])
  })

  test('a folder without model.json', async () => {
    expect(await outcome(await folderWith({}))).toEqual([
      'bad-file',
      'FOLDER is a folder without a model.json or a saved_model.pb, so it holds no model of TF.js or TensorFlow.',
    ])
  })

  test.each([
    ['net.h5', 'bad-file', 'is no HDF5 file, or one that is cut off or damaged.'],
    ['net.KERAS', 'bad-file', 'is no zip archive, or one that is cut off.'],
    ['net.onnx', 'bad-file', 'is not an ONNX model, in spite of its name.'],
    ['net.pb', 'bad-file', 'is neither a TensorFlow SavedModel nor a graph, in spite of its name.'],
    [
      'net.pbtxt',
      'unsupported',
      'is a TensorFlow graph as text, which this version does not read: convert it to ONNX.',
    ],
    [
      'net.txt',
      'bad-file',
      `is not a model in a known format (${importers.map(({ name }) => name).join(', ')}).`,
    ],
  ])('%s', async (name, code, reason) => {
    expect(await outcome(path.join(await folderWith({ [name]: '' }), name))).toEqual([code, `FOLDER/${name} ${reason}`])
  })

  test.each([
    ['broken JSON', '{"modelTopology": ', 'bad-file', / is not valid JSON: .+\.$/],
    ['JSON nested to exhaust the stack', '['.repeat(100_000), 'bad-file', / is nested more than 200 levels deep\.$/],
    ['a list', '[1]', 'bad-file', / is JSON, but not a TF\.js LayersModel \(it has no modelTopology\)\.$/],
    [
      'other JSON',
      '{"name": "package"}',
      'bad-file',
      / is JSON, but not a TF\.js LayersModel \(it has no modelTopology\)\.$/,
    ],
    [
      'Keras JSON',
      '{"class_name": "Sequential", "config": {}}',
      'unsupported',
      / is a Keras model description without weights; a TF\.js LayersModel is needed\.$/,
    ],
    [
      'no weights',
      '{"modelTopology": {"class_name": "Sequential", "config": {}}}',
      'bad-model',
      /: the model has no weights \(no weightsManifest\)\.$/,
    ],
    [
      'a malformed manifest',
      '{"modelTopology": {}, "weightsManifest": [{"paths": ["a"]}]}',
      'bad-model',
      /: the weightsManifest is malformed at 0\.weights: .+\.$/,
    ],
    [
      'no class name',
      '{"modelTopology": {}, "weightsManifest": []}',
      'bad-model',
      /: the model description has no class_name\.$/,
    ],
    [
      'another kind of model',
      '{"modelTopology": {"class_name": "MyNet", "config": {}}, "weightsManifest": []}',
      'unsupported',
      /: the model is a MyNet, but only Sequential and Functional models can be read\.$/,
    ],
    [
      'an empty model',
      '{"modelTopology": {"class_name": "Sequential", "config": {"layers": []}}, "weightsManifest": []}',
      'bad-model',
      /: the model has no layers\.$/,
    ],
  ])('%s', async (_, text, code, sentence) => {
    const [foundCode, found] = await outcome(await folderWith({ 'model.json': text }))
    expect(foundCode).toBe(code)
    expect(found).toMatch(/^FOLDER\/model\.json/)
    expect(found).toMatch(sentence)
  })
})

describe('weights', () => {
  const net = [IMAGE, CONV, FLAT, CLASSES]
  const withWeight = (position: number, replacement: StoredWeight) =>
    WEIGHTS.map((weight, index) => (index === position ? replacement : weight))
  const at = 'FOLDER/model.json: layer'

  test.each<[string, readonly StoredWeight[], ErrorCode, string]>([
    ['missing', WEIGHTS.slice(0, 3), 'bad-model', `${at} "classes" has no weight "bias" in the model's files.`],
    [
      'of another shape',
      withWeight(0, zeros('conv/kernel', [3, 3, 3, 3])),
      'bad-model',
      `${at} "conv" has a weight "kernel" of shape [3, 3, 3, 3], but its settings call for [3, 3, 2, 3].`,
    ],
    [
      'NaN',
      withWeight(1, floatWeight('conv/bias', [3], [0, NaN, 0])),
      'bad-model',
      `${at} "conv" has values in its weight "bias" that are not finite (NaN or infinity).`,
    ],
    [
      'infinite',
      withWeight(3, floatWeight('classes/bias', [2], [0, -Infinity])),
      'bad-model',
      `${at} "classes" has values in its weight "bias" that are not finite (NaN or infinity).`,
    ],
    [
      'infinite in half precision',
      withWeight(3, {
        name: 'classes/bias',
        shape: [2],
        dtype: 'float32',
        quantization: { dtype: 'float16' },
        bytes: Uint8Array.of(0, 0x7c, 0, 0),
      }),
      'bad-model',
      `${at} "classes" has values in its weight "bias" that are not finite (NaN or infinity).`,
    ],
    [
      'twice',
      [...WEIGHTS, zeros('conv/bias', [3])],
      'bad-model',
      'FOLDER/model.json: two weights are named "conv/bias".',
    ],
    [
      'ambiguous',
      [zeros('a/conv/kernel', [3, 3, 2, 3]), zeros('b/conv/kernel', [3, 3, 2, 3]), ...WEIGHTS.slice(1)],
      'bad-model',
      `${at} "conv" has several weights that could be its "kernel": "a/conv/kernel", "b/conv/kernel".`,
    ],
    [
      'without names, in another order',
      [zeros('bias', [3]), zeros('kernel', [3, 3, 2, 3])],
      'bad-model',
      `${at} "conv" needs a weight "kernel", but the weights carry no layer names and the next one in order is "bias".`,
    ],
    [
      'of text',
      withWeight(1, { name: 'conv/bias', shape: [3], dtype: 'string', bytes: new Uint8Array(12) }),
      'unsupported',
      'FOLDER/model.json: the weight "conv/bias" is stored as string, which is not supported.',
    ],
    [
      'quantised in an unknown way',
      withWeight(1, {
        name: 'conv/bias',
        shape: [3],
        dtype: 'float32',
        quantization: { dtype: 'int4' },
        bytes: new Uint8Array(3),
      }),
      'unsupported',
      'FOLDER/model.json: the weight "conv/bias" is stored as float32 quantised as int4, which is not supported.',
    ],
    [
      'cut off',
      withWeight(3, { ...WEIGHTS[3], bytes: new Uint8Array(7) }),
      'bad-model',
      'FOLDER/model.json: shards/group1-1.bin ends before the weight "classes/bias": 619 bytes, 620 needed.',
    ],
  ])('%s', async (_, weights, code, sentence) => {
    expect(await outcomeOf(net, weights)).toEqual([code, sentence])
  })

  test('a variance that is not positive', async () => {
    const norm = ['gamma', 'beta', 'moving_mean'].map((name) => zeros(`norm/${name}`, [2]))
    const entries: Entry[] = [IMAGE, ['BatchNormalization', { name: 'norm' }]]
    expect(await outcomeOf(entries, [...norm, floatWeight('norm/moving_variance', [2], [1, -0.5])])).toEqual([
      'bad-model',
      `${at} "norm" has a variance that is not positive.`,
    ])
  })

  test('too many of them, or too many bytes, are reported', async () => {
    const bytes = new Uint8Array(12)
    expect(await outcomeOf(net, [...WEIGHTS, { ...zeros('step', [1]), bytes }])).toEqual([
      'shards/group1-1.bin holds 8 bytes more than its weights take; they were ignored.',
      'Weights that belong to no layer were ignored: step.',
    ])
  })
})

describe('weight files outside the model', () => {
  test.each([
    '../outside.bin',
    '/etc/hostname',
    'sub/../../outside.bin',
    '..\\outside.bin',
    'C:\\outside.bin',
    'file:outside.bin',
    '',
  ])('%j', async (name) => {
    const folder = await modelWithShard(name)
    await writeFile(path.join(path.dirname(folder), 'outside.bin'), '')
    expect(await outcome(folder)).toEqual([
      'bad-model',
      `FOLDER/model.json: the weight file "${name}" lies outside the model's folder.`,
    ])
  })

  test('a link that leads outside', async () => {
    const folder = await modelWithShard('link.bin')
    const outside = path.join(path.dirname(folder), 'outside.bin')
    await writeFile(outside, '')
    await symlink(outside, path.join(folder, 'link.bin'))
    expect(await outcome(folder)).toEqual([
      'bad-model',
      'FOLDER/model.json: the weight file "link.bin" lies outside the model\'s folder.',
    ])
  })

  test('one that is listed twice, which would let weights take more bytes than there are', async () => {
    const shard = { paths: ['a.bin', './a.bin'], weights: [] }
    const description = { modelTopology: sequential(IMAGE, FLAT), weightsManifest: [shard] }
    const folder = await folderWith({ 'model.json': JSON.stringify(description), 'a.bin': '1234' })
    expect(await outcome(folder)).toEqual(['bad-model', 'FOLDER/model.json: the weight file "a.bin" is listed twice.'])
  })

  test('a missing one', async () => {
    expect(await outcome(await modelWithShard('group1-shard1of2.bin'))).toEqual([
      'missing-file',
      'FOLDER/model.json: the weight file "group1-shard1of2.bin" is missing.',
    ])
  })

  test('a folder', async () => {
    const folder = await modelWithShard('sub')
    await mkdir(path.join(folder, 'sub'))
    expect(await outcome(folder)).toEqual([
      'bad-file',
      'FOLDER/model.json: the weight file "sub" cannot be read: it is not a file.',
    ])
  })

  function modelWithShard(name: string): Promise<string> {
    return folderWith({
      'model.json': JSON.stringify({
        modelTopology: sequential(IMAGE, FLAT),
        weightsManifest: [{ paths: [name], weights: [] }],
      }),
    })
  }
})
