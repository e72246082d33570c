import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { startEngine } from '../../model/engine.ts'
import { Network } from '../../model/network.ts'
import { openModel } from '../index.ts'
import { floatWeight, writeModel } from '../testing/write-model.ts'

interface Encoded {
  readonly shape: number[]
  readonly data: string
}

interface GoldenModel {
  readonly description: { readonly config: unknown }
  readonly weights: readonly (Encoded & { readonly name: string })[]
  readonly input: Encoded
  readonly output: Encoded
}

interface Golden {
  readonly keras: string
  readonly sequentialWithoutInput: GoldenModel
  readonly functionalNestedAndShared: GoldenModel
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../scripts/golden/keras3-models.json', import.meta.url), 'utf8'),
) as Golden

const TRANSLATED = 'The model is written in the form of Keras 3, which TF.js itself does not load; it was translated.'

beforeAll(() => startEngine())

function values({ data }: Encoded): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer)
}

async function openGolden(model: GoldenModel, rename: (name: string) => string = (name) => name) {
  const weights = model.weights.map((weight) => floatWeight(rename(weight.name), weight.shape, values(weight)))
  const topology = { model_config: model.description, keras_version: golden.keras, backend: 'tensorflow' }
  return openModel(await writeModel(topology, weights, { fields: { format: 'layers-model' } }))
}

async function largestError(model: GoldenModel, rename?: (name: string) => string): Promise<number> {
  const network = new Network(await openGolden(model, rename))
  const images = network.upload(values(model.input), model.input.shape[0])
  const scores = network.scores(images)
  expect(scores.shape).toEqual(model.output.shape)
  const found = await scores.data()
  images.dispose()
  scores.dispose()
  network.dispose()
  return Math.max(...values(model.output).map((value, index) => Math.abs(value - found[index])))
}

test('a Sequential model of Keras 3 computes what Keras computes', async () => {
  expect(await largestError(golden.sequentialWithoutInput)).toBeLessThan(1e-5)
})

test('a Functional model of Keras 3 with nested, shared and grouped layers computes what Keras computes', async () => {
  expect(await largestError(golden.functionalNestedAndShared)).toBeLessThan(1e-5)
})

test('the graph lists the layers in order, nested models inlined, activations apart', async () => {
  const graph = await openGolden(golden.functionalNestedAndShared)
  expect(graph.nodes.map((node) => `${node.op} ${node.name}`)).toEqual([
    'input image',
    'relu bounded',
    'conv2d inner/conv',
    'tanh inner/conv/tanh',
    'dropout inner/spatial_dropout2d',
    'conv2d inner/call2/conv',
    'tanh inner/call2/conv/tanh',
    'dropout inner/call2/spatial_dropout2d',
    'relu leaky',
    'add sum',
    'conv2d conv',
    'relu conv/leaky_relu',
    'prelu prelu',
    'zeroPadding pad',
    'depthwiseConv2d separable/depthwise',
    'conv2d separable/pointwise',
    'relu separable/relu6',
    'depthwiseConv2d depthwise',
    'elu depthwise/elu',
    'multiply product',
    'concatenate joined',
    'permute turned',
    'averagePool mean',
    'reshape rows',
    'globalMaxPool peak',
    'flatten flat',
    'flatten flat_peak',
    'concatenate everything',
    'dense hidden',
    'relu hidden/leaky_relu',
    'elu bent',
    'dense scores',
    'softmax probabilities',
  ])
  const [first, second] = graph.nodes.filter((node) => node.name.endsWith('/conv'))
  expect(first.op === 'conv2d' && second.op === 'conv2d' && first.spec.kernel === second.spec.kernel).toBe(true)
  expect(graph.warnings).toEqual([TRANSLATED])
  expect(graph.source).toBe(`TF.js LayersModel, keras ${golden.keras}`)
})

test('weight names without the model prefix, with one more prefix, or with ":0" mean the same layers', async () => {
  const model = golden.sequentialWithoutInput
  const { hash } = await openGolden(model)
  for (const rename of [
    (name: string) => name.replace('sequential/', ''),
    (name: string) => `outer/${name}`,
    (name: string) => `${name}:0`,
    (name: string) => `${name}_1`,
  ]) {
    expect((await openGolden(model, rename)).hash).toBe(hash)
  }
})

test('weight names without layers are matched in order, with a warning', async () => {
  const graph = await openGolden(golden.sequentialWithoutInput, (name) => name.replace(/.*\//, ''))
  expect(graph.warnings).toEqual([
    TRANSLATED,
    'The weights carry no layer names; they were matched to the layers by their order.',
  ])
  expect(graph.hash).toBe((await openGolden(golden.sequentialWithoutInput)).hash)
})

test('weights of nested layers with one name are told apart by the nested model', async () => {
  expect(await largestError(golden.functionalNestedAndShared, (name) => `functional/${name}`)).toBeLessThan(1e-5)
})
