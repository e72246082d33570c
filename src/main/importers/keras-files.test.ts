import * as tf from '@tensorflow/tfjs-core'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Graph } from '../../shared/graph.ts'
import { startEngine } from '../model/engine.ts'
import { Network } from '../model/network.ts'
import { openModel } from './index.ts'
import { temporaryFolder } from './testing/write-model.ts'

interface Encoded {
  readonly shape: number[]
  /** Little-endian float32, base64. */
  readonly data: string
}

/** A model as Keras saved it, and what Keras computes from it (scripts/golden/keras_files.py). */
interface GoldenFile {
  readonly keras: string
  readonly file: string
  /** The file, packed by gzip, base64. */
  readonly data: string
  /** What stands beside weights alone. */
  readonly description: string | null
  readonly input: Encoded
  readonly output: Encoded
  readonly heatmaps: readonly { readonly node: string; readonly channel: number; readonly map: Encoded }[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/golden/keras-files.json', import.meta.url), 'utf8'),
) as Record<string, GoldenFile>

const GATE = 'squeeze_gate/hard_sigmoid'
const FILES = [
  { name: 'mobile', source: 'Keras archive', warnings: [] },
  { name: 'residual', source: 'Keras HDF5', warnings: [] },
  { name: 'inception', source: 'Keras archive', warnings: [] },
  { name: 'inceptionWeights', source: 'Keras HDF5 weights', warnings: [] },
  { name: 'squeeze', source: 'Keras HDF5', warnings: [] },
  { name: 'inceptionNumbered', source: 'Keras HDF5 weights', warnings: [] },
  {
    name: 'channelsFirst',
    source: 'Keras archive',
    warnings: ['The model has its channels first; here they are last.'],
  },
] as const

beforeAll(() => startEngine())

describe.each(FILES)('$name, saved by Keras', ({ name, source, warnings }) => {
  const expected = golden[name]

  test('is read without more to say than there is', async () => {
    const graph = await opened(name)
    expect(graph.warnings).toEqual(warnings)
    // The description that stands beside the weights of Keras 3 tells no version.
    const version = graph.source.replace(`${source}`, '')
    expect([`, keras ${expected.keras}`, '']).toContain(version)
  })

  test('gives the output of Keras', async () => {
    const network = new Network(await opened(name))
    const images = network.upload(values(expected.input), expected.input.shape[0])
    const scores = network.scores(images)
    expect(scores.shape).toEqual(expected.output.shape)
    const found = await scores.data()
    tf.dispose([images, scores])
    network.dispose()
    expect(largestDifference(found, values(expected.output))).toBeLessThan(1e-4)
  })

  test.each(expected.heatmaps)('gives the guided heatmap of $node, channel $channel', async ({ node, channel, map }) => {
    const found = await guidedHeatmap(await opened(name), expected.input, node, channel)
    const wanted = values(map)
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(largest).toBeGreaterThan(0)
    expect(largestDifference(found, wanted) / largest).toBeLessThan(1e-3)
  })
})

test('a layer that is used twice has one weight', async () => {
  const graph = await opened('inception')
  const kernels = graph.nodes.flatMap((node) => (node.op === 'conv2d' ? [[node.name, node.spec.kernel] as const] : []))
  const [first, second] = ['inner/conv', 'inner/call2/conv'].map((wanted) => kernels.find(([name]) => name === wanted))
  expect(first![1]).toBe(second![1])
  const shared = kernels.flatMap(([name]) => (name.startsWith('shared') ? [name] : [])).sort()
  expect(shared).toEqual(['shared', 'shared/call2'])
})

test('activations are nodes of their own', async () => {
  const { nodes } = await opened('squeeze')
  expect(nodes.filter(({ name }) => name.startsWith('squeeze')).map(({ op, name }) => `${op} ${name}`)).toEqual([
    'globalAveragePool squeeze',
    'reshape squeeze_map',
    'conv2d squeeze_fewer',
    'gelu squeeze_fewer/gelu',
    'conv2d squeeze_gate',
    `hardSigmoid ${GATE}`,
  ])
})

test('hard sigmoid has the slope of the version that wrote the model', async () => {
  const slope = async (name: string, edit: (bytes: Buffer) => Buffer = (bytes) => bytes) => {
    const { nodes } = await opened(name, edit)
    const gate = nodes.find((node) => node.name === GATE)!
    return gate.op === 'hardSigmoid' ? gate.spec.alpha : null
  }
  expect(await slope('squeeze')).toBeCloseTo(1 / 6, 12)
  expect(await slope('squeeze', (bytes) => replaced(bytes, golden['squeeze'].keras, '2.15.1'))).toBe(0.2)
})

test('maps with channels first are stored with channels last', async () => {
  const { nodes } = await opened('channelsFirst')
  const shape = (name: string) => nodes.find((node) => node.name === name)!.shape
  expect(nodes[0].shape).toEqual([11, 9, 3])
  expect(shape('stem')).toEqual([6, 9, 6])
  expect(shape('joined')).toEqual([6, 9, 12])
  // Only what looks at Keras' order of axes turns them back.
  expect(nodes.filter(({ op }) => op === 'permute').map(({ name }) => name)).toEqual([
    'gate_map/channels last',
    'prelu_shared/channels first',
  ])
})

async function opened(name: string, edit: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<Graph> {
  const { file, data, description } = golden[name]
  const folder = await temporaryFolder()
  const location = path.join(folder, file)
  await writeFile(location, edit(gunzipSync(Buffer.from(data, 'base64'))))
  if (description !== null) await writeFile(path.join(folder, 'model.json'), description)
  return openModel(location)
}

/** The signal at the first image, started at one channel of a node with the channel's own activations. */
async function guidedHeatmap(graph: Graph, input: Encoded, name: string, channel: number): Promise<Float32Array> {
  const network = new Network(graph)
  const [, ...shape] = input.shape
  const size = shape.reduce((product, length) => product * length, 1)
  const image = network.upload(values(input).slice(0, size), 1)
  const start = graph.nodes.findIndex((node) => node.name === name)
  expect(start).toBeGreaterThan(0)
  const activations = network.forward(image, { keep: new Set(network.ancestors([start])) })
  const output = activations.get(start)!
  const seed = tf.tidy(() => tf.mul(output, tf.oneHot(channel, output.shape.at(-1)!)))
  const signal = network.backward(image, activations, start, seed, 'guided', 'none')
  expect(signal.shape).toEqual([1, ...shape])
  const found = (await signal.data()) as Float32Array
  tf.dispose([image, seed, signal, ...activations.values()])
  network.dispose()
  return found
}

/** The same bytes with each occurrence of a text replaced by one of the same length. */
function replaced(bytes: Buffer, text: string, other: string): Buffer {
  expect(other).toHaveLength(text.length)
  return Buffer.from(bytes.toString('latin1').replaceAll(text, other), 'latin1')
}

function values({ data }: Encoded): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer)
}

function largestDifference(found: ArrayLike<number>, expected: Float32Array): number {
  expect(found).toHaveLength(expected.length)
  return expected.reduce((largest, value, index) => Math.max(largest, Math.abs(value - found[index])), 0)
}
