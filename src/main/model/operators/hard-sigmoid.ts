import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { indicator } from './rectify.ts'
import { onlyInput } from './shapes.ts'

/** min(max(alpha * x + beta, 0), 1); a gate like the sigmoid and no rectifier, so every rule takes its gradient. */
export const hardSigmoid: Operator<'hardSigmoid'> = {
  outputShape: onlyInput,
  forward: (node, inputs) => tf.clipByValue(tf.add(tf.mul(inputs[0], node.spec.alpha), node.spec.beta), 0, 1),
  backward(node, { inputs, upstream }) {
    const { alpha, beta } = node.spec
    const line = tf.add(tf.mul(inputs[0], alpha), beta)
    const inside = indicator(tf.logicalAnd(tf.greater(line, 0), tf.less(line, 1)))
    return [tf.mul(upstream, tf.mul(inside, alpha))]
  },
  footprint: () => ({ kind: 'point' }),
}
