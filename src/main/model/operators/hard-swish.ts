import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { crossRectifier, indicator } from './rectify.ts'
import { onlyInput } from './shapes.ts'

/** x * min(max(x / 6 + 1 / 2, 0), 1) (Howard et al. 2019, section 5.2); treated as a rectifier. */
export const hardSwish: Operator<'hardSwish'> = {
  outputShape: onlyInput,
  forward: (_node, inputs) => tf.mul(inputs[0], tf.div(tf.relu6(tf.add(inputs[0], 3)), 6)),
  backward(_node, { inputs, upstream, rule }) {
    const derivative = () => {
      const x = inputs[0]
      const above = indicator(tf.greaterEqual(x, 3))
      const between = tf.sub(indicator(tf.greater(x, -3)), above)
      return tf.add(above, tf.mul(between, tf.add(tf.div(x, 3), 0.5)))
    }
    return [crossRectifier(upstream, rule, derivative)]
  },
  footprint: () => ({ kind: 'point' }),
}
