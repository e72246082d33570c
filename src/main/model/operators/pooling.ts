import * as tf from '@tensorflow/tfjs-core'
import type { NodeOf, Pair } from '../../../shared/graph.ts'
import type { SlidingWindow } from './windows.ts'
import { pad } from './windows.ts'

export function poolWindow(node: Pick<NodeOf<'maxPool' | 'averagePool'>, 'spec'>): SlidingWindow {
  const { size, strides, padding } = node.spec
  return { size, strides, padding, dilation: [1, 1] }
}

/**
 * Carries `upstream` `[images, outHeight, outWidth, channels]` to the position of each window's maximum in `maps`
 * `[images, height, width, channels]` (already padded); where several are equal, the first one in scan order (row by
 * row). Windows that overlap add up.
 *
 * Composed of elementary operations, so that every engine keeps this order: the kernel of tfjs-backend-wasm 4.22 loses
 * windows without a positive value and does not take the first of equal maxima.
 */
export function toMaximum(maps: tf.Tensor4D, upstream: tf.Tensor4D, size: Pair, strides: Pair): tf.Tensor4D {
  const [images, height, width, channels] = maps.shape
  const [, outHeight, outWidth] = upstream.shape
  const maxima = tf.maxPool(maps, [...size], [...strides], 'valid')
  // Pixels of one phase (row and column modulo the strides) form a map on the grid of the windows, in which a tap is
  // a plain slice; the phases are interleaved again at the end.
  const gridHeight = Math.ceil(height / strides[0])
  const gridWidth = Math.ceil(width / strides[1])
  const phases = splitPhases(maps, gridHeight, gridWidth, strides)
  const signals: (tf.Tensor4D | undefined)[] = phases.map(() => undefined)
  let open: tf.Tensor | undefined
  for (let row = 0; row < size[0]; row++) {
    for (let column = 0; column < size[1]; column++) {
      const phase = (row % strides[0]) * strides[1] + (column % strides[1])
      const top = Math.floor(row / strides[0])
      const left = Math.floor(column / strides[1])
      const values = tf.slice4d(phases[phase], [0, top, left, 0], [images, outHeight, outWidth, channels])
      const isMaximum = tf.cast(tf.equal(values, maxima), 'float32')
      const wins: tf.Tensor = open ? tf.mul(isMaximum, open) : isMaximum
      open = open ? tf.sub(open, wins) : tf.sub(1, wins)
      const placed = tf.pad4d(tf.mul<tf.Tensor4D>(upstream, wins), [
        [0, 0],
        [top, gridHeight - outHeight - top],
        [left, gridWidth - outWidth - left],
        [0, 0],
      ])
      const sum = signals[phase]
      signals[phase] = sum ? tf.add(sum, placed) : placed
    }
  }
  const complete = signals.map((signal) => signal ?? tf.zeros<tf.Rank.R4>([images, gridHeight, gridWidth, channels]))
  return tf.slice4d(joinPhases(complete, strides), [0, 0, 0, 0], [images, height, width, channels])
}

/** `strides[0] * strides[1]` maps `[images, gridHeight, gridWidth, channels]`, row phase first. */
function splitPhases(maps: tf.Tensor4D, gridHeight: number, gridWidth: number, strides: Pair): tf.Tensor4D[] {
  if (strides[0] === 1 && strides[1] === 1) return [maps]
  const [images, height, width, channels] = maps.shape
  const bottom = gridHeight * strides[0] - height
  const right = gridWidth * strides[1] - width
  const filled = pad(maps, { top: 0, bottom, left: 0, right })
  const lines = tf.reshape(filled, [images * gridHeight, strides[0] * gridWidth * strides[1] * channels])
  return tf
    .split(lines, strides[0], 1)
    .flatMap((row) => {
      return tf.split(tf.reshape(row, [images * gridHeight * gridWidth, strides[1] * channels]), strides[1], 1)
    })
    .map((phase) => tf.reshape(phase, [images, gridHeight, gridWidth, channels]))
}

/** The inverse of `splitPhases`, `[images, gridHeight * strides[0], gridWidth * strides[1], channels]`. */
function joinPhases(phases: readonly tf.Tensor4D[], strides: Pair): tf.Tensor4D {
  const [images, gridHeight, gridWidth, channels] = phases[0].shape
  const rows = Array.from({ length: strides[0] }, (_, row) => {
    const columns = phases.slice(row * strides[1], (row + 1) * strides[1])
    const joined = tf.concat(columns.map((phase) => tf.reshape(phase, [images * gridHeight * gridWidth, channels])), 1)
    return tf.reshape(joined, [images * gridHeight, gridWidth * strides[1] * channels])
  })
  return tf.reshape(tf.concat(rows, 1), [images, gridHeight * strides[0], gridWidth * strides[1], channels])
}

/** Spreads `upstream` evenly over windows in `maps` (already padded; only its shape is read). Overlaps add up. */
export function toAllEvenly(maps: tf.Tensor4D, upstream: tf.Tensor4D, size: Pair, strides: Pair): tf.Tensor4D {
  return tf.engine().runKernel<tf.Tensor4D>(
    tf.AvgPoolGrad,
    { dy: upstream, input: maps },
    { filterSize: [...size], strides: [...strides], pad: 'valid' },
  )
}
