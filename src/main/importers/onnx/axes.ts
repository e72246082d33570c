import type { OnnxNode } from './node.ts'
import { integerTensor, product, type Tensor } from './tensor.ts'

/** The dimensions that a Reshape asks for; 0 keeps a size and -1 takes what is left. */
export function reshaped(node: OnnxNode, from: readonly number[], asked: readonly number[]): number[] {
  const copies = node.integer('allowzero', 0) === 0
  const wanted = asked.map((size, axis) => (size === 0 && copies ? (from[axis] ?? 0) : size))
  const values = product(from)
  const known = product(wanted.filter((size) => size !== -1))
  const dimensions = wanted.map((size) => (size === -1 ? values / known : size))
  const open = wanted.filter((size) => size === -1).length
  if (open > 1 || product(dimensions) !== values || !dimensions.every((size) => Number.isInteger(size) && size >= 0)) {
    throw node.bad(`which cannot turn [${from.join(', ')}] into [${asked.join(', ')}]`)
  }
  return dimensions
}

/** An axis counted from the end where it is negative. */
export function axisOf(node: OnnxNode, axis: number, rank: number): number {
  const position = axis < 0 ? axis + rank : axis
  if (Number.isInteger(position) && position >= 0 && position < rank) return position
  throw node.setting('axis', axis, `an axis of ${rank}`)
}

/** Axes stand in an attribute in older operator sets, in an input in newer ones. */
export function axesOf(node: OnnxNode, input: Tensor | undefined): readonly number[] {
  return input ? [...input.data] : (node.integers('axes') ?? [])
}

/** The dimensions as a Shape node gives them, with its `start` and `end`. */
export function shapeTensor(node: OnnxNode, dimensions: readonly number[]): Tensor {
  return integerTensor(dimensions.slice(node.integer('start', 0), node.has('end') ? node.integer('end', 0) : undefined))
}
