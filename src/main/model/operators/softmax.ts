import * as tf from '@tensorflow/tfjs-core'
import { VebiError } from '../../../shared/errors.ts'
import type { Operator } from '../operator.ts'
import { misfit, onlyInput } from './shapes.ts'

/** Softmax over the last axis. The backward pass never crosses it (method section 4). */
export const softmax: Operator<'softmax'> = {
  outputShape(node, inputs) {
    const shape = onlyInput(node, inputs)
    if (shape.length === 0) throw misfit(node, 'needs an input with at least one axis, but gets a single number.')
    return shape
  },
  forward: (_node, inputs) => tf.softmax(inputs[0]),
  backward(node) {
    throw new VebiError('unsupported', `Softmax "${node.name}" is never crossed: start the backward pass below it.`)
  },
  // Each output depends on all channels of its own pixel only.
  footprint: () => ({ kind: 'point' }),
}
