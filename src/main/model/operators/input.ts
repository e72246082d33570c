import * as tf from '@tensorflow/tfjs-core'
import { VebiError } from '../../../shared/errors.ts'
import type { Operator } from '../operator.ts'
import { expectPositive, misfit } from './shapes.ts'

/** The images themselves; the network hands them in as the only input. */
export const input: Operator<'input'> = {
  outputShape(node, inputs) {
    if (inputs.length !== 0) throw misfit(node, `is the input, but ${inputs.length} layers are connected to it.`)
    expectPositive(node, 'the input shape', node.spec.shape)
    return node.spec.shape
  },
  forward(node, inputs) {
    if (!inputs[0]) throw new VebiError('internal', `Layer "${node.name}" was run without images.`)
    return tf.clone(inputs[0])
  },
  backward: () => [],
  footprint: () => ({ kind: 'point' }),
}
