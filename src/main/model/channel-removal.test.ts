import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { GraphNode, OperatorName, OperatorSpecs, Weight } from '../../shared/graph.ts'
import { contribution, isSumming, passedZeros } from './channel-removal.ts'
import { startEngine } from './engine.ts'
import { Network } from './network.ts'
import { graphOf, randomValues } from './testing/example.ts'

beforeAll(() => startEngine())

const none = { top: 0, bottom: 0, left: 0, right: 0 }
const one = { top: 1, bottom: 1, left: 1, right: 1 }
const relu = { maxValue: null, negativeSlope: 0, threshold: 0 }
const shape = [4, 5, 3]

/** One operator on a map of `shape`. */
function single<Op extends OperatorName>(op: Op, spec: OperatorSpecs[Op]): GraphNode {
  return graphOf(['input', 'x', { shape }, []], [op, 'y', spec, [0]] as Parameters<typeof graphOf>[number]).nodes[1]
}

/** The operator on random maps with these channels at zero, as numbers. */
function apply(node: GraphNode, zeros: readonly number[]): Float32Array {
  const graph = graphOf(['input', 'x', { shape }, []])
  const network = new Network({ ...graph, nodes: [graph.nodes[0], node], output: 1 })
  const values = randomValues(2 * 60, 8).map((value, at) => (zeros.includes(at % 3) ? 0 : value))
  const output = network.output(values, 2, 1)
  network.dispose()
  return output
}

const window = { size: [2, 2], strides: [1, 1] } as const
const PASSING: GraphNode[] = [
  single('relu', relu),
  single('relu', { maxValue: 6, negativeSlope: 0.1, threshold: -0.5 }),
  single('relu', { maxValue: 6, negativeSlope: 0, threshold: 0.5 }),
  single('prelu', { alpha: { shape: [3], data: Float32Array.of(0.1, -0.2, 3) } }),
  single('elu', { alpha: 0.7 }),
  single('tanh', {}),
  single('hardSwish', {}),
  single('silu', {}),
  single('gelu', { approximate: false }),
  single('gelu', { approximate: true }),
  single('dropout', {}),
  single('maxPool', { ...window, padding: none }),
  single('maxPool', { ...window, padding: one }),
  single('averagePool', { ...window, padding: one, countPadding: true }),
  single('globalMaxPool', { keepAxes: true }),
  single('globalAveragePool', { keepAxes: false }),
  single('zeroPadding', { padding: one }),
  single('flatten', {}),
]

describe('passedZeros', () => {
  it.each(PASSING.map((node) => [node.op, node] as const))('names what becomes zero, and no more changes: %s', (_op, node) => {
    const zeros = [0, 2]
    const passed = passedZeros(node, shape, zeros)!
    const depth = node.shape.at(-1)!
    const expected = apply(node, []).map((value, at) => (passed.includes(at % depth) ? 0 : value))
    // Adding zero makes -0 into 0.
    expect(Array.from(apply(node, zeros), (value) => value + 0)).toEqual(Array.from(expected, (value) => value + 0))
    expect(passed.length).toBe((zeros.length * depth) / 3)
  })

  it.each([
    ['a rectifier that does not carry zero to zero', single('relu', { ...relu, negativeSlope: 0.5, threshold: 1 })],
    ['a hard sigmoid', single('hardSigmoid', { alpha: 1 / 6, beta: 1 / 2 })],
    ['a rectifier capped below zero', single('relu', { ...relu, maxValue: -1, threshold: -2 })],
    ['a sigmoid', single('sigmoid', {})],
    ['a normalisation across channels', single('lrn', { radius: 1, bias: 1, alpha: 1, beta: 0.5 })],
    ['a softmax', single('softmax', {})],
  ])('leaves %s to be computed', (_what, node) => {
    expect(passedZeros(node, shape, [1])).toBeUndefined()
  })
})

describe('contribution', () => {
  const bias = { shape: [4], data: Float32Array.of(1, -2, 3, 0.5) }
  const conv = { strides: [2, 1], padding: one, dilation: [1, 1], groups: 1, bias } as const
  const nodes = [
    single('conv2d', { ...conv, kernel: { shape: [3, 3, 3, 4], data: randomValues(108, 3) } }),
    single('dense', { bias, kernel: { shape: [3, 4], data: randomValues(12, 4) } }),
  ]

  const named = nodes.map((node) => [node.op, node] as const)

  it.each(named)('is the part of some channels; the parts make the whole: %s', (_op, node) => {
    if (!isSumming(node)) throw new Error(`${node.op} is a sum over channels.`)
    const values = randomValues(2 * 60, 8)
    const parts = tf.tidy(() => {
      const x = tf.tensor(values, [2, ...shape])
      const weight = ({ data, shape: axes }: Weight) => tf.tensor(data, [...axes])
      const some = contribution(node, x, [1], weight, false)
      const rest = contribution(node, x, [2, 0], weight, true)
      return [some.clone(), rest.clone()]
    })
    const [some, rest] = parts.map((part) => part.dataSync())
    tf.dispose(parts)
    apply(node, []).forEach((whole, at) => expect(Math.abs(some[at] + rest[at] - whole)).toBeLessThan(1e-5))
    apply(node, [1]).forEach((left, at) => expect(Math.abs(rest[at] - left)).toBeLessThan(1e-5))
  })

  it('is not defined for a convolution in groups', () => {
    const spec = { ...conv, bias: null, groups: 3, kernel: { shape: [3, 3, 1, 3], data: randomValues(27, 3) } }
    expect(isSumming(single('conv2d', spec))).toBe(false)
  })
})
