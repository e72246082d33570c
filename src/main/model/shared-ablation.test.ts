import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { argMaxRows } from '../../core/argmax.ts'
import { featureLayout, locate, type FeatureLayout } from '../../core/features.ts'
import { randomIndex, randomStream, shuffledIndexes } from '../../core/random.ts'
import type { Graph, GraphNode } from '../../shared/graph.ts'
import { ChannelMeans, releaseMeans } from './channel-means.ts'
import { startEngine } from './engine.ts'
import { Network } from './network.ts'
import { SharedAblation, type Stand } from './shared-ablation.ts'
import {
  brokenGraph, chainGraph, exampleGraph, graphOf, imagesOf, layoutOfNodes, plainOutputs, randomValues, tensorsLeftBy,
} from './testing/example.ts'

const COUNT = 16
const SIZE = 8 * 7 * 3
const SEED = 6
const data = randomValues(COUNT * SIZE, 44)
const graph = evenGraph(exampleGraph())
const named = (name: string): number => graph.nodes.find((node) => node.name === name)!.id
/** Convolutions, a sum, a concatenation and a dense layer, some behind each other. */
const layout = layoutOfNodes(graph, ['conv1', 'conv2', 'sum', 'both', 'dense1'].map(named))
const images = imagesOf(data, COUNT)
const intact = images.map((image) => plainOutputs(graph, image))

let network: Network
let means: Map<number, tf.Tensor>
let stands: Record<Stand['kind'], Stand>

beforeAll(async () => {
  await startEngine()
  network = new Network(graph)
  const sums = new ChannelMeans(network, layout.layers.map(({ node }) => node))
  sums.add(randomValues(9 * SIZE, 45), 9)
  means = sums.finish()
  stands = { zero: { kind: 'zero' }, mean: { kind: 'mean', means }, resample: { kind: 'resample', seed: SEED } }
  network.output(data, COUNT, graph.output)
})

afterAll(() => {
  releaseMeans(means)
  network.dispose()
})

/**
 * The example with 24 classes, each the direction in which one of the images, or a random one, differs from the mean of
 * all: then predictions tell small changes.
 */
function evenGraph(example: Graph): Graph {
  const last = example.nodes.find(({ name }) => name === 'relu3')!.id
  const units = imagesOf(data, COUNT).map((image) => plainOutputs(example, image)[last].data)
  const mean = Array.from(units[0], (_, k) => units.reduce((sum, each) => sum + each[k], 0) / COUNT)
  const directions = Array.from({ length: 24 }, (_, j) => {
    const direction = j < COUNT ? mean.map((value, k) => units[j][k] - value) : [...randomValues(6, 900 + j)]
    const length = Math.hypot(...direction)
    return direction.map((value) => value / length)
  })
  const columns = Float32Array.from({ length: 6 * 24 }, (_, i) => directions[i % 24][Math.floor(i / 24)])
  const offsets = directions.map((direction) => -direction.reduce((sum, value, k) => sum + value * mean[k], 0))
  const kernel = { shape: [6, 24], data: columns }
  const bias = { shape: [24], data: Float32Array.from(offsets) }
  const nodes = example.nodes.map((node): GraphNode => {
    if (node.op === 'dense' && node.name === 'logits') return { ...node, spec: { kernel, bias }, shape: [24] }
    return node.op === 'softmax' ? { ...node, shape: [24] } : node
  })
  return { ...example, nodes }
}

/** What a network of one layer of `count` units, shown its units one by one, takes each image for: its partner. */
function partnersOf(count: number, seed: number): Int32Array {
  const relu = { maxValue: null, negativeSlope: 0, threshold: 0 }
  const mirror = graphOf(['input', 'x', { shape: [count] }, []], ['relu', 'y', relu, [0]])
  const own = new Network(mirror)
  const identity = Float32Array.from({ length: count ** 2 }, (_, i) => (i % (count + 1) === 0 ? 1 : 0))
  const shared = SharedAblation.of(own, identity, count, layoutOfNodes(mirror, [1]), { kind: 'resample', seed })
  const [partners] = shared.curve(Int32Array.from({ length: count }, (_, k) => k), [count])
  expect([...shared.original()]).toEqual(Array.from({ length: count }, (_, i) => i))
  shared.dispose()
  own.dispose()
  return partners
}

/** Predictions by a full plain pass of each image, every removed channel replaced as soon as it is computed. */
function plainPredictions(
  removed: Iterable<number>,
  kind: Stand['kind'],
  of: Graph = graph,
  features: FeatureLayout = layout,
): number[] {
  const places = Array.from(removed, (feature) => locate(features, feature))
  const partners = kind === 'resample' ? partnersOf(COUNT, SEED) : new Int32Array(COUNT)
  return images.map((image, i) => {
    const outputs = plainOutputs(of, image, (node, output) => {
      const channels = places.filter(({ layer }) => layer.node === node.id).map(({ channel }) => channel)
      const depth = node.shape.at(-1)!
      const stand: Record<Stand['kind'], (at: number) => number> = {
        zero: () => 0,
        mean: (at) => means.get(node.id)!.dataSync()[at],
        resample: (at) => intact[partners[i]][node.id].data[at],
      }
      const values = output.data.map((value, at) => (channels.includes(at % depth) ? stand[kind](at) : value))
      return { ...output, data: values }
    })
    return argMaxRows(outputs[of.output].data, 1)[0]
  })
}

const KINDS = ['zero', 'mean', 'resample'] as const

describe('SharedAblation', () => {
  it.each(KINDS)('predicts as a full pass does with the same channels gone: %s', (kind) => {
    const shared = SharedAblation.of(network, data, COUNT, layout, stands[kind])
    const original = plainPredictions([], kind)
    expect([...shared.original()]).toEqual(original)
    let changed = 0
    for (let round = 0; round < 8; round++) {
      const sequence = shuffledIndexes(layout.size, 60, round).slice(0, 1 + randomIndex(randomStream(61, round), 12))
      const [found] = shared.curve(sequence, [sequence.length])
      const expected = plainPredictions(sequence, kind)
      expect([...found]).toEqual(expected)
      changed += expected.filter((winner, i) => winner !== original[i]).length
    }
    expect(changed).toBeGreaterThan(30)
    shared.dispose()
  })

  it.each(KINDS)('removes step by step, over several layers: %s', (kind) => {
    const shared = SharedAblation.of(network, data, COUNT, layout, stands[kind])
    const sequence = shuffledIndexes(layout.size, 70)
    const steps = [0, 1, 3, 4, 9, 15, layout.size]
    const curve = shared.curve(sequence, steps)
    const expected = steps.map((step) => plainPredictions(sequence.slice(0, step), kind))
    expect(curve.map((winners) => [...winners])).toEqual(expected)
    expect(new Set(curve.map((winners) => winners.join())).size).toBeGreaterThan(4)
    // Nothing is left of one curve in the next.
    expect([...shared.curve(sequence, [0])[0]]).toEqual([...shared.original()])
    shared.dispose()
  })

  it.each([1, 2, 3])('removes one by one, through operators that keep zeros and others that do not (%d)', (seed) => {
    const chain = evenGraph(chainGraph())
    const features = layoutOfNodes(chain, chain.nodes.map(({ id }) => id).slice(1, -1))
    const own = new Network(chain)
    const shared = SharedAblation.of(own, data, COUNT, features, stands.zero)
    const sequence = shuffledIndexes(features.size, 100, seed).slice(0, 40)
    const steps = Array.from({ length: 41 }, (_, step) => step)
    const found = shared.curve(sequence, steps).map((winners) => winners.join())
    const expected = steps.map((step) => plainPredictions(sequence.slice(0, step), 'zero', chain, features).join())
    expect(found).toEqual(expected)
    expect(new Set(found).size).toBeGreaterThan(5)
    shared.dispose()
    own.dispose()
  })

  it('takes off and puts back nothing when whole layers go, channel by channel', () => {
    const chain = evenGraph(chainGraph())
    for (const name of ['conv1', 'pool1', 'grouped', 'dense2']) {
      const features = layoutOfNodes(chain, [chain.nodes.find((node) => node.name === name)!.id])
      const own = new Network(chain)
      const shared = SharedAblation.of(own, data, COUNT, features, stands.zero)
      const sequence = shuffledIndexes(features.size, 110)
      const steps = Array.from({ length: features.size + 1 }, (_, step) => step)
      const found = shared.curve(sequence, steps).map((winners) => [...winners])
      const expected = steps.map((step) => plainPredictions(sequence.slice(0, step), 'zero', chain, features))
      expect(found).toEqual(expected)
      shared.dispose()
      own.dispose()
    }
  })

  it.each(KINDS)('does the same for some rows of the batch: %s', (kind) => {
    const shared = SharedAblation.of(network, data, COUNT, layout, stands[kind])
    const rows = [14, 2, 3, 9, 2]
    const some = shared.rows(rows)
    const sequence = shuffledIndexes(layout.size, 80)
    const whole = shared.curve(sequence, [2, 7, 12])
    expect([...some.original()]).toEqual(rows.map((row) => shared.original()[row]))
    const picked = whole.map((winners) => rows.map((row) => winners[row]))
    expect(some.curve(sequence, [2, 7, 12]).map((winners) => [...winners])).toEqual(picked)
    const one = shared.rows([5])
    expect(one.curve(sequence, [7])[0][0]).toBe(whole[1][5])
    one.dispose()
    some.dispose()
    shared.dispose()
  })

  it('resamples from another image, the same one for the same seed', () => {
    for (const count of [2, 3, 10]) {
      for (let seed = 0; seed < 5; seed++) {
        const partners = partnersOf(count, seed)
        expect([...partners].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
        partners.forEach((partner, i) => expect(partner).not.toBe(i))
        expect(partnersOf(count, seed)).toEqual(partners)
      }
    }
    expect(new Set([0, 1, 2, 3, 4].map((seed) => partnersOf(10, seed).join())).size).toBe(5)
    expect([...partnersOf(1, 0)]).toEqual([0])
  })

  it('refuses a mean that is missing', () => {
    const shared = SharedAblation.of(network, data, COUNT, layout, { kind: 'mean', means: new Map() })
    expect(() => shared.curve(Int32Array.of(0), [1])).toThrow('There is no mean for node 1, which loses channels.')
    shared.dispose()
  })

  it('leaves no tensors behind, whatever happens', () => {
    const sequence = shuffledIndexes(layout.size, 90)
    for (const kind of KINDS) {
      const left = tensorsLeftBy(() => {
        const shared = SharedAblation.of(network, data, COUNT, layout, stands[kind])
        const open = tf.memory().numTensors
        shared.curve(sequence, [1, 5, 20])
        shared.original()
        expect(tf.memory().numTensors).toBe(open)
        const some = shared.rows([1, 2])
        const both = tf.memory().numTensors
        some.curve(sequence, [1, 5, 20])
        expect(tf.memory().numTensors).toBe(both)
        some.dispose()
        expect(tf.memory().numTensors).toBe(open)
        shared.dispose()
      })
      expect(left).toBe(0)
    }
    const shared = SharedAblation.of(network, data, COUNT, layout, { kind: 'mean', means: new Map() })
    expect(tensorsLeftBy(() => shared.curve(sequence, [1, 5]))).toBe(0)
    shared.dispose()
    const outside = featureLayout(layout.layers.slice(0, 1))
    const narrow = SharedAblation.of(network, data, COUNT, outside, stands.zero)
    const tooFar = (): unknown => narrow.curve(Int32Array.of(0, 99), [1, 2])
    expect(tooFar).toThrow('Feature 99 is outside')
    expect(tensorsLeftBy(tooFar)).toBe(0)
    narrow.dispose()
    const broken = new Network(brokenGraph())
    const make = (): unknown => SharedAblation.of(broken, data, COUNT, layout, stands.zero)
    expect(make).toThrow()
    expect(tensorsLeftBy(make)).toBe(0)
    broken.dispose()
  })
})
