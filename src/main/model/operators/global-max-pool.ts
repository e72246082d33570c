import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { mapInput } from './shapes.ts'

/** Maximum of each channel over the map; backwards to the first maximum in scan order. */
export const globalMaxPool: Operator<'globalMaxPool'> = {
  outputShape(node, inputs) {
    const channels = mapInput(node, inputs)[2]
    return node.spec.keepAxes ? [1, 1, channels] : [channels]
  },
  forward: (node, inputs) => tf.max(inputs[0], [1, 2], node.spec.keepAxes),
  backward(_node, { inputs, upstream }) {
    const maps = inputs[0] as tf.Tensor4D
    const [images, height, width, channels] = maps.shape
    const pixels = tf.reshape(maps, [images, height * width, channels])
    const isMaximum = tf.cast(tf.equal(pixels, tf.max(pixels, 1, true)), 'float32')
    const isFirst = tf.mul(isMaximum, tf.cast(tf.equal(tf.cumsum(isMaximum, 1), 1), 'float32'))
    return [tf.reshape(tf.mul(isFirst, tf.reshape(upstream, [images, 1, channels])), maps.shape)]
  },
  footprint: () => ({ kind: 'everything' }),
}
