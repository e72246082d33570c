import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { elementwiseShape, sumToShape } from './broadcast.ts'

/** Product of all inputs; backwards each branch gets the signal times the other branches. */
export const multiply: Operator<'multiply'> = {
  outputShape: elementwiseShape,
  forward: (_node, inputs) => inputs.reduce((product, next) => tf.mul(product, next)),
  backward(_node, { inputs, upstream }) {
    return inputs.map((branch, position) => {
      const others = inputs.filter((_, other) => other !== position)
      return sumToShape(others.reduce((product, next) => tf.mul(product, next), upstream), branch.shape)
    })
  },
  footprint: () => ({ kind: 'point' }),
}
