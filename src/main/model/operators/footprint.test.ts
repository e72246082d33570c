import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { receptiveBox, receptiveFields } from '../../../core/receptive-field.ts'
import type { GraphNode, OperatorName, OperatorSpecs, Shape, Weight } from '../../../shared/graph.ts'
import { startEngine } from '../engine.ts'
import { footprintOf, forwardOf, outputShapeOf } from './index.ts'
import { edges } from './testing/cases.ts'

/** A graph that grows node by node. */
class Builder {
  readonly nodes: GraphNode[] = []

  constructor(shape: Shape) {
    this.nodes.push({ id: 0, name: 'image', op: 'input', spec: { shape }, inputs: [], shape })
  }

  /** Appends a node after `inputs` (the last one where none are named) and returns its id. */
  add<Op extends OperatorName>(op: Op, spec: OperatorSpecs[Op], ...inputs: number[]): number {
    const id = this.nodes.length
    const sources = inputs.length > 0 ? inputs : [id - 1]
    const node = { id, name: `${op} ${id}`, op, spec, inputs: sources }
    const shape = outputShapeOf(node, sources.map((source) => this.nodes[source].shape))
    this.nodes.push({ ...node, shape } as GraphNode)
    return id
  }
}

/** All weights positive, so that no change of an input can cancel. */
function ones(...shape: number[]): Weight {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5) }
}

const plainRelu: OperatorSpecs['relu'] = { maxValue: null, negativeSlope: 0, threshold: 0 }

/** Which units of which nodes move when one pixel does: an independent look at the whole graph. */
function checkByPerturbation(graph: readonly GraphNode[]): void {
  const [height, width] = graph[0].shape as [number, number]
  const fields = receptiveFields(graph, footprintOf, graph[0].shape)
  const values = tf.tidy(() => {
    const pixels = height * width
    // Image 0 is the baseline. A pixel that rises by 1000 also becomes the maximum of every pooling window over it.
    const baseline = tf.tile(tf.reshape(tf.add(tf.div(tf.range(0, pixels), pixels), 1), [1, pixels]), [pixels + 1, 1])
    const bumps = tf.pad(tf.mul(tf.eye(pixels), 1000), [[1, 0], [0, 0]])
    const outputs: tf.Tensor[] = [tf.reshape(tf.add(baseline, bumps), [pixels + 1, ...graph[0].shape])]
    for (const node of graph.slice(1)) {
      const inputs = node.inputs.map((id) => outputs[id])
      outputs.push(forwardOf(node, inputs, (weight) => tf.tensor(weight.data, [...weight.shape])))
    }
    return outputs.map((output) => output.dataSync())
  })
  for (const node of graph.slice(1)) {
    const [rows, columns, channels] = node.shape.length === 3 ? node.shape : [1, 1, node.shape[0]]
    const units = rows * columns * channels
    const output = values[node.id]
    for (let unit = 0; unit < rows * columns; unit++) {
      const moved = { top: Infinity, left: Infinity, bottom: -Infinity, right: -Infinity }
      for (let pixel = 0; pixel < height * width; pixel++) {
        const at = (pixel + 1) * units + unit * channels
        const atRest = output.subarray(unit * channels, (unit + 1) * channels)
        if (output.subarray(at, at + channels).every((value, channel) => value === atRest[channel])) continue
        const [row, column] = [Math.floor(pixel / width), pixel % width]
        moved.top = Math.min(moved.top, row)
        moved.left = Math.min(moved.left, column)
        moved.bottom = Math.max(moved.bottom, row + 1)
        moved.right = Math.max(moved.right, column + 1)
      }
      const place = [Math.floor(unit / columns), unit % columns] as const
      const { top, left, bottom, right } = receptiveBox(fields[node.id], place, graph[0].shape)
      const where = { node: node.name, place }
      // Near the border some taps fall on padding, so that a unit depends on less than its box.
      const inTheMiddle = place[0] === Math.floor(rows / 2) && place[1] === Math.floor(columns / 2)
      if (inTheMiddle) expect({ ...where, top, left, bottom, right }).toEqual({ ...where, ...moved })
      const inside = top <= moved.top && left <= moved.left && moved.bottom <= bottom && moved.right <= right
      expect({ ...where, inside }).toEqual({ ...where, inside: true })
    }
  }
}

beforeAll(async () => {
  await startEngine()
})

describe('footprints against perturbed pixels', () => {
  it('strides, padding, dilation and pooling, down to a dense layer', () => {
    const graph = new Builder([21, 18, 1])
    graph.add('conv2d', {
      kernel: ones(3, 5, 1, 2), bias: null, strides: [2, 1], padding: edges(1, 1, 2, 0), dilation: [1, 2], groups: 1,
    })
    graph.add('relu', plainRelu)
    graph.add('maxPool', { size: [3, 2], strides: [1, 2], padding: edges(1, 1, 0, 1) })
    graph.add('depthwiseConv2d', {
      kernel: ones(2, 2, 2, 2), bias: null, strides: [1, 1], padding: edges(0, 1, 1, 0), dilation: [2, 1],
    })
    graph.add('averagePool', { size: [2, 2], strides: [2, 2], padding: edges(0, 0, 0, 0), countPadding: true })
    graph.add('flatten', {})
    graph.add('dense', { kernel: ones(graph.nodes.at(-1)!.shape[0], 3), bias: null })
    checkByPerturbation(graph.nodes)
  })

  it('a residual block, a concatenation, padding of its own and a global pool', () => {
    const graph = new Builder([18, 19, 1])
    const first = graph.add('conv2d', {
      kernel: ones(3, 3, 1, 2), bias: ones(2), strides: [2, 2], padding: edges(1, 1, 1, 1), dilation: [1, 1], groups: 1,
    })
    const branch = graph.add('conv2d', {
      kernel: ones(3, 3, 1, 2), bias: null, strides: [1, 1], padding: edges(1, 1, 1, 1), dilation: [1, 1], groups: 2,
    })
    const sum = graph.add('add', {}, first, branch)
    graph.add('zeroPadding', { padding: edges(2, 0, 0, 1) })
    const narrow = graph.add('averagePool', {
      size: [3, 2], strides: [1, 1], padding: edges(0, 0, 0, 0), countPadding: false,
    })
    const joined = graph.add('concatenate', { axis: 2 }, sum, narrow)
    const batch = { scale: null, offset: null, mean: ones(4), variance: ones(4), epsilon: 1e-3 }
    graph.add('batchNorm', batch, joined)
    graph.add('hardSwish', {})
    graph.add('silu', {})
    graph.add('gelu', { approximate: true })
    graph.add('dense', { kernel: ones(4, 3), bias: null })
    graph.add('lrn', { radius: 1, bias: 1, alpha: 1e-9, beta: 0.5 })
    graph.add('globalAveragePool', { keepAxes: false })
    checkByPerturbation(graph.nodes)
  })

  it('a reshape that only adds a channel axis', () => {
    const graph = new Builder([6, 7])
    graph.add('reshape', { shape: [6, 7, 1] })
    graph.add('maxPool', { size: [2, 3], strides: [2, 2], padding: edges(0, 0, 0, 0) })
    const fields = receptiveFields(graph.nodes, footprintOf, [6, 7])
    expect(fields.map((field) => field.whole)).toEqual([false, false, false])
    expect(fields[2].horizontal).toEqual({ size: 3, stride: 2, start: 0 })
    const [, , moved] = new Builder([6, 7, 1]).nodes.concat(
      graph.nodes[1],
      { id: 2, name: 'moved', op: 'reshape', spec: { shape: [7, 6, 1] }, inputs: [1], shape: [7, 6, 1] },
    )
    expect(footprintOf(moved, [[6, 7, 1]])).toEqual({ kind: 'everything' })
  })
})
