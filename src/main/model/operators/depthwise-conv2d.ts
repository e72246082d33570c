import * as tf from '@tensorflow/tfjs-core'
import type { NodeOf, Pair } from '../../../shared/graph.ts'
import type { Operator } from '../operator.ts'
import { expectWeight, mapInput, misfit, shapeText } from './shapes.ts'
import type { SlidingWindow } from './windows.ts'
import {
  correctsStride,
  coveredSize,
  crop,
  dilateKernel,
  namedPadding,
  pad,
  paddedSize,
  resampleToUnitStride,
  slidingFootprint,
  slidingOutput,
  spread,
  withUnitStride,
} from './windows.ts'

/** One convolution per channel; output channel c * multiplier + m comes from input channel c. */
export const depthwiseConv2d: Operator<'depthwiseConv2d'> = {
  outputShape(node, inputs) {
    const { kernel, bias } = node.spec
    const [height, width, channels] = mapInput(node, inputs)
    if (kernel.shape.length !== 4) {
      throw misfit(
        node,
        `kernel needs four axes [height, width, channels, multiplier], but has shape ${shapeText(kernel.shape)}.`,
      )
    }
    const [kernelHeight, kernelWidth, , multiplier] = kernel.shape as readonly [number, number, number, number]
    expectWeight(node, 'kernel', kernel, [kernelHeight, kernelWidth, channels, multiplier], inputs[0])
    if (bias) expectWeight(node, 'bias', bias, [channels * multiplier], inputs[0])
    return [...slidingOutput(node, windowOf(node), height, width), channels * multiplier]
  },

  forward(node, inputs, weight) {
    const { kernel, bias } = node.spec
    const maps = inputs[0] as tf.Tensor4D
    const window = windowOf(node)
    const dense = dilateKernel(weight(kernel) as tf.Tensor4D, window.dilation)
    const named = namedPadding(window, maps.shape[1], maps.shape[2])
    const output =
      named && window.strides[0] === window.strides[1]
        ? tf.depthwiseConv2d(maps, dense, [...window.strides], named)
        : convolveValid(pad(maps, window.padding), dense, window.strides)
    return bias ? tf.add(output, weight(bias)) : output
  },

  backward(node, { inputs, upstream, strideCorrection, weight }) {
    const [images, height, width, channels] = (inputs[0] as tf.Tensor4D).shape
    const size = [height, width] as const
    let window = windowOf(node)
    let signal = upstream as tf.Tensor4D
    if (correctsStride('convolution', strideCorrection)) {
      signal = resampleToUnitStride(signal, window, size)
      window = withUnitStride(window)
    }
    const kernel = weight(node.spec.kernel) as tf.Tensor4D
    const [kernelHeight, kernelWidth, , multiplier] = kernel.shape
    const covered = coveredSize(window)
    const padded = paddedSize(size, window.padding)
    // The transposed operation as a forward one, which every engine has: zeros between the strides, a full border,
    // the kernel turned by half a turn, and the sum over the outputs of each channel.
    const apart = spread(spread(signal, 1, window.strides[0]), 2, window.strides[1])
    const reached = [0, 1].map((axis) => (signal.shape[axis + 1] - 1) * window.strides[axis] + 1)
    const bordered = tf.pad4d(
      tf.slice4d(apart, [0, 0, 0, 0], [images, reached[0], reached[1], signal.shape[3]]),
      [
        [0, 0],
        [covered[0] - 1, padded[0] - reached[0]],
        [covered[1] - 1, padded[1] - reached[1]],
        [0, 0],
      ],
    )
    const turned = tf.reshape(tf.reverse4d(kernel, [0, 1]), [kernelHeight, kernelWidth, channels * multiplier, 1])
    const separate = convolveValid(bordered, dilateKernel(turned as tf.Tensor4D, window.dilation), [1, 1])
    const joined =
      multiplier === 1
        ? separate
        : tf.sum(tf.reshape(separate, [images, padded[0], padded[1], channels, multiplier]), 4)
    return [crop(joined as tf.Tensor4D, window.padding)]
  },

  footprint: (node) => slidingFootprint(windowOf(node)),
}

function windowOf(node: Pick<NodeOf<'depthwiseConv2d'>, 'spec'>): SlidingWindow {
  const { kernel, strides, padding, dilation } = node.spec
  return { size: [kernel.shape[0], kernel.shape[1]], strides, padding, dilation }
}

/** TensorFlow's kernel takes equal strides only; others are picked from the result with stride 1. */
function convolveValid(maps: tf.Tensor4D, kernel: tf.Tensor4D, strides: Pair): tf.Tensor4D {
  if (strides[0] === strides[1]) return tf.depthwiseConv2d(maps, kernel, [...strides], 'valid')
  const every = tf.depthwiseConv2d(maps, kernel, 1, 'valid')
  return tf.stridedSlice(every, [0, 0, 0, 0], every.shape, [1, strides[0], strides[1], 1]) as tf.Tensor4D
}
