import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { mapInput, misfit } from './shapes.ts'

/** Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3); backwards its gradient. */
export const lrn: Operator<'lrn'> = {
  outputShape(node, inputs) {
    const { radius } = node.spec
    if (!Number.isInteger(radius) || radius < 0) throw misfit(node, `radius must be a whole number, not ${radius}.`)
    return mapInput(node, inputs)
  },
  forward(node, inputs) {
    const { radius, bias, alpha, beta } = node.spec
    return tf.localResponseNormalization(inputs[0] as tf.Tensor4D, radius, bias, alpha, beta)
  },
  backward(node, { inputs, output, upstream }) {
    const { radius, bias, alpha, beta } = node.spec
    const signal = tf.engine().runKernel(
      tf.LRNGrad,
      { x: inputs[0], y: output, dy: upstream },
      { depthRadius: radius, bias, alpha, beta },
    )
    return [signal as tf.Tensor]
  },
  footprint: () => ({ kind: 'point' }),
}
