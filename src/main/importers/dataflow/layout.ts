import type { Shape } from '../../../shared/graph.ts'

/**
 * How a value of the file stands in the graph. The file's arrays are row-major over `dimensions` (without the axis of
 * the images), channels first as a rule; the graph's are channels last. A layout says that the file's array is the
 * graph's, its axes taken in `order`, reshaped to `dimensions`: transposing and reshaping in the file then change the
 * layout alone, and nodes are added only where an operator needs its input in another form.
 */
export interface Layout {
  readonly dimensions: readonly number[]
  /** `order[i]` is the graph's axis that comes i-th, slowest first, in the file's memory. */
  readonly order: readonly number[]
}

/** Row-major steps from one shape of the graph to another. */
export type Step =
  | { readonly kind: 'reshape'; readonly shape: Shape }
  | { readonly kind: 'permute'; readonly order: readonly number[] }

/** One axis, or a part of one, in the file's memory order. */
export interface Factor {
  readonly size: number
  readonly graphAxis: number
  /** Axis of `dimensions`. */
  readonly fileAxis: number
}

/** Sizes that divide both lists of sizes of the same product into common parts, without ones; null if none do. */
export function commonRefinement(left: readonly number[], right: readonly number[]): number[] | null {
  const parts: number[] = []
  let i = left.length - 1
  let j = right.length - 1
  let a = left[i] ?? 1
  let b = right[j] ?? 1
  while (i >= 0 || j >= 0) {
    if (a === 1 && i >= 0) a = left[--i] ?? 1
    else if (b === 1 && j >= 0) b = right[--j] ?? 1
    else {
      const part = Math.min(a, b)
      if (part === 1 || Math.max(a, b) % part !== 0) return null
      parts.unshift(part)
      a /= part
      b /= part
    }
  }
  return parts
}

/**
 * The steps that bring a graph array of `shape`, whose axes stand in the file's memory in `order`, into the form of
 * `sizes` (in the file's memory order), the i-th of which becomes graph axis `targetOrder[i]`.
 */
export function arrangement(
  shape: Shape,
  order: readonly number[],
  sizes: readonly number[],
  targetOrder: readonly number[],
): Step[] {
  const target = inGraphOrder(sizes, targetOrder)
  const source = order.map((axis) => shape[axis])
  const parts = commonRefinement(source, sizes)
  if (parts) {
    const from = memoryOrder(parts, source, order)
    const to = memoryOrder(parts, sizes, targetOrder)
    if (from.every((part, at) => part === to[at])) return reshapeTo(shape, target)
    if (equal(source, sizes)) return [{ kind: 'permute', order: permutation(order, targetOrder) }]
    const fromShape = from.map((part) => parts[part])
    const moved = to.map((part) => from.indexOf(part))
    return [
      ...reshapeTo(shape, fromShape),
      { kind: 'permute', order: moved },
      ...reshapeTo(moved.map((axis) => fromShape[axis]), target),
    ]
  }
  // Sizes like 2 x 3 and 3 x 2 have no common parts: by way of the file's own order.
  const identity = sizes.map((_, axis) => axis)
  return [
    ...permuteBy(order),
    ...reshapeTo(source, sizes),
    ...permuteBy(permutation(identity, targetOrder)),
  ]
}

/**
 * The parts of the graph's axes in the file's memory order such that each lies in one axis of `dimensions`; null where
 * that takes another arrangement. A graph axis that spans several axes of the file has several factors. Axes of size 1
 * are left out.
 */
export function factorsOf(shape: Shape, { dimensions, order }: Layout): Factor[] | null {
  const source = order.map((axis) => shape[axis])
  const parts = commonRefinement(source, dimensions)
  if (!parts) return null
  const places = owners(parts, source)
  const axes = owners(parts, dimensions)
  return parts.map((size, part) => ({ size, graphAxis: order[places[part]], fileAxis: axes[part] }))
}

/** Index in the file's memory of each index of the graph's. */
export function fileIndexes(shape: Shape, order: readonly number[]): Int32Array {
  const strides: number[] = shape.map(() => 0)
  let stride = 1
  for (const axis of order.toReversed()) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  const indexes = new Int32Array(stride)
  const at: number[] = shape.map(() => 0)
  for (let index = 0, place = 0; index < indexes.length; index++) {
    indexes[index] = place
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis]
      if (++at[axis] < shape[axis]) break
      place -= strides[axis] * shape[axis]
      at[axis] = 0
    }
  }
  return indexes
}

/** For each part the position of the size that it belongs to. */
function owners(parts: readonly number[], sizes: readonly number[]): number[] {
  const found: number[] = []
  let position = 0
  let left = sizes[0] ?? 1
  for (const part of parts) {
    while (left === 1) left = sizes[++position]
    found.push(position)
    left /= part
  }
  return found
}

/** The parts, by number, as they follow each other in the graph's memory. */
function memoryOrder(parts: readonly number[], sizes: readonly number[], order: readonly number[]): number[] {
  const axes = owners(parts, sizes).map((position) => order[position])
  return parts.map((_, part) => part).sort((a, b) => axes[a] - axes[b] || a - b)
}

function inGraphOrder(sizes: readonly number[], order: readonly number[]): number[] {
  const shape: number[] = []
  order.forEach((axis, position) => (shape[axis] = sizes[position]))
  return shape
}

/** The permutation of graph axes that takes axes standing in `from` to `to`. */
function permutation(from: readonly number[], to: readonly number[]): number[] {
  const axes: number[] = []
  to.forEach((axis, position) => (axes[axis] = from[position]))
  return axes
}

function permuteBy(order: readonly number[]): Step[] {
  return order.every((axis, position) => axis === position) ? [] : [{ kind: 'permute', order }]
}

function reshapeTo(from: Shape, to: Shape): Step[] {
  return equal(from, to) ? [] : [{ kind: 'reshape', shape: to }]
}

function equal(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, at) => size === right[at])
}
