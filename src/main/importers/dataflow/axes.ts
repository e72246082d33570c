import type { FileNode } from './node.ts'
import { product } from './tensor.ts'

/** An axis counted from the end where it is negative. */
export function axisOf(node: FileNode, axis: number, rank: number): number {
  const position = axis < 0 ? axis + rank : axis
  if (Number.isInteger(position) && position >= 0 && position < rank) return position
  throw node.setting('axis', axis, `one of ${rank} axes`)
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

/**
 * The dimensions without the axes `given`, each of which must have length 1; without any given all such axes go, but
 * for the first `kept`.
 */
export function squeezed(
  node: FileNode,
  dimensions: readonly number[],
  given: readonly number[],
  kept = 0,
): number[] {
  const axes = new Set(given.map((axis) => axisOf(node, axis, dimensions.length)))
  for (const axis of axes) {
    if (dimensions[axis] !== 1) throw node.bad(`which drops axis ${axis}, whose size is ${dimensions[axis]}`)
  }
  return dimensions.filter((size, axis) => (given.length > 0 ? !axes.has(axis) : size !== 1 || axis < kept))
}

/** The dimensions with an axis of length 1 in each of the places `axes`. */
export function unsqueezed(node: FileNode, dimensions: readonly number[], axes: readonly number[]): number[] {
  const rank = dimensions.length + axes.length
  const added = new Set(axes.map((axis) => axisOf(node, axis, rank)))
  if (added.size < axes.length) throw node.setting('axes', axes, 'a list of different axes')
  const rest = [...dimensions]
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!))
}
