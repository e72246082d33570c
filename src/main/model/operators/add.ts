import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { elementwiseShape, sumToShape } from './broadcast.ts'

/** Sum of all inputs; backwards the signal goes into every branch. */
export const add: Operator<'add'> = {
  outputShape: elementwiseShape,
  forward: (_node, inputs) => inputs.reduce((sum, next) => tf.add(sum, next)),
  backward: (_node, { inputs, upstream }) => inputs.map((branch) => sumToShape(upstream, branch.shape)),
  footprint: () => ({ kind: 'point' }),
}
