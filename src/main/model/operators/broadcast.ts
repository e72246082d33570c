import * as tf from '@tensorflow/tfjs-core'
import type { Shape } from '../../../shared/graph.ts'
import type { Named } from './shapes.ts'
import { misfit, shapeText } from './shapes.ts'

/** Shape of an element-wise operation (axes aligned at the end, length 1 stretches), or undefined. */
export function broadcastShape(left: Shape, right: Shape): Shape | undefined {
  const rank = Math.max(left.length, right.length)
  const joined: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const a = left[left.length - rank + axis] ?? 1
    const b = right[right.length - rank + axis] ?? 1
    if (a !== b && a !== 1 && b !== 1) return undefined
    joined.push(a === 1 ? b : a)
  }
  return joined
}

/**
 * Output shape of add and multiply: shapes are equal, or axes of length 1 stretch (squeeze-and-excitation).
 * All inputs have the same rank, because the leading batch axis must stay aligned.
 */
export function elementwiseShape(node: Named, inputs: readonly Shape[]): Shape {
  if (inputs.length < 2) throw misfit(node, `needs two inputs or more, but ${inputs.length} are connected.`)
  const joined = inputs.reduce<Shape | undefined>(
    (shape, next) => (shape && shape.length === next.length ? broadcastShape(shape, next) : undefined),
    inputs[0],
  )
  if (!joined) throw misfit(node, `inputs of shapes ${inputs.map(shapeText).join(' and ')} do not fit together.`)
  return joined
}

/** Sums `signal` over the axes along which `shape` (batch axis included) was stretched. Always a new tensor. */
export function sumToShape(signal: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const stretched = shape.flatMap((size, axis) => (size === 1 && signal.shape[axis] !== 1 ? [axis] : []))
  return stretched.length === 0 ? tf.clone(signal) : tf.sum(signal, stretched, true)
}
