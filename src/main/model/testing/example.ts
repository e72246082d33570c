import * as tf from '@tensorflow/tfjs-core'
import { featureLayout, type FeatureLayout } from '../../../core/features.ts'
import { layersOf } from '../../../core/layers.ts'
import { randomIndex, randomStream } from '../../../core/random.ts'
import type { Graph, GraphNode, OperatorName, OperatorSpecs, Shape, Weight } from '../../../shared/graph.ts'
import { sizeOf } from '../../../shared/matrix.ts'
import { outputShapeOf } from '../operators/index.ts'
import { plainForward, type Plain } from '../operators/testing/plain-forward.ts'

type Entry = { [Op in OperatorName]: readonly [Op, string, OperatorSpecs[Op], readonly number[]] }[OperatorName]

/** Nodes in the order given; the last one is the output. */
export function graphOf(...entries: readonly Entry[]): Graph {
  const nodes: GraphNode[] = []
  entries.forEach(([op, name, spec, inputs], id) => {
    const open = { op, name, spec } as Pick<GraphNode, 'op' | 'name' | 'spec'>
    const shape = op === 'input' ? spec.shape : outputShapeOf(open, inputs.map((source) => nodes[source].shape))
    nodes.push({ id, name, op, spec, inputs, shape } as GraphNode)
  })
  return { nodes, output: nodes.length - 1, source: 'test', hash: 'test', warnings: [] }
}

/** Uniform in [-1, 1), in steps that float32 holds exactly. */
export function randomValues(count: number, seed: number): Float32Array {
  const random = randomStream(seed)
  return Float32Array.from({ length: count }, () => randomIndex(random, 4096) / 2048 - 1)
}

function weight(shape: Shape, seed: number, scale = 1): Weight {
  return { shape, data: randomValues(sizeOf(shape), seed).map((value) => value * scale) }
}

const none = { top: 0, bottom: 0, left: 0, right: 0 }
const one = { top: 1, bottom: 1, left: 1, right: 1 }

/** A strided convolution, pooling, a residual sum of two branches, a concatenation of two, and dense layers. */
export function exampleGraph(): Graph {
  const relu = { maxValue: null, negativeSlope: 0, threshold: 0 }
  const plain = { dilation: [1, 1], groups: 1 } as const
  const [first, second] = [weight([3, 3, 3, 4], 1), weight([3, 3, 4, 4], 3, 0.5)]
  const variance = { shape: [4], data: Float32Array.of(0.5, 1, 2, 0.25) }
  const norm = { scale: weight([4], 7), offset: weight([4], 8), mean: weight([4], 9), variance, epsilon: 0.01 }
  return graphOf(
    ['input', 'image', { shape: [8, 7, 3] }, []],
    ['conv2d', 'conv1', { ...plain, strides: [2, 2], padding: one, kernel: first, bias: weight([4], 2) }, [0]],
    ['relu', 'relu1', relu, [1]],
    ['maxPool', 'pool1', { size: [2, 2], strides: [1, 1], padding: none }, [2]],
    ['conv2d', 'conv2', { ...plain, strides: [1, 1], padding: one, kernel: second, bias: null }, [3]],
    ['add', 'sum', {}, [3, 4]],
    ['relu', 'relu2', relu, [5]],
    ['batchNorm', 'norm', norm, [3]],
    ['concatenate', 'both', { axis: 2 }, [6, 7]],
    ['averagePool', 'mean', { size: [2, 2], strides: [1, 1], padding: none, countPadding: true }, [8]],
    ['flatten', 'flat', {}, [9]],
    ['dense', 'dense1', { kernel: weight([32, 6], 4, 0.5), bias: weight([6], 5) }, [10]],
    ['relu', 'relu3', relu, [11]],
    ['dense', 'logits', { kernel: weight([6, 4], 6), bias: null }, [12]],
    ['softmax', 'probabilities', {}, [13]],
  )
}

/** Operators one behind the other: those that keep a zero channel zero, and those that do not. */
export function chainGraph(): Graph {
  const plain = { dilation: [1, 1], groups: 1 } as const
  const variance = { shape: [6], data: Float32Array.of(0.5, 1, 2, 0.25, 1, 0.5) }
  const norm = { scale: weight([6], 21), offset: weight([6], 22), mean: weight([6], 23), variance, epsilon: 0.01 }
  const pool = { size: [3, 3], strides: [1, 1], padding: one } as const
  const [first, second, third] = [weight([3, 3, 3, 6], 24), weight([2, 2, 6, 6], 25), weight([2, 2, 3, 4], 26)]
  const depthwise = { strides: [1, 1], dilation: [1, 1], padding: none } as const
  return graphOf(
    ['input', 'image', { shape: [8, 7, 3] }, []],
    ['conv2d', 'conv1', { ...plain, strides: [2, 2], padding: one, kernel: first, bias: weight([6], 27) }, [0]],
    ['elu', 'elu1', { alpha: 0.5 }, [1]],
    ['maxPool', 'pool1', pool, [2]],
    ['conv2d', 'conv2', { ...plain, strides: [1, 1], padding: none, kernel: second, bias: null }, [3]],
    ['batchNorm', 'norm', norm, [4]],
    ['relu', 'leaky', { maxValue: null, negativeSlope: 0.3, threshold: -0.2 }, [5]],
    ['lrn', 'lrn', { radius: 1, bias: 1, alpha: 0.5, beta: 0.75 }, [6]],
    ['averagePool', 'pool2', { ...pool, countPadding: false }, [7]],
    ['zeroPadding', 'padded', { padding: { ...none, bottom: 1 } }, [8]],
    ['depthwiseConv2d', 'depthwise', { ...depthwise, kernel: weight([2, 1, 6, 1], 28), bias: weight([6], 29) }, [9]],
    ['prelu', 'prelu', { alpha: weight([1, 1, 6], 30) }, [10]],
    ['conv2d', 'grouped', { ...plain, groups: 2, strides: [1, 1], padding: none, kernel: third, bias: null }, [11]],
    ['relu', 'threshold', { maxValue: null, negativeSlope: 0.5, threshold: 0.3 }, [12]],
    ['tanh', 'tanh', {}, [13]],
    ['flatten', 'flat', {}, [14]],
    ['dense', 'dense1', { kernel: weight([sizeOf([2, 2, 4]), 8], 31, 0.5), bias: weight([8], 32) }, [15]],
    ['sigmoid', 'sigmoid', {}, [16]],
    ['dense', 'dense2', { kernel: weight([8, 6], 33), bias: null }, [17]],
    ['relu', 'relu3', { maxValue: null, negativeSlope: 0, threshold: 0 }, [18]],
    ['dense', 'logits', { kernel: weight([6, 4], 34), bias: null }, [19]],
  )
}

/** The example with a kernel that does not fit, so that the forward pass throws halfway. */
export function brokenGraph(): Graph {
  const graph = exampleGraph()
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.op !== 'dense' || node.name !== 'dense1') return node
    return { ...node, spec: { ...node.spec, kernel: weight([31, 6], 4) } }
  })
  return { ...graph, nodes }
}

/** The layout of these nodes, in graph order. */
export function layoutOfNodes(graph: Graph, nodes: readonly number[]): FeatureLayout {
  return featureLayout(layersOf(graph).filter((layer) => nodes.includes(layer.node)))
}

/**
 * Outputs of all nodes for one image, by the plain definitions in float64. `change` may replace an output before it is
 * used.
 */
export function plainOutputs(
  graph: Graph,
  image: ArrayLike<number>,
  change: (node: GraphNode, output: Plain) => Plain = (_node, output) => output,
): Plain[] {
  const outputs: Plain[] = []
  for (const node of graph.nodes) {
    if (node.op === 'input') outputs.push({ shape: node.shape, data: Float64Array.from(image) })
    else outputs.push(change(node, plainNode(node, node.inputs.map((source) => outputs[source]))))
  }
  return outputs
}

function plainNode<Op extends OperatorName>(
  { op, spec }: { op: Op; spec: OperatorSpecs[Op] },
  inputs: readonly Plain[],
): Plain {
  return plainForward[op](spec, inputs)
}

/** The images of a batch `[count, ...]` one by one. */
export function imagesOf(data: Float32Array, count: number): Float32Array[] {
  const size = data.length / count
  return Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size))
}

/** Tensors that `work` leaves behind, thrown errors included. */
export function tensorsLeftBy(work: () => unknown): number {
  const before = tf.memory().numTensors
  try {
    work()
  } catch {
    // What is left behind is asked, not whether it worked.
  }
  return tf.memory().numTensors - before
}
