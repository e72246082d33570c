import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { onlyInput } from './shapes.ts'

/** 1 / (1 + exp(-x)); no rectifier, so every rule takes its gradient. */
export const sigmoid: Operator<'sigmoid'> = {
  outputShape: onlyInput,
  forward: (_node, inputs) => tf.sigmoid(inputs[0]),
  backward: (_node, { output, upstream }) => [tf.mul(upstream, tf.mul(output, tf.sub(1, output)))],
  footprint: () => ({ kind: 'point' }),
}
