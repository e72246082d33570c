import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { crossRectifier, indicator } from './rectify.ts'
import { onlyInput } from './shapes.ts'

/** x where x > 0, alpha * (exp(x) - 1) elsewhere. */
export const elu: Operator<'elu'> = {
  outputShape: onlyInput,

  forward(node, inputs) {
    const x = inputs[0]
    if (node.spec.alpha === 1) return tf.elu(x)
    return tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), node.spec.alpha))
  },

  backward(node, { inputs, upstream, rule }) {
    const derivative = () => {
      const x = inputs[0]
      const above = indicator(tf.greater(x, 0))
      return tf.add(above, tf.mul(tf.sub(1, above), tf.mul(tf.exp(tf.minimum(x, 0)), node.spec.alpha)))
    }
    return [crossRectifier(upstream, rule, derivative)]
  },

  footprint: () => ({ kind: 'point' }),
}
