import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { recogniseModel } from '../index.ts'
import { outcome } from '../testing/outcome.ts'
import { temporaryFolder } from '../testing/write-model.ts'
import { beginning, element, header, matFile, tag, type Written } from './testing/write-matlab.ts'

type Fields = Readonly<Record<string, Written>>

const zeros = (...shape: number[]): Written => {
  return { shape, single: new Array<number>(shape.reduce((product, size) => product * size, 1)).fill(0) }
}
const conv: Fields = { type: 'conv', name: 'conv', weights: { cells: [zeros(3, 3, 2, 3), zeros(1, 3)] }, pad: 0 }
const classes: Fields = { type: 'conv', name: 'fc', weights: { cells: [zeros(4, 4, 3, 2), zeros(1, 2)] } }
const meta: Written = { fields: { inputSize: [6, 6, 2] } }

function simplenn(...layers: readonly Fields[]): Fields {
  return { layers: { cells: layers.map((fields) => ({ fields })) }, meta }
}

async function write(bytes: Uint8Array): Promise<string> {
  const location = path.join(await temporaryFolder(), 'net.mat')
  await writeFile(location, bytes)
  return location
}

const outcomeOf = async (bytes: Uint8Array) => outcome(await write(bytes))
const good = simplenn(conv, { type: 'relu', name: 'relu' }, classes)

test.each([false, true])('the network that the refusals below vary is accepted, packed: %s', async (packed) => {
  expect(await outcomeOf(matFile(good, packed))).toEqual([])
})

describe('files', () => {
  const whole = matFile(good)
  const noise = Array.from({ length: 1000 }, (_, index) => 1000 * Math.sin(index))
  const packed = matFile({ layers: { shape: [1, 1000], single: noise } }, true)
  const foreign = (arrayClass: number, ...parts: Buffer[]): Written => {
    return { raw: Buffer.concat([...beginning(arrayClass, [1, 1], 'net'), ...parts]) }
  }
  const opaque = Buffer.concat([
    element(6, Buffer.from(Uint32Array.of(17, 0).buffer)),
    ...['net', 'MCOS', 'gpuArray'].map((text) => element(1, Buffer.from(text))),
  ])
  const bomb = (claimed: number, held: number) => {
    const bytes = deflateSync(Buffer.concat([tag(14, claimed), ...beginning(6, [1, 1], 'layers'), Buffer.alloc(held)]))
    return Buffer.concat([header(), tag(15, bytes.length), bytes])
  }
  const nested = (depth: number): Written => (depth === 0 ? 1 : { cells: [nested(depth - 1)] })
  const hdf5 = Buffer.alloc(600, ' ')
  hdf5.write('MATLAB 7.3 MAT-file')
  hdf5.write('\x89HDF\r\n\x1a\n', 512, 'latin1')
  const advice = "; save the struct that net.saveobj() or vl_simplenn_move(net, 'cpu') returns"

  test.each<[string, Uint8Array, string, string]>([
    ['empty', Buffer.alloc(0), 'bad-file', ' is no MAT-file of MATLAB 5.0 or later, in spite of its name.'],
    ['text', Buffer.alloc(300, 'x'), 'bad-file', ' is no MAT-file of MATLAB 5.0 or later, in spite of its name.'],
    [
      'of MATLAB 7.3', hdf5, 'unsupported',
      ' is a MAT-file of MATLAB 7.3 (HDF5), which is not read: save it in MATLAB with the option -v7.',
    ],
    [
      'without variables', header(), 'bad-file',
      ' holds no variables, and neither "layers" nor "net", so no network of MatConvNet.',
    ],
    [
      'of other variables', matFile({ images: [1], labels: [2] }), 'bad-file',
      ' holds the variables "images", "labels", and neither "layers" nor "net", so no network of MatConvNet.',
    ],
    [
      'cut off in a tag', whole.subarray(0, 132), 'bad-file',
      ' is cut off or damaged: it ends in the tag of its variable 1.',
    ],
    [
      'cut off in a variable', whole.subarray(0, 1000), 'bad-file',
      ' is cut off or damaged: its variable 1 claims 1960 bytes, where 864 are left.',
    ],
    [
      'of an unknown element', Buffer.concat([header(), tag(99, 0)]), 'bad-file',
      ' is cut off or damaged: its variable 1 has the unknown type 99.',
    ],
    [
      'whose packed bytes are none', Buffer.concat([header(), tag(15, 64), Buffer.alloc(64, 1)]), 'bad-file',
      ' is cut off or damaged: incorrect header check.',
    ],
    [
      'that unpacks beyond bounds', bomb(2 ** 31, 1000), 'bad-file',
      / is damaged in its variable "layers": it claims 2147483656 bytes packed into \d+\.$/.source,
    ],
    [
      'that unpacks to more than stated', bomb(100, 1000), 'bad-file',
      ' is damaged in its variable "layers": it unpacks to more than the 108 bytes that it states.',
    ],
    [
      'that unpacks to less than stated', bomb(2000, 1000), 'bad-file',
      ' is damaged in its variable "layers": it unpacks to 1056 bytes, where it states 2008.',
    ],
    [
      'whose packed variable is damaged', damaged(packed), 'bad-file',
      / is damaged in its variable "layers": .+\.$/.source,
    ],
    [
      'whose list claims too much', matFile({ layers: { raw: Buffer.concat(beginning(1, [1e5, 1e5], 'layers')) } }),
      'bad-file', ' is damaged in its variable "layers": a list claims 10000000000 members in 0 bytes.',
    ],
    [
      'whose numbers do not fit',
      matFile({ layers: { raw: Buffer.concat([...beginning(7, [2, 2], 'layers'), element(7, Buffer.alloc(4))]) } }),
      'bad-file', ' is damaged in its variable "layers": an array [2, 2] has 1 numbers, where 4 are needed.',
    ],
    [
      'nested too deep', matFile({ layers: nested(40) }), 'bad-file',
      ' is damaged in its variable "layers": its arrays are nested more than 32 deep.',
    ],
    [
      'of an object', matFile({ net: foreign(3, element(1, Buffer.from('dagnn.DagNN'))) }), 'unsupported',
      `: its variable "net" is an object of the class "dagnn.DagNN", no struct${advice}.`,
    ],
    [
      'of an object on a GPU', matFile({ net: { raw: opaque } }), 'unsupported',
      `: its variable "net" is an object of the class "gpuArray", no struct${advice}.`,
    ],
    [
      'of a function', matFile({ net: foreign(16) }), 'unsupported',
      `: its variable "net" is a function handle, no struct${advice}.`,
    ],
    [
      'whose layers are numbers', matFile({ layers: [1, 2] }), 'bad-model',
      ': its "layers" is an array of numbers [1, 2], where MatConvNet has a cell array (SimpleNN) or a struct array (DagNN).',
    ],
  ])('%s', async (_, bytes, code, sentence) => {
    const [foundCode, found] = await outcomeOf(bytes)
    expect(foundCode).toBe(code)
    if (sentence.endsWith('$')) expect(found).toMatch(new RegExp(`^FOLDER/net\\.mat${sentence}`))
    else expect(found).toBe(`FOLDER/net.mat${sentence}`)
  })

  test('what is no network is refused at a glance', async () => {
    const location = await write(matFile({ images: [1] }))
    expect(await recogniseModel(location)).toEqual({
      supported: false,
      sentence: `${location} holds the variables "images", and neither "layers" nor "net", so no network of MatConvNet.`,
    })
  })

  test('objects beside the network do not matter', async () => {
    expect(await outcomeOf(matFile({ ...good, handle: foreign(16) }))).toEqual([])
  })

  function damaged(bytes: Buffer): Buffer {
    const copy = Buffer.from(bytes)
    copy.fill(0xff, 2000, 2100)
    return copy
  }
})

describe('layers', () => {
  const at = 'FOLDER/net.mat: layer'
  const pool: Fields = { type: 'pool', name: 'pool', pool: [2, 2], stride: 1 }
  const varied = (fields: Fields) => simplenn({ ...conv, ...fields }, classes)
  const behind = (fields: Fields) => simplenn(conv, fields, classes)
  const handle: Written = { raw: Buffer.concat(beginning(16, [1, 1])) }

  test.each<[string, Fields, string, string]>([
    ['no layers', simplenn(), 'bad-model', 'FOLDER/net.mat: the network has no layers.'],
    ['no struct', { layers: { cells: [3] } }, 'bad-model', 'FOLDER/net.mat: its layer 1 is an array of numbers [1, 1], where a struct is expected.'],
    ['no type', simplenn({ name: 'conv' }), 'bad-model', 'FOLDER/net.mat: its layer 1 has no type.'],
    ['an unknown type', behind({ type: 'pdist', name: 'far' }), 'unsupported', `${at} "far" is of the type "pdist", which is not supported.`],
    ['a custom layer', behind({ type: 'custom', name: 'own', forward: handle }), 'unsupported', `${at} "own" is of the type "custom", whose functions are not in the file.`],
    ['a loss before the end', behind({ type: 'softmaxloss' }), 'unsupported', `${at} "fc" is of the type "conv", behind a loss, where a network ends.`],
    ['no filters', varied({ weights: { cells: [] } }), 'bad-model', `${at} "conv" has no filters.`],
    ['a function as filters', varied({ weights: { cells: [handle] } }), 'bad-model', `${at} "conv" has a function handle as its filters, where numbers are expected.`],
    ['filters that are not finite', varied({ weights: { cells: [{ shape: [1, 1, 2, 1], single: [NaN, 1] }] } }), 'bad-model', `${at} "conv" has values in its filters that are not finite (NaN or infinity).`],
    ['biases that do not fit', varied({ weights: { cells: [zeros(3, 3, 2, 3), zeros(1, 4)] } }), 'bad-model', `${at} "conv": bias has shape [4], but input [6, 6, 2] needs [3].`],
    ['filters over other channels', varied({ weights: { cells: [zeros(3, 3, 4, 3)] } }), 'bad-model', `${at} "conv" has filters over 4 channels, which do not divide the 2 of its input.`],
    ['three paddings', varied({ pad: [1, 2, 3] }), 'bad-model', `${at} "conv" has "pad" [1, 2, 3], where one, two or four numbers are expected.`],
    ['text as stride', varied({ stride: 'two' }), 'bad-model', `${at} "conv" has the text "two" as "stride", where numbers are expected.`],
    ['stride 0', varied({ stride: 0 }), 'bad-model', `${at} "conv": strides must be whole numbers of at least 1, not [0, 0].`],
    ['another pooling', behind({ ...pool, method: 'sum' }), 'unsupported', `${at} "pool" is of the type "pool", whose method "sum" is neither "max" nor "avg".`],
    ['an even LRN', behind({ type: 'lrn', name: 'norm', param: [4, 1, 1, 1] }), 'unsupported', `${at} "norm" is of the type "lrn", over 4 channels; only an odd number can be represented.`],
    ['LRN of three numbers', behind({ type: 'normalize', name: 'norm', param: [5, 1, 1] }), 'bad-model', `${at} "norm" has "param" [5, 1, 1], where four numbers [N kappa alpha beta] are expected.`],
    ['no moments', behind({ type: 'bnorm', name: 'norm', weights: { cells: [zeros(3, 1), zeros(3, 1)] } }), 'unsupported', `${at} "norm" is of the type "bnorm", without moments, so that it would normalise by the images at hand; save it with moments.`],
    ['moments of 0', behind({ type: 'bnorm', name: 'norm', weights: { cells: [zeros(3, 1), zeros(3, 1), zeros(3, 2)] } }), 'bad-model', `${at} "norm" has a standard deviation of 0 in its moments.`],
    ['no size anywhere', { layers: { cells: [{ fields: { type: 'relu' } }] } }, 'unsupported', 'FOLDER/net.mat does not state the size of its images (meta.normalization.imageSize).'],
  ])('%s', async (_, variables, code, sentence) => {
    expect(await outcomeOf(matFile(variables))).toEqual([code, sentence])
  })
})

describe('DagNN', () => {
  const at = 'FOLDER/net.mat: layer'
  const layer = (name: string, inputs: readonly string[], output = name, params: readonly string[] = []): Fields => ({
    name, type: params.length > 0 ? 'dagnn.Conv' : 'dagnn.Sum', inputs: { cells: inputs }, outputs: { cells: [output] },
    params: { cells: params }, block: { fields: { opts: 1 } },
  })
  const dag = (...elements: readonly Fields[]): Fields => {
    return { layers: { elements }, params: { elements: [{ name: 'f', value: zeros(6, 6, 2, 3) }] }, meta }
  }

  test('is accepted', async () => {
    expect(await outcomeOf(matFile(dag(layer('sum', ['conv', 'conv']), layer('conv', ['image'], 'conv', ['f']))))).toEqual([
      'MatConvNet writes fully connected layers as convolutions, and they count as such in OnlyConv: "conv".',
    ])
  })

  test.each<[string, Fields, string, string]>([
    ['a circle', dag(layer('a', ['image', 'c']), layer('b', ['a']), layer('c', ['b'])), 'bad-model', `${at} "a" waits for its own output: "a", "b", "c", "a".`],
    ['a parameter that is missing', dag(layer('conv', ['image'], 'x', ['g'])), 'bad-model', `${at} "conv" needs the parameter "g", which the file does not have.`],
    ['a variable written twice', dag(layer('a', ['image'], 'x'), layer('b', ['image'], 'x')), 'bad-model', `${at} "b" writes the variable "x", which layer "a" writes already.`],
    ['two inputs', dag(layer('conv', ['image'], 'x', ['f']), layer('sum', ['x', 'other'])), 'unsupported', 'FOLDER/net.mat: the network has 2 inputs ("image", "other"), where one image is expected.'],
    ['two outputs', dag(layer('a', ['image'], 'x', ['f']), layer('b', ['image'], 'y', ['f'])), 'unsupported', 'FOLDER/net.mat: the network has 2 outputs ("x", "y"), where one, the classes, is expected.'],
    ['an unknown block', dag({ ...layer('up', ['image']), type: 'dagnn.ConvTranspose' }), 'unsupported', `${at} "up" is of the type "dagnn.ConvTranspose", a transposed convolution, which is not supported.`],
  ])('%s', async (_, variables, code, sentence) => {
    expect(await outcomeOf(matFile(variables))).toEqual([code, sentence])
  })
})
