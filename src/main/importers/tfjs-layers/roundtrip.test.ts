import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Graph } from '../../../shared/graph.ts'
import { startEngine } from '../../model/engine.ts'
import { Network } from '../../model/network.ts'
import { openModel } from '../index.ts'
import { writeModel, type Layout, type StoredWeight } from '../testing/write-model.ts'

const { layers: L } = layers

beforeAll(() => startEngine())

const SHAPE: [number, number, number] = [9, 8, 4]

/** One layer, or a chain, between the image and a dense head, each compared with TF.js' own prediction. */
const CHAINS: Record<string, () => layers.layers.Layer[]> = {
  'Conv2D valid, strided': () => [L.conv2d({ filters: 5, kernelSize: [3, 2], strides: [2, 1] })],
  'Conv2D same, strided, odd padding': () => [
    L.conv2d({ filters: 5, kernelSize: 4, strides: 3, padding: 'same', activation: 'relu' }),
  ],
  'Conv2D same, dilated': () => [
    L.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same', activation: 'elu' }),
  ],
  'Conv2D without bias': () => [L.conv2d({ filters: 3, kernelSize: 1, useBias: false, activation: 'relu6' })],
  DepthwiseConv2D: () => [
    L.depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 2, padding: 'same', activation: 'tanh' }),
  ],
  SeparableConv2D: () => [
    L.separableConv2d({ kernelSize: [3, 2], filters: 5, depthMultiplier: 2, padding: 'same', activation: 'sigmoid' }),
  ],
  'Dense on a map': () => [L.dense({ units: 3, activation: 'relu' })],
  ReLU: () => [L.reLU({ maxValue: 0.7 })],
  'Activation relu': () => [L.activation({ activation: 'relu' })],
  'Activation linear': () => [L.activation({ activation: 'linear' })],
  LeakyReLU: () => [L.leakyReLU({ alpha: 0.2 })],
  'PReLU per pixel': () => [L.prelu({})],
  ELU: () => [L.elu({})],
  ThresholdedReLU: () => [L.thresholdedReLU({ theta: 0.3 })],
  Softmax: () => [L.softmax({ axis: -1 })],
  'MaxPooling2D same': () => [L.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
  'MaxPooling2D with its own stride': () => [L.maxPooling2d({ poolSize: [2, 3] })],
  'AveragePooling2D same': () => [L.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
  GlobalAveragePooling2D: () => [L.globalAveragePooling2d({})],
  GlobalMaxPooling2D: () => [L.globalMaxPooling2d({})],
  BatchNormalization: () => [L.batchNormalization({ epsilon: 0.01 })],
  'BatchNormalization without scale and centre': () => [L.batchNormalization({ scale: false, center: false })],
  'ZeroPadding2D, four sides': () => [
    L.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
    L.conv2d({ filters: 2, kernelSize: 3 }),
  ],
  'Reshape and Permute': () => [L.reshape({ targetShape: [6, 12, 4] }), L.permute({ dims: [3, 1, 2] })],
  'Dropout and noise': () => [L.dropout({ rate: 0.5 }), L.gaussianNoise({ stddev: 1 })],
  'Gaussian and alpha dropout': () => [L.gaussianDropout({ rate: 0.5 }), L.alphaDropout({ rate: 0.5 })],
}

describe('every layer computes what TF.js computes', () => {
  test.each(Object.keys(CHAINS))('%s', async (name) => {
    const model = layers.sequential()
    const [first, ...rest] = CHAINS[name]()
    model.add(L.inputLayer({ inputShape: SHAPE }))
    for (const layer of [first, ...rest]) model.add(layer)
    if (model.outputs[0].shape.length > 2) model.add(L.flatten())
    model.add(L.dense({ units: 3, activation: 'softmax', name: 'classes' }))
    await expectSamePredictions(model)
  })
})

function functionalModel(): layers.LayersModel {
  const inner = layers.sequential({
    name: 'inner',
    layers: [
      L.conv2d({ name: 'conv', filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: SHAPE }),
      L.batchNormalization({ name: 'norm' }),
    ],
  })
  const image = layers.input({ shape: SHAPE, name: 'image' })
  const shared = L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'shared' })
  const once = shared.apply(image) as layers.SymbolicTensor
  const twice = shared.apply(inner.apply(once)) as layers.SymbolicTensor
  const sum = L.add({ name: 'sum' }).apply([once, twice]) as layers.SymbolicTensor
  const product = L.multiply({ name: 'product' }).apply([sum, image]) as layers.SymbolicTensor
  const joined = L.concatenate({ name: 'joined', axis: 3 }).apply([product, twice, image]) as layers.SymbolicTensor
  const stacked = L.concatenate({ name: 'stacked', axis: 1 }).apply([joined, joined]) as layers.SymbolicTensor
  const pooled = L.globalAveragePooling2d({ name: 'pooled' }).apply(stacked) as layers.SymbolicTensor
  const scores = L.dense({ units: 4, name: 'scores', activation: 'softmax' }).apply(pooled) as layers.SymbolicTensor
  return layers.model({ inputs: image, outputs: scores })
}

test('a Functional model with shared and nested layers and joins computes what TF.js computes', async () => {
  const graph = await expectSamePredictions(functionalModel())
  expect(graph.nodes.map((node) => node.name)).toEqual([
    'image',
    'shared',
    'inner/conv',
    'inner/conv/relu',
    'inner/norm',
    'shared/call2',
    'sum',
    'product',
    'joined',
    'stacked',
    'pooled',
    'scores',
    'scores/softmax',
  ])
  expect(graph.output).toBe(graph.nodes.length - 1)
  expect(graph.warnings).toEqual([])
})

describe('the bytes of the weights', () => {
  test.each<[string, Layout]>([
    ['a tensor over many shards', { shardBytes: 7 }],
    ['one group per weight', { weightsPerGroup: 1 }],
    ['groups of three, each in shards', { weightsPerGroup: 3, shardBytes: 50 }],
  ])('%s', async (_, layout) => {
    const model = functionalModel()
    const graph = await expectSamePredictions(model, layout)
    expect(graph.hash).toBe((await expectSamePredictions(model)).hash)
  })

  test.each(['uint8', 'uint16', 'float16'] as const)('quantised as %s', async (dtype) => {
    const model = functionalModel()
    setRandomWeights(model)
    const stored = (await storedWeights(model)).map((weight) => quantise(weight, dtype))
    const specs = stored.map(({ bytes: _, ...spec }) => spec) as tf.io.WeightsManifestEntry[]
    const decoded = tf.io.decodeWeights(new Uint8Array(Buffer.concat(stored.map(({ bytes }) => bytes))).buffer, specs)
    model.loadWeights(decoded)
    const graph = await openModel(await writeModel(model.toJSON(null, false), stored, { shardBytes: 33 }))
    await expectSameNumbers(model, graph)
    expect(graph.warnings).toEqual([`The weights were stored quantised (${dtype}), so they are rounded.`])
  })

  test('every finite half-precision number is read exactly', async () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, pattern) => pattern).filter(
      (pattern) => (pattern & 0x7c00) !== 0x7c00,
    )
    const model = layers.sequential({
      layers: [L.dense({ units: 1, useBias: false, name: 'classes', inputShape: [bits.length] })],
    })
    const weight = {
      name: 'classes/kernel',
      shape: [bits.length, 1],
      dtype: 'float32',
      quantization: { dtype: 'float16' },
      bytes: new Uint8Array(bits.buffer),
    }
    const graph = await openModel(await writeModel(model.toJSON(null, false), [weight]))
    const node = graph.nodes.at(-1)!
    const expected = tf.io
      .decodeWeights(bits.buffer, [weight as tf.io.WeightsManifestEntry])
      ['classes/kernel'].dataSync()
    expect(node.op === 'dense' && node.spec.kernel.data).toEqual(expected)
  })

  test('whole numbers become float32, with a warning', async () => {
    const model = layers.sequential({ layers: [L.dense({ units: 2, name: 'classes', inputShape: [3] })] })
    const graph = await openModel(
      await writeModel(model.toJSON(null, false), [
        {
          name: 'classes/kernel',
          shape: [3, 2],
          dtype: 'int32',
          bytes: new Uint8Array(Int32Array.of(1, -2, 3, -4, 5, 70000).buffer),
        },
        { name: 'classes/bias', shape: [2], dtype: 'bool', bytes: Uint8Array.of(1, 0) },
      ]),
    )
    const node = graph.nodes.at(-1)!
    expect(node.op === 'dense' && [[...node.spec.kernel.data], [...node.spec.bias!.data]]).toEqual([
      [1, -2, 3, -4, 5, 70000],
      [1, 0],
    ])
    expect(graph.warnings).toEqual([
      'The weight "classes/kernel" of type int32 was converted to float32.',
      'The weight "classes/bias" of type bool was converted to float32.',
    ])
  })
})

describe('the hash', () => {
  test('is the same for the same model and another for one changed weight or one changed setting', async () => {
    const model = layers.sequential({
      layers: [
        L.conv2d({ filters: 2, kernelSize: 3, name: 'conv', inputShape: SHAPE }),
        L.flatten({ name: 'flat' }),
        L.dense({ units: 2, name: 'classes' }),
      ],
    })
    setRandomWeights(model)
    const weights = await storedWeights(model)
    const topology = model.toJSON(null, false)
    const { hash } = await openModel(await writeModel(topology, weights))
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect((await openModel(await writeModel(topology, weights, { weightsPerGroup: 1 }))).hash).toBe(hash)

    const changed = weights.map((weight) => ({ ...weight, bytes: weight.bytes.slice() }))
    changed[2].bytes[0] ^= 1
    expect((await openModel(await writeModel(topology, changed))).hash).not.toBe(hash)
    const activated = JSON.parse(
      JSON.stringify(topology).replace('"activation":"linear"', '"activation":"relu"'),
    ) as unknown
    expect((await openModel(await writeModel(activated, weights))).hash).not.toBe(hash)
  })
})

async function expectSamePredictions(model: layers.LayersModel, layout: Layout = {}): Promise<Graph> {
  setRandomWeights(model)
  const graph = await openModel(await writeModel(model.toJSON(null, false), await storedWeights(model), layout))
  await expectSameNumbers(model, graph)
  return graph
}

async function expectSameNumbers(model: layers.LayersModel, graph: Graph): Promise<void> {
  const network = new Network(graph)
  const images = tf.randomNormal([2, ...network.inputShape], 0, 1, 'float32', 5)
  const expected = model.predict(images) as tf.Tensor
  const found = network.scores(images)
  expect(found.shape).toEqual(expected.shape)
  const difference = await tf.max(tf.abs(tf.sub(expected, found))).data()
  expect(difference[0]).toBeLessThan(1e-5)
  const spread = await tf.sub(tf.max(expected), tf.min(expected)).data()
  expect(spread[0], 'the predictions must differ, or they prove nothing').toBeGreaterThan(0.01)
  network.dispose()
}

/** Every weight random, so that none can be swapped or left at its initial value unnoticed; variances positive. */
function setRandomWeights(model: layers.LayersModel): void {
  model.setWeights(
    model.weights.map((weight, position) =>
      weight.originalName.includes('variance')
        ? tf.randomUniform(weight.shape as number[], 0.5, 2, 'float32', position + 1)
        : tf.randomNormal(weight.shape as number[], 0, 0.5, 'float32', position + 1),
    ),
  )
}

async function storedWeights(model: layers.LayersModel): Promise<StoredWeight[]> {
  const stored: StoredWeight[] = []
  await model.save({
    save: (artifacts) => {
      const data = new Uint8Array(artifacts.weightData as ArrayBuffer)
      let offset = 0
      for (const { name, shape, dtype } of artifacts.weightSpecs!) {
        const length = 4 * shape.reduce((product, size) => product * size, 1)
        stored.push({ name, shape, dtype, bytes: data.slice(offset, offset + length) })
        offset += length
      }
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } })
    },
  })
  return stored
}

function quantise(weight: StoredWeight, dtype: 'uint8' | 'uint16' | 'float16'): StoredWeight {
  const values = new Float32Array(weight.bytes.slice().buffer)
  if (dtype === 'float16') {
    // Any bits do, as long as they are numbers of a sensible size: sign, exponent 0.25 to 1, fraction of the value.
    const bits = Uint16Array.from(
      values,
      (value) =>
        (value < 0 && !weight.name.includes('variance') ? 0x8000 : 0) |
        (0x3400 + (Math.abs(Math.floor(value * 4096)) % 0x800)),
    )
    return { ...weight, quantization: { dtype }, bytes: new Uint8Array(bits.buffer) }
  }
  const min = Math.min(...values)
  const scale = (Math.max(...values) - min) / (dtype === 'uint8' ? 255 : 65535) || 1
  const steps = Array.from(values, (value) => Math.round((value - min) / scale))
  const bytes = dtype === 'uint8' ? Uint8Array.from(steps) : new Uint8Array(Uint16Array.from(steps).buffer)
  return { ...weight, quantization: { dtype, scale, min }, bytes }
}
