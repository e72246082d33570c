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
 */
export function toMaximum(maps: tf.Tensor4D, upstream: tf.Tensor4D, size: Pair, strides: Pair): tf.Tensor4D {
  if (strides[0] === 1 && strides[1] === 1) return toMaximumOfDense(maps, upstream, size)
  if (tf.getBackend().startsWith('tensorflow')) {
    return tf.engine().runKernel<tf.Tensor4D>(
      tf.MaxPoolGrad,
      { dy: upstream, input: maps, output: tf.maxPool(maps, [...size], [...strides], 'valid') },
      { filterSize: [...size], strides: [...strides], pad: 'valid' },
    )
  }
  return toMaximumOfStrided(maps, upstream, size, strides)
}

/**
 * Windows of stride 1: the signal goes to the first row that has the window's maximum, in it to the first column. With
 * two axes one after another that takes half the time of TensorFlow's own kernel.
 */
function toMaximumOfDense(maps: tf.Tensor4D, upstream: tf.Tensor4D, [rows, columns]: Pair): tf.Tensor4D {
  const horizontal = maximaAlong(maps, 2, columns)
  const vertical = maximaAlong(horizontal[0].ofRest, 1, rows)
  return toFirstAlong(horizontal, 2, toFirstAlong(vertical, 1, upstream))
}

/** One tap of all windows: its values, and the largest from it to the window's last tap. */
interface WindowTap {
  readonly values: tf.Tensor4D
  readonly ofRest: tf.Tensor4D
}

function maximaAlong(maps: tf.Tensor4D, axis: 1 | 2, size: number): WindowTap[] {
  const shape: [number, number, number, number] = [...maps.shape]
  shape[axis] -= size - 1
  const taps: WindowTap[] = []
  for (let tap = size - 1; tap >= 0; tap--) {
    const begin: [number, number, number, number] = [0, 0, 0, 0]
    begin[axis] = tap
    const values = tf.slice4d(maps, begin, shape)
    const later = taps[0]
    taps.unshift({ values, ofRest: later ? tf.maximum(values, later.ofRest) : values })
  }
  return taps
}

/** Along one axis, from windows to the values they look at. */
function toFirstAlong(taps: readonly WindowTap[], axis: 1 | 2, upstream: tf.Tensor4D): tf.Tensor4D {
  let rest = upstream
  let sum: tf.Tensor4D | undefined
  taps.forEach(({ values }, tap) => {
    const later = taps[tap + 1]
    const own = later ? tf.mul<tf.Tensor4D>(rest, tf.cast(tf.greaterEqual(values, later.ofRest), 'float32')) : rest
    if (later) rest = tf.sub(rest, own)
    const edges: [[number, number], [number, number], [number, number], [number, number]] = [
      [0, 0], [0, 0], [0, 0], [0, 0],
    ]
    edges[axis] = [tap, taps.length - 1 - tap]
    const placed = tf.pad4d(own, edges)
    sum = sum ? tf.add(sum, placed) : placed
  })
  return sum!
}

/**
 * Composed of elementary operations, so that every engine keeps the order: the kernel of tfjs-backend-wasm 4.22 loses
 * windows without a positive value and does not take the first of equal maxima.
 */
function toMaximumOfStrided(maps: tf.Tensor4D, upstream: tf.Tensor4D, size: Pair, strides: Pair): tf.Tensor4D {
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
