import * as tf from '@tensorflow/tfjs-core'
import type { OperatorSpecs } from '../../../shared/graph.ts'
import type { Operator } from '../operator.ts'
import { crossRectifier, crossRelu, indicator } from './rectify.ts'
import { onlyInput } from './shapes.ts'

/**
 * ReLU and its variants (leaky, capped, thresholded). At the threshold itself the derivative is that of the left
 * side, so that plain ReLU follows [a > 0]; from `maxValue` on it is 0.
 */
export const relu: Operator<'relu'> = {
  outputShape: onlyInput,

  forward(node, inputs) {
    const { maxValue, negativeSlope, threshold } = node.spec
    const x = inputs[0]
    if (threshold === 0 && maxValue === null) return negativeSlope === 0 ? tf.relu(x) : tf.leakyRelu(x, negativeSlope)
    if (threshold === 0 && negativeSlope === 0 && maxValue === 6) return tf.relu6(x)
    const below = tf.mul(tf.sub(x, threshold), negativeSlope)
    const open = tf.where(tf.greaterEqual(x, threshold), x, below)
    return maxValue === null ? open : tf.where(tf.greaterEqual(x, maxValue), tf.fill(x.shape, maxValue), open)
  },

  backward(node, { inputs, upstream, rule }) {
    const { maxValue, negativeSlope, threshold } = node.spec
    const [x] = inputs
    const isPlain = threshold === 0 && negativeSlope === 0 && maxValue === null
    return [
      isPlain
        ? crossRelu(upstream, rule, x)
        : crossRectifier(upstream, rule, () => derivative(node.spec, x)),
    ]
  },

  footprint: () => ({ kind: 'point' }),
}

function derivative({ maxValue, negativeSlope, threshold }: OperatorSpecs['relu'], x: tf.Tensor): tf.Tensor {
  const above = indicator(tf.greater(x, threshold))
  const sloped = negativeSlope === 0 ? above : tf.add(tf.mul(above, 1 - negativeSlope), negativeSlope)
  return maxValue === null ? sloped : tf.mul(sloped, indicator(tf.less(x, maxValue)))
}
