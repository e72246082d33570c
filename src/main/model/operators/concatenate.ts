import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { misfit, shapeText } from './shapes.ts'

/** Inputs one after another along `axis`; backwards the signal is split again. */
export const concatenate: Operator<'concatenate'> = {
  outputShape(node, inputs) {
    const { axis } = node.spec
    const first = inputs[0]
    if (!first) throw misfit(node, 'needs an input, but none is connected.')
    if (!Number.isInteger(axis) || axis < 0 || axis >= first.length) {
      throw misfit(node, `has no axis ${axis} in input ${shapeText(first)}.`)
    }
    const fits = inputs.every(
      (shape) => shape.length === first.length && shape.every((size, at) => at === axis || size === first[at]),
    )
    if (!fits) {
      const shapes = inputs.map(shapeText).join(' and ')
      throw misfit(node, `inputs of shapes ${shapes} do not fit together along axis ${axis}.`)
    }
    const joined = [...first]
    joined[axis] = inputs.reduce((total, shape) => total + shape[axis], 0)
    return joined
  },
  forward: (node, inputs) => tf.concat([...inputs], node.spec.axis + 1),
  backward(node, { inputs, upstream }) {
    const axis = node.spec.axis + 1
    return tf.split(upstream, inputs.map((branch) => branch.shape[axis]), axis)
  },
  // Along the channels every unit keeps its place; along the map it moves.
  footprint: (node) => ({ kind: node.spec.axis >= 2 ? 'point' : 'everything' }),
}
