import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { onlyInput } from './shapes.ts'

/** Hyperbolic tangent; no rectifier, so every rule takes its gradient. */
export const tanh: Operator<'tanh'> = {
  outputShape: onlyInput,
  forward: (_node, inputs) => tf.tanh(inputs[0]),
  backward: (_node, { output, upstream }) => [tf.mul(upstream, tf.sub(1, tf.square(output)))],
  footprint: () => ({ kind: 'point' }),
}
