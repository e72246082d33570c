import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BackwardRule, StrideCorrection } from '../../shared/graph.ts'
import { channelResponses } from './channel-responses.ts'
import { startEngine } from './engine.ts'
import { ImagePass, type BackwardMethod } from './image-pass.ts'
import { Network } from './network.ts'
import {
  brokenGraph, exampleGraph, graphOf, imagesOf, layoutOfNodes, plainOutputs, randomValues, tensorsLeftBy,
} from './testing/example.ts'

const COUNT = 4
const PIXELS = 8 * 7
const graph = exampleGraph()
const data = randomValues(COUNT * PIXELS * 3, 42)
const named = (name: string): number => graph.nodes.find((node) => node.name === name)!.id
const guided: BackwardMethod = { rule: 'guided', strideCorrection: 'conv+pool' }
const RULES: readonly BackwardRule[] = ['gradient', 'deconvnet', 'guided']
const CORRECTIONS: readonly StrideCorrection[] = ['none', 'conv', 'conv+pool']
const METHODS = RULES.flatMap((rule) => CORRECTIONS.map((strideCorrection) => ({ rule, strideCorrection })))
/** Float32 in different batches, signals of about 1 to 10. */
const TOLERANCE = 1e-4

let network: Network
let pass: ImagePass

beforeAll(async () => {
  await startEngine()
  network = new Network(graph)
  pass = new ImagePass(network, data, COUNT, [named('sum'), named('logits'), named('both')])
})

afterAll(() => {
  pass.dispose()
  network.dispose()
})

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((value, i) => expect(Math.abs(actual[i] - value)).toBeLessThan(TOLERANCE))
}

/** One image by itself: its own map in one channel, zero in the others, carried back. */
function aloneSignal(row: number, node: number, channel: number, { rule, strideCorrection }: BackwardMethod): number[] {
  const image = imagesOf(data, COUNT)[row]
  const { shape, data: map } = plainOutputs(graph, image)[node]
  const depth = shape.at(-1)!
  const seed = tf.tensor(Float32Array.from(map, (value, i) => (i % depth === channel ? value : 0)), [1, ...shape])
  const input = network.upload(image, 1)
  const outputs = network.forward(input, { keep: network.ancestors([node]).filter((id) => id !== 0) })
  const signal = network.backward(input, outputs, node, seed, rule, strideCorrection)
  const values = [...signal.dataSync()]
  tf.dispose([seed, input, signal, ...outputs.values()])
  return values
}

describe('ImagePass', () => {
  it.each(METHODS)('starts at the own map of one channel, images by themselves: $rule $strideCorrection', (method) => {
    for (const node of [named('sum'), named('both'), named('logits'), named('conv1')]) {
      const rows = [2, 0, 2]
      const channels = [3, 0, 1]
      const expected = rows.flatMap((row, i) => aloneSignal(row, node, channels[i], method))
      expectClose(pass.signal(node, rows, channels, method), expected)
    }
    for (const all of [[0, 1, 2, 3], [3, 1, 0, 2]]) {
      const whole = pass.signal(named('sum'), all, [1, 1, 2, 0], method)
      expectClose(whole, all.flatMap((row, i) => aloneSignal(row, named('sum'), [1, 1, 2, 0][i], method)))
    }
  })

  it('starts at the image itself', () => {
    const found = pass.signal(0, [1], [2], guided)
    expectClose(found, Array.from(imagesOf(data, COUNT)[1], (value, i) => (i % 3 === 2 ? value : 0)))
  })

  it('reduces colours to the value of largest magnitude with its sign, or to the norm', () => {
    const [rows, channels] = [[0, 1, 3], [0, 3, 2]]
    const signal = pass.signal(named('sum'), rows, channels, guided)
    const colours = Array.from({ length: rows.length * PIXELS }, (_, i) => [...signal.slice(3 * i, 3 * i + 3)])
    const strongest = colours.map((values) => values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)))
    expectClose(pass.heatmaps(named('sum'), rows, channels, guided, 'max-abs'), strongest)
    const norms = colours.map((values) => Math.hypot(...values))
    expectClose(pass.heatmaps(named('sum'), rows, channels, guided, 'l2'), norms)
    expect(Math.min(...strongest)).toBeLessThan(-0.01)
    expect(Math.max(...strongest)).toBeGreaterThan(0.01)
  })

  it('has a layer of one channel, and an input without colour axis', () => {
    const grey = new Network(graphOf(
      ['input', 'x', { shape: [2, 3] }, []],
      ['flatten', 'f', {}, [0]],
      ['dense', 'y', { kernel: { shape: [6, 1], data: Float32Array.of(1, -2, 3, 0, 1, 1) }, bias: null }, [1]],
    ))
    const single = new ImagePass(grey, Float32Array.of(1, 0, 1, 0, 0, 0), 1, [2])
    expect([...single.heatmaps(2, [0], [0], guided, 'max-abs')]).toEqual([4, -8, 12, 0, 4, 4])
    expect([...single.heatmaps(2, [0], [0], guided, 'l2')]).toEqual([4, 8, 12, 0, 4, 4])
    single.dispose()
    grey.dispose()
  })

  it('resizes activation maps bilinearly with half-pixel centres', () => {
    const rows = [3, 1]
    const channels = [2, 0]
    const expected = rows.flatMap((row, i) => {
      const { data: maps } = plainOutputs(graph, imagesOf(data, COUNT)[row])[named('sum')]
      const at = (y: number, x: number): number => maps[(y * 3 + x) * 4 + channels[i]]
      // Between the centres of two pixels of the 3 x 3 map; clamped at the border.
      const place = (index: number, length: number): [number, number, number] => {
        const centre = Math.min(2, Math.max(0, ((index + 0.5) * 3) / length - 0.5))
        const low = Math.floor(centre)
        return [low, Math.min(2, low + 1), centre - low]
      }
      return Array.from({ length: PIXELS }, (_, pixel) => {
        const [top, bottom, down] = place(Math.floor(pixel / 7), 8)
        const [left, right, along] = place(pixel % 7, 7)
        const upper = at(top, left) * (1 - along) + at(top, right) * along
        const lower = at(bottom, left) * (1 - along) + at(bottom, right) * along
        return upper * (1 - down) + lower * down
      })
    })
    expectClose(pass.upsampled(named('sum'), rows, channels), expected)
    expect(() => pass.upsampled(named('dense1'), [0], [0])).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: 'Layer "dense1" is fully connected: it has no activation map to resize.',
      }),
    )
  })

  it('has the scores and norms of the forward pass', () => {
    const layout = layoutOfNodes(graph, [named('conv1'), named('sum'), named('dense1')])
    const { norms, scores } = channelResponses(network, data, COUNT, layout)
    expectClose(pass.norms(layout), [...norms])
    expectClose(pass.scores(), [...scores])
  })

  it('says which output it does not have', () => {
    const small = new ImagePass(network, data, COUNT, [named('conv1')])
    expect(() => small.signal(named('sum'), [0], [0], guided)).toThrow('The output of "relu1" was not kept.')
    small.dispose()
  })

  it('leaves no tensors behind, whatever happens', () => {
    const layout = layoutOfNodes(graph, [named('sum')])
    const work = [
      () => new ImagePass(network, data, COUNT, [named('both')]).dispose(),
      () => pass.signal(named('logits'), [0, 3], [1, 2], guided),
      () => pass.heatmaps(named('sum'), [0, 1, 2, 3], [1, 2, 0, 0], guided, 'l2'),
      () => pass.upsampled(named('sum'), [1], [0]),
      () => pass.upsampled(named('dense1'), [1], [0]),
      () => pass.norms(layout),
      () => pass.scores(),
      () => pass.signal(graph.output, [0], [0], guided),
    ]
    expect(work.map((each) => tensorsLeftBy(each))).toEqual(work.map(() => 0))
    const broken = new Network(brokenGraph())
    const make = (): ImagePass => new ImagePass(broken, data, COUNT, [named('dense1')])
    expect(make).toThrow()
    expect(tensorsLeftBy(make)).toBe(0)
    broken.dispose()
  })
})
