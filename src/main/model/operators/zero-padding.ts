import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { expectPadding, mapInput } from './shapes.ts'
import { crop, pad, paddedSize, slidingFootprint } from './windows.ts'

/** Zeros around the map; backwards they are cut off again. */
export const zeroPadding: Operator<'zeroPadding'> = {
  outputShape(node, inputs) {
    const [height, width, channels] = mapInput(node, inputs)
    expectPadding(node, node.spec.padding)
    return [...paddedSize([height, width], node.spec.padding), channels]
  },
  forward: (node, inputs) => tf.clone(pad(inputs[0] as tf.Tensor4D, node.spec.padding)),
  backward: (node, { upstream }) => [tf.clone(crop(upstream as tf.Tensor4D, node.spec.padding))],
  footprint: (node) =>
    slidingFootprint({ size: [1, 1], strides: [1, 1], dilation: [1, 1], padding: node.spec.padding }),
}
