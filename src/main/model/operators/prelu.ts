import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { crossRectifier, indicator } from './rectify.ts'
import { broadcastShape } from './broadcast.ts'
import { expectFilled, misfit, onlyInput, sameShape, shapeText } from './shapes.ts'

/** x where x > 0, alpha * x elsewhere. */
export const prelu: Operator<'prelu'> = {
  outputShape(node, inputs) {
    const { alpha } = node.spec
    const shape = onlyInput(node, inputs)
    expectFilled(node, 'alpha', alpha)
    const joined = broadcastShape(alpha.shape, shape)
    if (!joined || !sameShape(joined, shape)) {
      throw misfit(node, `alpha of shape ${shapeText(alpha.shape)} does not spread over input ${shapeText(shape)}.`)
    }
    return shape
  },

  // Composed, because the WASM kernel for PReLU takes one alpha per channel only.
  forward(node, inputs, weight) {
    const x = inputs[0]
    return tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), weight(node.spec.alpha)))
  },

  backward(node, { inputs, upstream, rule, weight }) {
    const derivative = () => {
      const above = indicator(tf.greater(inputs[0], 0))
      return tf.add(above, tf.mul(tf.sub(1, above), weight(node.spec.alpha)))
    }
    return [crossRectifier(upstream, rule, derivative)]
  },

  footprint: () => ({ kind: 'point' }),
}
