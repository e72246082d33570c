import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { mapInput } from './shapes.ts'

/** Mean of each channel over the map; backwards spread evenly. */
export const globalAveragePool: Operator<'globalAveragePool'> = {
  outputShape(node, inputs) {
    const channels = mapInput(node, inputs)[2]
    return node.spec.keepAxes ? [1, 1, channels] : [channels]
  },
  forward: (node, inputs) => tf.mean(inputs[0], [1, 2], node.spec.keepAxes),
  backward(_node, { inputs, upstream }) {
    const [images, height, width, channels] = (inputs[0] as tf.Tensor4D).shape
    const share = tf.div(tf.reshape(upstream, [images, 1, 1, channels]), height * width)
    // A product, because tf.tile is some hundred times slower on WASM.
    return [tf.mul(share, tf.ones([1, height, width, 1]))]
  },
  footprint: () => ({ kind: 'everything' }),
}
