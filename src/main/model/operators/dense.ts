import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { expectWeight, misfit, onlyInput, shapeText } from './shapes.ts'

/** A fully connected layer, on the last axis; backwards the transposed matrix without bias. */
export const dense: Operator<'dense'> = {
  outputShape(node, inputs) {
    const { kernel, bias } = node.spec
    const shape = onlyInput(node, inputs)
    if (kernel.shape.length !== 2) {
      throw misfit(node, `kernel needs two axes [in, out], but has shape ${shapeText(kernel.shape)}.`)
    }
    if (shape.length === 0) throw misfit(node, 'needs an input with at least one axis, but gets a single number.')
    const outUnits = kernel.shape[1]
    expectWeight(node, 'kernel', kernel, [shape.at(-1)!, outUnits], shape)
    if (bias) expectWeight(node, 'bias', bias, [outUnits], shape)
    return [...shape.slice(0, -1), outUnits]
  },

  forward(node, inputs, weight) {
    const { kernel, bias } = node.spec
    const output = onLastAxis(inputs[0], (rows) => tf.matMul(rows, weight(kernel)))
    return bias ? tf.add(output, weight(bias)) : output
  },

  backward(node, { upstream, weight }) {
    return [onLastAxis(upstream, (rows) => tf.matMul(rows, weight(node.spec.kernel), false, true))]
  },

  footprint: (node) => ({ kind: node.shape.length === 1 ? 'everything' : 'point' }),
}

function onLastAxis(tensor: tf.Tensor, multiply: (rows: tf.Tensor2D) => tf.Tensor2D): tf.Tensor {
  if (tensor.rank === 2) return multiply(tensor as tf.Tensor2D)
  const product = multiply(tf.reshape<tf.Rank.R2>(tensor, [-1, tensor.shape.at(-1)!]))
  return tf.reshape(product, [...tensor.shape.slice(0, -1), product.shape[1]])
}
