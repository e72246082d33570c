import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { poolWindow, toMaximum } from './pooling.ts'
import { mapInput, misfit } from './shapes.ts'
import {
  correctsStride,
  crop,
  namedPadding,
  pad,
  resampleToUnitStride,
  slidingFootprint,
  slidingOutput,
  withUnitStride,
} from './windows.ts'

/** Max-pooling; padding never wins. Backwards to the first maximum in scan order. */
export const maxPool: Operator<'maxPool'> = {
  outputShape(node, inputs) {
    const [height, width, channels] = mapInput(node, inputs)
    const window = poolWindow(node)
    const output = slidingOutput(node, window, height, width)
    const { top, bottom, left, right } = window.padding
    if (Math.max(top, bottom) >= window.size[0] || Math.max(left, right) >= window.size[1]) {
      throw misfit(node, `padding of ${Math.max(top, bottom, left, right)} leaves pooling windows without any pixel.`)
    }
    return [...output, channels]
  },

  forward(node, inputs) {
    const maps = inputs[0] as tf.Tensor4D
    const { size, strides, padding } = node.spec
    const named = namedPadding(poolWindow(node), maps.shape[1], maps.shape[2])
    if (named) return tf.maxPool(maps, [...size], [...strides], named)
    return tf.maxPool(pad(maps, padding, -Infinity), [...size], [...strides], 'valid')
  },

  // The maxima are pooled anew rather than read from the output, which an ablation may have replaced.
  backward(node, { inputs, upstream, strideCorrection }) {
    const maps = inputs[0] as tf.Tensor4D
    let window = poolWindow(node)
    let signal = upstream as tf.Tensor4D
    if (correctsStride('pooling', strideCorrection)) {
      signal = resampleToUnitStride(signal, window, [maps.shape[1], maps.shape[2]])
      window = withUnitStride(window)
    }
    const padded = pad(maps, window.padding, -Infinity)
    return [crop(toMaximum(padded, signal, window.size, window.strides), window.padding)]
  },

  footprint: (node) => slidingFootprint(poolWindow(node)),
}
