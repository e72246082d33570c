import * as tf from '@tensorflow/tfjs-core'
import type { Pair } from '../../../shared/graph.ts'
import type { Operator } from '../operator.ts'
import { poolWindow, toAllEvenly } from './pooling.ts'
import { mapInput, misfit } from './shapes.ts'
import type { SlidingWindow } from './windows.ts'
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

/** Average-pooling; backwards spread evenly over the pixels that were counted. */
export const averagePool: Operator<'averagePool'> = {
  outputShape(node, inputs) {
    const [height, width, channels] = mapInput(node, inputs)
    const window = poolWindow(node)
    const output = slidingOutput(node, window, height, width)
    const { top, bottom, left, right } = window.padding
    if (
      !node.spec.countPadding &&
      (Math.max(top, bottom) >= window.size[0] || Math.max(left, right) >= window.size[1])
    ) {
      throw misfit(node, `padding of ${Math.max(top, bottom, left, right)} leaves pooling windows without any pixel.`)
    }
    return [...output, channels]
  },

  forward(node, inputs) {
    const maps = inputs[0] as tf.Tensor4D
    const { size, strides, padding, countPadding } = node.spec
    const window = poolWindow(node)
    const named = namedPadding(window, maps.shape[1], maps.shape[2])
    if (named === 'valid' || (named === 'same' && !countPadding)) {
      return tf.avgPool(maps, [...size], [...strides], named)
    }
    const average = tf.avgPool(pad(maps, padding), [...size], [...strides], 'valid')
    return countPadding ? average : tf.mul(average, paddingShare(window, [maps.shape[1], maps.shape[2]]))
  },

  backward(node, { inputs, upstream, strideCorrection }) {
    const { size, padding, countPadding } = node.spec
    const maps = inputs[0] as tf.Tensor4D
    const inputSize: Pair = [maps.shape[1], maps.shape[2]]
    let window = poolWindow(node)
    let signal = upstream as tf.Tensor4D
    if (correctsStride('pooling', strideCorrection)) {
      signal = resampleToUnitStride(signal, window, inputSize)
      window = withUnitStride(window)
    }
    if (!countPadding) signal = tf.mul(signal, paddingShare(window, inputSize))
    return [crop(toAllEvenly(pad(maps, padding), signal, size, window.strides), padding)]
  },

  footprint: (node) => slidingFootprint(poolWindow(node)),
}

/** Window size over the number of real pixels in each window, `[1, outHeight, outWidth, 1]`. */
function paddingShare(window: SlidingWindow, inputSize: Pair): tf.Tensor4D {
  const { top, bottom, left, right } = window.padding
  const rows = sharesAlong(window.size[0], window.strides[0], top, bottom, inputSize[0])
  const columns = sharesAlong(window.size[1], window.strides[1], left, right, inputSize[1])
  const shares = rows.flatMap((row) => columns.map((column) => row * column))
  return tf.tensor4d(shares, [1, rows.length, columns.length, 1])
}

function sharesAlong(size: number, stride: number, before: number, after: number, length: number): number[] {
  const count = Math.floor((length + before + after - size) / stride) + 1
  return Array.from({ length: count }, (_, index) => {
    const start = index * stride - before
    return size / (Math.min(start + size, length) - Math.max(start, 0))
  })
}
