import * as tf from '@tensorflow/tfjs-core'
import type { NodeOf, Padding } from '../../../shared/graph.ts'
import type { Operator } from '../operator.ts'
import { evenRepeats, transposedRepeated } from './repeated-signal.ts'
import { expectWeight, mapInput, misfit, shapeText } from './shapes.ts'
import type { SlidingWindow } from './windows.ts'
import {
  correctsStride,
  crop,
  dilateKernel,
  paddedSize,
  resampleToUnitStride,
  slidingFootprint,
  slidingOutput,
  unitStrideSize,
  withUnitStride,
} from './windows.ts'

/** Convolution; backwards the transposed convolution without bias (method section 4). */
export const conv2d: Operator<'conv2d'> = {
  outputShape(node, inputs) {
    const { kernel, bias, groups } = node.spec
    const [height, width, channels] = mapInput(node, inputs)
    if (kernel.shape.length !== 4) {
      throw misfit(node, `kernel needs four axes [height, width, in, out], but has shape ${shapeText(kernel.shape)}.`)
    }
    const [kernelHeight, kernelWidth, , outChannels] = kernel.shape as readonly [number, number, number, number]
    if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0 || outChannels % groups !== 0) {
      throw misfit(
        node,
        `${groups} groups do not divide input ${shapeText(inputs[0])} and kernel ${shapeText(kernel.shape)} evenly.`,
      )
    }
    const expected = [kernelHeight, kernelWidth, channels / groups, outChannels]
    expectWeight(node, 'kernel', kernel, expected, inputs[0])
    if (bias) expectWeight(node, 'bias', bias, [outChannels], inputs[0])
    return [...slidingOutput(node, windowOf(node), height, width), outChannels]
  },

  forward(node, inputs, weight) {
    const { strides, dilation, padding, groups, kernel, bias } = node.spec
    const convolve = (maps: tf.Tensor4D, filter: tf.Tensor4D) =>
      convolution(maps, filter, strides, padding, dilation)
    const output = byGroup(inputs[0] as tf.Tensor4D, weight(kernel) as tf.Tensor4D, groups, convolve)
    return bias ? tf.add(output, weight(bias)) : output
  },

  backward(node, { inputs, upstream, strideCorrection, weight }) {
    const { padding, groups, kernel } = node.spec
    const [images, height, width, channels] = (inputs[0] as tf.Tensor4D).shape
    const size = [height, width] as const
    let window = windowOf(node)
    let signal = upstream as tf.Tensor4D
    let repeats = 1
    if (correctsStride('convolution', strideCorrection)) {
      repeats = evenRepeats([signal.shape[1], signal.shape[2]], unitStrideSize(window, size))
      if (repeats === 1) signal = resampleToUnitStride(signal, window, size)
      window = withUnitStride(window)
    }
    const padded = paddedSize(size, padding)
    const transpose = (part: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D => {
      const kernelInFull = dilateKernel(filter, window.dilation)
      if (repeats > 1) return transposedRepeated(part, kernelInFull, repeats)
      return window.strides[0] === 1 && window.strides[1] === 1
        ? transposedWithUnitStride(part, kernelInFull)
        : tf.conv2dTranspose(
            part,
            kernelInFull,
            [images, padded[0], padded[1], channels / groups],
            [...window.strides],
            'valid',
          )
    }
    return [crop(byGroup(signal, weight(kernel) as tf.Tensor4D, groups, transpose), padding)]
  },

  footprint: (node) => slidingFootprint(windowOf(node)),
}

function windowOf(node: Pick<NodeOf<'conv2d'>, 'spec'>): SlidingWindow {
  const { kernel, strides, padding, dilation } = node.spec
  return { size: [kernel.shape[0], kernel.shape[1]], strides, padding, dilation }
}

/**
 * The transposed convolution of stride 1 as a convolution with the kernel turned by 180 degrees: the same numbers. The
 * engines' own kernels for it are slower: on WASM by half, on native TensorFlow by up to three times for 3 x 3 taps.
 */
function transposedWithUnitStride(maps: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [height, width] = kernel.shape
  const turned: tf.Tensor4D = tf.transpose(tf.reverse4d(kernel, [0, 1]), [0, 1, 3, 2])
  const full = [[0, 0], [height - 1, height - 1], [width - 1, width - 1], [0, 0]] as [
    [number, number], [number, number], [number, number], [number, number],
  ]
  return tf.conv2d(maps, turned, 1, full)
}

/** Engines dilate natively with stride 1 only; a strided kernel is dilated before. */
function convolution(
  maps: tf.Tensor4D,
  kernel: tf.Tensor4D,
  strides: readonly [number, number],
  { top, bottom, left, right }: Padding,
  dilation: readonly [number, number],
): tf.Tensor4D {
  const strided = strides[0] > 1 || strides[1] > 1
  return tf.conv2d(
    maps,
    strided ? dilateKernel(kernel, dilation) : kernel,
    [...strides],
    [[0, 0], [top, bottom], [left, right], [0, 0]],
    'NHWC',
    strided ? 1 : [...dilation],
  )
}

/** Splits the channels of `maps` and the output channels of `kernel` into groups and joins the results. */
function byGroup(
  maps: tf.Tensor4D,
  kernel: tf.Tensor4D,
  groups: number,
  apply: (maps: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  if (groups === 1) return apply(maps, kernel)
  const kernels: tf.Tensor4D[] = tf.split<tf.Tensor4D>(kernel, groups, 3)
  const parts: tf.Tensor4D[] = tf.split<tf.Tensor4D>(maps, groups, 3)
  return tf.concat4d(parts.map((part, group) => apply(part, kernels[group])), 3)
}
