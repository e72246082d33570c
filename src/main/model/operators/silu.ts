import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { crossRectifier } from './rectify.ts'
import { onlyInput } from './shapes.ts'

/** x * sigmoid(x), also called swish (Ramachandran et al. 2017); treated as a rectifier. */
export const silu: Operator<'silu'> = {
  outputShape: onlyInput,
  forward: (_node, inputs) => tf.mul(inputs[0], tf.sigmoid(inputs[0])),
  backward(_node, { inputs, upstream, rule }) {
    const derivative = () => {
      const gate = tf.sigmoid(inputs[0])
      return tf.mul(gate, tf.add(tf.mul(inputs[0], tf.sub(1, gate)), 1))
    }
    return [crossRectifier(upstream, rule, derivative)]
  },
  footprint: () => ({ kind: 'point' }),
}
