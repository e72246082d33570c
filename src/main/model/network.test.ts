import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Graph } from '../../shared/graph.ts'
import { startEngine } from './engine.ts'
import { batchSizeFor, Network } from './network.ts'
import { learntNodes, partlyRandomised, randomisedGraph } from './randomised.ts'
import {
  brokenGraph, exampleGraph, graphOf, imagesOf, plainOutputs, randomValues, tensorsLeftBy,
} from './testing/example.ts'

const COUNT = 3
const graph = exampleGraph()
const data = randomValues(COUNT * 8 * 7 * 3, 40)
const named = (name: string): number => graph.nodes.find((node) => node.name === name)!.id
/** Float32 against float64, values of about 1 to 10. */
const TOLERANCE = 1e-4

let network: Network
let input: tf.Tensor

beforeAll(async () => {
  await startEngine()
  network = new Network(graph)
  input = network.upload(data, COUNT)
  // Weights are uploaded on first use and stay; from here on tensors can be counted.
  tf.dispose([...network.forward(input, { keep: [graph.output] }).values()])
})

afterAll(() => {
  network.dispose()
  input.dispose()
})

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((value, i) => expect(Math.abs(actual[i] - value)).toBeLessThan(TOLERANCE))
}

const disposeAll = (tensors: ReadonlyMap<number, tf.Tensor>): void => tf.dispose([...tensors.values()])

describe('Network.forward', () => {
  it('computes every node as the plain definitions do', () => {
    const outputs = network.forward(input, { keep: graph.nodes.map(({ id }) => id) })
    const expected = imagesOf(data, COUNT).map((image) => plainOutputs(graph, image))
    for (const node of graph.nodes) {
      const tensor = outputs.get(node.id)!
      expect(tensor.shape).toEqual([COUNT, ...node.shape])
      expectClose(tensor.dataSync(), expected.flatMap((plain) => [...plain[node.id].data]))
    }
    disposeAll(outputs)
  })

  it('keeps what is asked for and frees everything else', () => {
    for (const keep of [[], [named('conv1')], [named('pool1'), named('sum'), graph.output], [0, named('both')]]) {
      const before = tf.memory().numTensors
      const outputs = network.forward(input, { keep })
      expect([...outputs.keys()].sort((a, b) => a - b)).toEqual(keep)
      expect(tf.memory().numTensors - before).toBe(keep.length)
      disposeAll(outputs)
      expect(tf.memory().numTensors).toBe(before)
    }
    expect(input.isDisposed).toBe(false)
  })

  it('runs only the nodes that are needed, each once, inputs first', () => {
    const visited: string[] = []
    const outputs = network.forward(input, { keep: [named('norm')], visit: (node) => void visited.push(node.name) })
    expect(visited).toEqual(['conv1', 'relu1', 'pool1', 'norm'])
    disposeAll(outputs)
  })

  it('goes on from known outputs and leaves them to their owner', () => {
    const pool = named('pool1')
    const known = new Map([[pool, tf.fill([COUNT, 3, 3, 4], 0.5)]])
    const visited: string[] = []
    const before = tf.memory().numTensors
    const keep = [pool, named('logits')]
    const outputs = network.forward(input, { keep, known, visit: (node) => void visited.push(node.name) })
    expect(visited).toEqual(['conv2', 'sum', 'relu2', 'norm', 'both', 'mean', 'flat', 'dense1', 'relu3', 'logits'])
    const half = plainOutputs(graph, imagesOf(data, COUNT)[0], (node, output) => {
      return node.id === pool ? { ...output, data: output.data.fill(0.5) } : output
    })
    expectClose(outputs.get(named('logits'))!.dataSync().slice(0, 4), [...half[named('logits')].data])
    expect([...new Set(outputs.get(pool)!.dataSync())]).toEqual([0.5])
    disposeAll(outputs)
    expect(tf.memory().numTensors).toBe(before)
    expect(known.get(pool)!.isDisposed).toBe(false)
    disposeAll(known)
  })

  it('lets `visit` replace an output, kept or not, and frees the original', () => {
    const sum = named('sum')
    const expected = plainOutputs(graph, imagesOf(data, COUNT)[1], (node, output) => {
      return node.id === sum ? { ...output, data: output.data.map((value) => value * 2) } : output
    })
    for (const keep of [[graph.output], [sum, graph.output]]) {
      const before = tf.memory().numTensors
      const visit = (node: { id: number }, output: tf.Tensor) => (node.id === sum ? tf.mul(output, 2) : undefined)
      const outputs = network.forward(input, { keep, visit })
      expectClose(outputs.get(graph.output)!.dataSync().slice(4, 8), [...expected[graph.output].data])
      if (keep.length > 1) expectClose(outputs.get(sum)!.dataSync().slice(36, 72), [...expected[sum].data])
      disposeAll(outputs)
      expect(tf.memory().numTensors).toBe(before)
    }
    const same = network.forward(input, { keep: [graph.output], visit: (_node, output) => output })
    expect(same.get(graph.output)!.isDisposed).toBe(false)
    disposeAll(same)
  })

  it.each(['conv1', 'sum', 'probabilities'])('leaves nothing behind when `visit` throws at %s', (name) => {
    const run = (): void => {
      const keep = [named('conv1'), named('sum'), graph.output]
      network.forward(input, {
        keep,
        visit: (node) => {
          if (node.name === name) throw new Error('stop')
        },
      })
    }
    expect(run).toThrow('stop')
    expect(tensorsLeftBy(run)).toBe(0)
  })

  it('leaves nothing behind when a node throws', () => {
    const broken = new Network(brokenGraph())
    const run = (): void => void broken.forward(input, { keep: broken.graph.nodes.map(({ id }) => id) })
    expect(run).toThrow()
    expect(tensorsLeftBy(run)).toBe(0)
    expect(tensorsLeftBy(() => broken.output(data, COUNT, broken.graph.output))).toBe(0)
    expect(tensorsLeftBy(() => broken.scores(input))).toBe(0)
    broken.dispose()
  })

  it('takes a node that uses one input twice', () => {
    const twice = graphOf(['input', 'x', { shape: [2] }, []], ['tanh', 'y', {}, [0]], ['add', 'z', {}, [1, 1]])
    const small = new Network(twice)
    expectClose(small.output(Float32Array.of(0.5, -1), 1, 2), [2 * Math.tanh(0.5), 2 * Math.tanh(-1)])
    expect(tensorsLeftBy(() => small.output(Float32Array.of(0.5, -1), 1, 2))).toBe(0)
  })
})

describe('Network.scores and Network.output', () => {
  it('give rows of classes', () => {
    const scores = network.scores(input)
    const expected = imagesOf(data, COUNT).flatMap((image) => [...plainOutputs(graph, image)[graph.output].data])
    expect(scores.shape).toEqual([COUNT, 4])
    expectClose(scores.dataSync(), expected)
    expectClose(network.output(data, COUNT, graph.output), expected)
    scores.dispose()
    expect(tensorsLeftBy(() => network.output(data, COUNT, named('both')))).toBe(0)
    expect(network.classCount).toBe(4)
  })

  it('flatten an output that has axes', () => {
    const map = new Network(graphOf(['input', 'x', { shape: [1, 1, 3] }, []], ['tanh', 'y', {}, [0]]))
    const small = map.upload(new Float32Array(6), 2)
    const left = tensorsLeftBy(() => {
      const scores = map.scores(small)
      expect(scores.shape).toEqual([2, 3])
      scores.dispose()
    })
    expect(left).toBe(0)
    small.dispose()
  })
})

describe('Network.backward', () => {
  const start = named('logits')
  const seedValues = randomValues(4, 77)

  function signal(from: number, seed: tf.Tensor, outputs: ReadonlyMap<number, tf.Tensor>): Float32Array {
    const tensor = network.backward(input, outputs, from, seed, 'gradient', 'none')
    const values = tensor.dataSync<'float32'>()
    tensor.dispose()
    return values
  }

  it('sums over branches: the gradient equals that by differences of the plain definitions', () => {
    const outputs = network.forward(input, { keep: network.ancestors([start]).filter((id) => id !== 0) })
    const seed = tf.tensor([...seedValues, ...seedValues, ...seedValues], [COUNT, 4])
    const found = signal(start, seed, outputs)
    const step = 1e-5
    const image = Float64Array.from(imagesOf(data, COUNT)[2])
    const objective = (pixels: Float64Array): number => {
      return plainOutputs(graph, pixels)[start].data.reduce((sum, value, unit) => sum + value * seedValues[unit], 0)
    }
    const expected = Array.from(image, (_, i) => {
      const moved = (change: number) => image.map((value, k) => (k === i ? value + change : value))
      const [above, below] = [objective(moved(step)), objective(moved(-step))]
      return (above - below) / (2 * step)
    })
    expectClose(found.slice(2 * image.length), expected)
    expect(Math.max(...expected)).toBeGreaterThan(0.1)
    tf.dispose([seed, ...outputs.values()])
  })

  it('of a sum is the sum of the signals of its branches', () => {
    const [sum, pool] = [named('sum'), named('pool1')]
    const outputs = network.forward(input, { keep: network.ancestors([sum]).filter((id) => id !== 0) })
    const seed = tf.tensor(randomValues(COUNT * 36, 78), [COUNT, 3, 3, 4])
    const both = signal(sum, seed, outputs)
    const direct = signal(pool, seed, outputs)
    const through = signal(named('conv2'), seed, outputs)
    expectClose(both, Array.from(direct, (value, i) => value + through[i]))
    tf.dispose([seed, ...outputs.values()])
  })

  it('from the input itself is the seed', () => {
    expect(signal(0, input, new Map())).toEqual(data)
  })

  it('counts no tensor but its result, also when an output was not kept', () => {
    const outputs = network.forward(input, { keep: network.ancestors([start]).filter((id) => id !== 0) })
    const seed = tf.ones([COUNT, 4])
    const before = tf.memory().numTensors
    network.backward(input, outputs, start, seed, 'guided', 'conv+pool').dispose()
    expect(tf.memory().numTensors).toBe(before)
    outputs.get(named('norm'))!.dispose()
    outputs.delete(named('norm'))
    const run = (): void => void network.backward(input, outputs, start, seed, 'guided', 'conv')
    expect(run).toThrow('The output of "norm" was not kept for the backward pass.')
    expect(tensorsLeftBy(run)).toBe(0)
    tf.dispose([seed, ...outputs.values()])
  })
})

describe('the graph of a network', () => {
  /** Whether a path leads from one node to another, step by step. */
  const reaches = (from: number, to: number): boolean => {
    return graph.nodes[to].inputs.some((source) => source === from || reaches(from, source))
  }

  it('has ancestors and descendants', () => {
    const ids = graph.nodes.map(({ id }) => id)
    for (const id of ids) {
      expect(network.ancestors([id])).toEqual(ids.filter((other) => other === id || reaches(other, id)))
      expect([...network.descendants([id])].sort((a, b) => a - b)).toEqual(ids.filter((other) => reaches(id, other)))
    }
    expect(network.ancestors([named('both')], (id) => id === named('pool1'))).toEqual([3, 4, 5, 6, 7, 8])
    expect(() => network.node(99)).toThrow('The model has no node 99.')
  })

  it('frees its weights, which it shares among all passes', () => {
    const left = tensorsLeftBy(() => {
      const own = new Network(graph)
      own.output(data, COUNT, graph.output)
      const once = tf.memory().numTensors
      own.output(data, COUNT, graph.output)
      expect(tf.memory().numTensors).toBe(once)
      own.dispose()
    })
    expect(left).toBe(0)
  })

  it('borrows the weights that a longer-lived network has, and leaves them there', () => {
    const left = tensorsLeftBy(() => {
      const lender = new Network(graph)
      const scores = [...lender.output(data, COUNT, graph.output)]
      const lent = tf.memory().numTensors
      const shuffled = randomisedGraph(graph, 1)
      const last = learntNodes(graph)[0]
      const borrower = new Network(partlyRandomised(graph, shuffled, new Set([last])), lender)
      const other = [...borrower.output(data, COUNT, graph.output)]
      const own = Object.values(graph.nodes[last].spec).filter((value) => (value as { data?: unknown } | null)?.data)
      expect(tf.memory().numTensors).toBe(lent + own.length)
      expect(other).not.toEqual(scores)
      borrower.dispose()
      expect(tf.memory().numTensors).toBe(lent)
      expect([...lender.output(data, COUNT, graph.output)]).toEqual(scores)
      lender.dispose()
    })
    expect(left).toBe(0)
  })
})

describe('batchSizeFor', () => {
  it('is a power of two up to the most, and at least 1', () => {
    const sized = (height: number): Graph => graphOf(['input', 'x', { shape: [height, 1024, 1] }, []])
    // 4 bytes x 1024 x height of the 96 MiB that one batch may take.
    expect(batchSizeFor(sized(1), 64)).toBe(64)
    expect(batchSizeFor(sized(1024), 64)).toBe(16)
    expect(batchSizeFor(sized(1024 * 24), 64)).toBe(1)
    expect(batchSizeFor(sized(1024 * 200), 64)).toBe(1)
  })
})
