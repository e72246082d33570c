import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { onlyInput } from './shapes.ts'

/** Does nothing at inference, in either direction. */
export const dropout: Operator<'dropout'> = {
  outputShape: onlyInput,
  forward: (_node, inputs) => tf.clone(inputs[0]),
  backward: (_node, { upstream }) => [tf.clone(upstream)],
  footprint: () => ({ kind: 'point' }),
}
