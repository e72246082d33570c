import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { onlyInput, sizeOf } from './shapes.ts'

/** All axes to one, row-major: unit (row * width + column) * channels + channel. */
export const flatten: Operator<'flatten'> = {
  outputShape: (node, inputs) => [sizeOf(onlyInput(node, inputs))],
  forward: (_node, inputs) => tf.reshape(inputs[0], [inputs[0].shape[0], -1]),
  backward: (_node, { inputs, upstream }) => [tf.reshape(upstream, inputs[0].shape)],
  footprint: () => ({ kind: 'everything' }),
}
