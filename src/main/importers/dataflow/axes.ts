import type { FileNode } from './node.ts'
import { product } from './tensor.ts'

/** An axis counted from the end where it is negative. */
export function axisOf(node: FileNode, axis: number, rank: number): number {
  const position = axis < 0 ? axis + rank : axis
  if (Number.isInteger(position) && position >= 0 && position < rank) return position
  throw node.setting('axis', axis, `an axis of ${rank}`)
}

/** The dimensions that a reshape asks for: -1 takes what is left. */
export function reshaped(node: FileNode, from: readonly number[], asked: readonly number[]): number[] {
  const values = product(from)
  const known = product(asked.filter((size) => size !== -1))
  const dimensions = asked.map((size) => (size === -1 ? values / known : size))
  const open = asked.filter((size) => size === -1).length
  if (open > 1 || product(dimensions) !== values || !dimensions.every((size) => Number.isInteger(size) && size >= 0)) {
    throw node.bad(`which cannot turn [${from.join(', ')}] into [${asked.join(', ')}]`)
  }
  return dimensions
}

/** The order of axes that a transposition states. */
export function axisOrder(node: FileNode, order: readonly number[], rank: number): readonly number[] {
  if (order.length === rank && [...order].sort((a, b) => a - b).every((axis, at) => axis === at)) return order
  throw node.setting('perm', order, `an order of the axes 0 to ${rank - 1}`)
}

/** The dimensions with an axis of length 1 in each of the places `axes`. */
export function unsqueezed(node: FileNode, dimensions: readonly number[], axes: readonly number[]): number[] {
  const rank = dimensions.length + axes.length
  const added = new Set(axes.map((axis) => axisOf(node, axis, rank)))
  const rest = [...dimensions]
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!))
}
