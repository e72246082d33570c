import * as tf from '@tensorflow/tfjs-core'
import type { Padding, Pair, StrideCorrection } from '../../../shared/graph.ts'
import type { Footprint } from '../operator.ts'
import type { Named } from './shapes.ts'
import { expectPadding, expectPositive, misfit, shapeText } from './shapes.ts'

/** A window that slides over `[height, width]`. `size` counts taps; a tap every `dilation` pixels. */
export interface SlidingWindow {
  readonly size: Pair
  readonly strides: Pair
  readonly padding: Padding
  readonly dilation: Pair
}

/** `[height, width]` that a window covers, dilation included. */
export function coveredSize(window: SlidingWindow): Pair {
  return [(window.size[0] - 1) * window.dilation[0] + 1, (window.size[1] - 1) * window.dilation[1] + 1]
}

/** `[height, width]` of the output; throws bad-model when the window does not fit into the padded input. */
export function slidingOutput(node: Named, window: SlidingWindow, height: number, width: number): Pair {
  expectPositive(node, 'kernel size', window.size)
  expectPositive(node, 'strides', window.strides)
  expectPositive(node, 'dilation', window.dilation)
  expectPadding(node, window.padding)
  const covered = coveredSize(window)
  const padded = paddedSize([height, width], window.padding)
  if (covered[0] > padded[0] || covered[1] > padded[1]) {
    throw misfit(
      node,
      `a window of ${covered[0]} x ${covered[1]} does not fit into input ${shapeText([height, width])} ` +
        `(${padded[0]} x ${padded[1]} with padding).`,
    )
  }
  return [
    Math.floor((padded[0] - covered[0]) / window.strides[0]) + 1,
    Math.floor((padded[1] - covered[1]) / window.strides[1]) + 1,
  ]
}

export function paddedSize(size: Pair, padding: Padding): Pair {
  return [size[0] + padding.top + padding.bottom, size[1] + padding.left + padding.right]
}

export function slidingFootprint(window: SlidingWindow): Footprint {
  const [vertical, horizontal] = [0, 1].map((axis) => ({
    kernel: window.size[axis],
    dilation: window.dilation[axis],
    stride: window.strides[axis],
    padding: axis === 0 ? window.padding.top : window.padding.left,
  }))
  return { kind: 'window', vertical: vertical, horizontal: horizontal }
}

/** TensorFlow's name for the padding where it has one, else undefined. */
export function namedPadding(window: SlidingWindow, height: number, width: number): 'valid' | 'same' | undefined {
  const { top, bottom, left, right } = window.padding
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return 'valid'
  const covered = coveredSize(window)
  const [vertical, horizontal] = [height, width].map((length, axis) => {
    const stride = window.strides[axis]
    const total = Math.max((Math.ceil(length / stride) - 1) * stride + covered[axis] - length, 0)
    return [Math.floor(total / 2), Math.ceil(total / 2)] as const
  })
  const isSame =
    top === vertical[0] && bottom === vertical[1] && left === horizontal[0] && right === horizontal[1]
  return isSame ? 'same' : undefined
}

/** Pads `[images, height, width, channels]`. */
export function pad(maps: tf.Tensor4D, padding: Padding, value = 0): tf.Tensor4D {
  const { top, bottom, left, right } = padding
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return maps
  return tf.pad4d(maps, [[0, 0], [top, bottom], [left, right], [0, 0]], value)
}

/** Takes the padding away again: the part of `[images, height, width, channels]` inside it. */
export function crop(maps: tf.Tensor4D, padding: Padding): tf.Tensor4D {
  const { top, bottom, left, right } = padding
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return maps
  const [images, height, width, channels] = maps.shape
  return tf.slice4d(maps, [0, top, left, 0], [images, height - top - bottom, width - left - right, channels])
}

/** The stride correction reaches convolutions under both options, pooling under `conv+pool` only. */
export function correctsStride(kind: 'convolution' | 'pooling', correction: StrideCorrection): boolean {
  return correction === 'conv+pool' || (correction === 'conv' && kind === 'convolution')
}

/**
 * The signal of a strided window as it would be with stride 1: in each axis whose stride exceeds 1, resampled by
 * nearest neighbour to A' = A + p0 + p1 - M + 1 rows (A input size, M covered size), row i taken from
 * floor(i * n / A'). (Stride correction: Oramas et al. 2019, section 3.3.)
 *
 * `upstream` is `[images, outHeight, outWidth, channels]`, `inputSize` is `[height, width]`.
 */
export function resampleToUnitStride(upstream: tf.Tensor4D, window: SlidingWindow, inputSize: Pair): tf.Tensor4D {
  const size = unitStrideSize(window, inputSize)
  let signal = upstream
  for (const axis of [0, 1] as const) {
    if (window.strides[axis] === 1) continue
    const source = upstream.shape[axis + 1]
    const target = size[axis]
    // Whole-number indices: a float32 scale, as image resizing uses, lands beside the right row now and then.
    const indices = Int32Array.from({ length: target }, (_, index) => Math.floor((index * source) / target))
    signal = tf.gather(signal, tf.tensor1d(indices, 'int32'), axis + 1)
  }
  return signal
}

/** `[height, width]` of the output that the window would have with stride 1. */
export function unitStrideSize(window: SlidingWindow, inputSize: Pair): Pair {
  const covered = coveredSize(window)
  const padded = paddedSize(inputSize, window.padding)
  return [padded[0] - covered[0] + 1, padded[1] - covered[1] + 1]
}

/** The same window with stride 1. */
export function withUnitStride(window: SlidingWindow): SlidingWindow {
  return { ...window, strides: [1, 1] }
}

/** Puts `step - 1` zeros after every entry of `axis`: n entries become n * step. */
export function spread(tensor: tf.Tensor4D, axis: 0 | 1 | 2, step: number): tf.Tensor4D {
  if (step === 1) return tensor
  const shape = tensor.shape
  const before = shape.slice(0, axis + 1).reduce((product, size) => product * size, 1)
  const after = shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  const apart = tf.pad3d(tf.reshape(tensor, [before, 1, after]), [[0, 0], [0, step - 1], [0, 0]])
  const spreadShape: [number, number, number, number] = [...shape]
  spreadShape[axis] *= step
  return tf.reshape(apart, spreadShape)
}

/** A kernel `[height, width, in, out]` with its taps moved apart, zeros between them. */
export function dilateKernel(kernel: tf.Tensor4D, dilation: Pair): tf.Tensor4D {
  if (dilation[0] === 1 && dilation[1] === 1) return kernel
  const [height, width, inChannels, outChannels] = kernel.shape
  const apart = spread(spread(kernel, 0, dilation[0]), 1, dilation[1])
  const covered: Pair = [(height - 1) * dilation[0] + 1, (width - 1) * dilation[1] + 1]
  return tf.slice4d(apart, [0, 0, 0, 0], [covered[0], covered[1], inChannels, outChannels])
}
