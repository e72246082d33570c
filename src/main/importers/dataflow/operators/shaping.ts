import { axisOf, axisOrder, squeezed, unsqueezed } from '../axes.ts'
import { CHANNELS_FIRST, CHANNELS_LAST, type Conversion, type Value } from '../conversion.ts'
import { factorsOf } from '../layout.ts'
import type { FileNode } from '../node.ts'
import type { NamedType, TypeTable } from '../type-table.ts'

export function pass(conversion: Conversion, node: FileNode): void {
  conversion.finish(node, conversion.input(node))
}

/** Between floating-point types, of which the graph computes in single precision; `type` as `types` numbers it. */
export function cast(conversion: Conversion, node: FileNode, types: TypeTable<NamedType>, type: number): void {
  if (types.castTarget(type) !== 'float') throw node.unsupported('of an image or an output to whole numbers')
  if (!types.isSinglePrecision(type)) {
    conversion.warnings.push('Layers of the model compute in another precision; here they compute in float32.')
  }
  pass(conversion, node)
}

/** Drops the axes `given` of the file, which must have length 1; without any all such axes but that of the images. */
export function squeeze(conversion: Conversion, node: FileNode, given: readonly number[]): void {
  const input = conversion.input(node)
  const from = [conversion.images, ...input.dimensions]
  // Where none are given that of the images stays, which files with one image leave open.
  const sizes = squeezed(node, from, given, 1)
  if (given.some((axis) => axisOf(node, axis, from.length) === 0)) {
    throw node.unsupported('which drops the axis of the images')
  }
  regroup(conversion, node, input, sizes)
}

/** Adds axes of length 1 in the places `given` of the result. */
export function unsqueeze(conversion: Conversion, node: FileNode, given: readonly number[]): void {
  const input = conversion.input(node)
  const from = [conversion.images, ...input.dimensions]
  const to = unsqueezed(node, from, given)
  if (given.some((axis) => axisOf(node, axis, to.length) === 0)) {
    throw node.unsupported('which puts an axis before that of the images')
  }
  regroup(conversion, node, input, to)
}

/** Changes the layout alone, where every graph axis lies in one of the file's. */
export function transpose(conversion: Conversion, node: FileNode, given: readonly number[]): void {
  const input = conversion.input(node)
  const rank = input.dimensions.length + 1
  const order = axisOrder(node, given, rank)
  if (order[0] !== 0) throw node.unsupported('which moves the axis of the images')
  const moves = order.slice(1).map((axis) => axis - 1)
  const { value, groups } = splitByFileAxis(conversion, node, input)
  conversion.finish(node, {
    node: value.node,
    dimensions: moves.map((axis) => value.dimensions[axis]),
    order: [...moves.flatMap((axis) => groups[axis]), ...groups[rank - 1]],
    moved: node.name,
  })
}

/** Zeros around height and width; `before` and `after` by the file's axes, that of the images among them. */
export function pad(
  conversion: Conversion,
  node: FileNode,
  before: readonly number[],
  after: readonly number[],
  value: number,
): void {
  const input = conversion.input(node)
  const rank = input.dimensions.length + 1
  const all = [...before, ...after]
  if (all.every((pixels) => pixels === 0)) {
    conversion.finish(node, input)
    return
  }
  if (value !== 0) throw node.unsupported(`with the value ${value}; only zeros are supported`)
  if (all.some((pixels) => pixels < 0)) throw node.unsupported('by less than nothing, which crops; cropping is not supported')
  const axes = before[3] === 0 && after[3] === 0 && (before[1] > 0 || after[1] > 0) ? CHANNELS_LAST : CHANNELS_FIRST
  const [vertical, horizontal] = axes === CHANNELS_LAST ? [1, 2] : [2, 3]
  const elsewhere = all.some((pixels, at) => pixels > 0 && at % rank !== vertical && at % rank !== horizontal)
  if (rank !== 4 || elsewhere) throw node.unsupported('along other axes than height and width')
  const map = conversion.map(node, input, axes)
  const padding = {
    top: before[vertical], bottom: after[vertical], left: before[horizontal], right: after[horizontal],
  }
  conversion.finishMap(node, conversion.add(node, 'zeroPadding', { padding }, [map.node]), axes)
}

/** Only to the shape that the value has: some exporters leave such nodes. */
export function expand(conversion: Conversion, node: FileNode, asked: readonly number[]): void {
  const input = conversion.input(node)
  const sizes = [conversion.images, ...input.dimensions]
  const missing = sizes.length - asked.length
  if (missing < 0 || asked.some((size, axis) => size !== 1 && size !== sizes[axis + missing])) {
    throw node.unsupported('which repeats values; that is not supported')
  }
  conversion.finish(node, input)
}

/** The same values under other sizes, of which the first counts the images. */
export function regroup(conversion: Conversion, node: FileNode, input: Value, sizes: readonly number[]): void {
  if (sizes[0] !== conversion.images) {
    throw node.unsupported(`which mixes the axis of the images with others (its result is [${sizes.join(', ')}])`)
  }
  const { moved: _, ...value } = input
  conversion.finish(node, { ...value, dimensions: sizes.slice(1), moved: node.name })
}

/**
 * The graph's axes, in the file's memory order, that make up each axis of the file; behind them those of size 1. A
 * graph axis that spans axes of the file is split by a reshape first.
 */
function splitByFileAxis(conversion: Conversion, node: FileNode, input: Value): { value: Value; groups: number[][] } {
  const shape = conversion.shapeOf(input)
  const factors = factorsOf(shape, input)
  if (!factors) return splitByFileAxis(conversion, node, conversion.inFileOrder(node, input))
  const rank = input.dimensions.length
  const direct = input.order.map((axis) => shape[axis])
  if (direct.length === rank && direct.every((size, axis) => size === input.dimensions[axis])) {
    return { value: input, groups: [...input.order.map((axis) => [axis]), []] }
  }
  const needsSplit = new Set(factors.map(({ graphAxis }) => graphAxis)).size < factors.length
  if (needsSplit) {
    const inMemory = factors
      .map(({ graphAxis }, at) => ({ graphAxis, at }))
      .sort((a, b) => a.graphAxis - b.graphAxis || a.at - b.at)
    const order = factors.map((_, at) => inMemory.findIndex((factor) => factor.at === at))
    const sizes = factors.map(({ size }) => size)
    const split = conversion.arrange(node, input, sizes, order, input.dimensions)
    return splitByFileAxis(conversion, node, split)
  }
  const groups: number[][] = Array.from({ length: rank + 1 }, () => [])
  for (const { graphAxis, fileAxis } of factors) groups[fileAxis].push(graphAxis)
  const used = new Set(factors.map(({ graphAxis }) => graphAxis))
  groups[rank] = shape.map((_, axis) => axis).filter((axis) => !used.has(axis))
  return { value: input, groups }
}
