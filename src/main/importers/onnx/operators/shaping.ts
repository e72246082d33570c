import { axesOf, axisOf, reshaped } from '../axes.ts'
import type { Conversion, Value } from '../conversion.ts'
import { factorsOf } from '../layout.ts'
import type { OnnxNode } from '../node.ts'
import type { Converter, Converters } from './converter.ts'

const identity: Converter = (conversion, node) => conversion.finish(node, conversion.input(node))

/** Between floating-point types; the graph computes in float32. */
const cast: Converter = (conversion, node) => {
  const type = node.integer('to', 1)
  if (![1, 10, 11, 16].includes(type)) throw node.unsupported('of an image or an output to whole numbers')
  if (type !== 1) conversion.warnings.push('Layers of the model compute in another precision; here they compute in float32.')
  identity(conversion, node)
}

const dropout: Converter = (conversion, node) => {
  conversion.finish(node, conversion.unary(node, 'dropout', {}, conversion.input(node)))
}

const reshape: Converter = (conversion, node) => {
  const asked = node.version >= 5 ? [...conversion.neededWeight(node, 1, 'shape').data] : (node.integers('shape') ?? [])
  const input = conversion.input(node)
  regroup(conversion, node, input, reshaped(node, [conversion.images, ...input.dimensions], asked))
}

const flatten: Converter = (conversion, node) => {
  const input = conversion.input(node)
  const axis = node.integer('axis', 1)
  const rank = input.dimensions.length + 1
  const split = axis < 0 ? axis + rank : axis
  if (split !== 1) throw node.unsupported(`from axis ${axis} on; only axis 1, all of each image, is supported`)
  regroup(conversion, node, input, [conversion.images, input.dimensions.reduce((all, size) => all * size, 1)])
}

const squeeze: Converter = (conversion, node) => {
  const input = conversion.input(node)
  const from = [conversion.images, ...input.dimensions]
  const given = axesOf(node, conversion.weight(node, 1, 'axes'))
  const axes = new Set(given.map((axis) => axisOf(node, axis, from.length)))
  for (const axis of axes) {
    if (from[axis] !== 1) throw node.bad(`which drops axis ${axis}, whose size is ${from[axis]}`)
  }
  // Without axes all of size 1 go; that of the images stays, which files with one image leave open.
  const goes = (size: number, axis: number): boolean => (given.length > 0 ? axes.has(axis) : size === 1 && axis > 0)
  if (goes(from[0], 0)) throw node.unsupported('which drops the axis of the images')
  regroup(conversion, node, input, from.filter((size, axis) => !goes(size, axis)))
}

const unsqueeze: Converter = (conversion, node) => {
  const input = conversion.input(node)
  const given = axesOf(node, conversion.weight(node, 1, 'axes'))
  const rank = input.dimensions.length + 1 + given.length
  const axes = new Set(given.map((axis) => axisOf(node, axis, rank)))
  if (axes.has(0)) throw node.unsupported('which puts an axis before that of the images')
  const rest = [conversion.images, ...input.dimensions]
  regroup(conversion, node, input, Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : rest.shift()!)))
}

/** Changes the layout alone, where every graph axis lies in one of the file's. */
const transpose: Converter = (conversion, node) => {
  const input = conversion.input(node)
  const rank = input.dimensions.length + 1
  const order = node.integers('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)
  if (order.length !== rank || [...order].sort((a, b) => a - b).some((axis, at) => axis !== at)) {
    throw node.setting('perm', order, `an order of the axes 0 to ${rank - 1}`)
  }
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

const pad: Converter = (conversion, node) => {
  const mode = node.text('mode', 'constant')
  if (mode !== 'constant') throw node.unsupported(`in the mode "${mode}"; only zeros are supported`)
  const value = node.version >= 11 ? (conversion.weight(node, 2, 'value')?.data[0] ?? 0) : node.float('value', 0)
  const input = conversion.input(node)
  const rank = input.dimensions.length + 1
  const amounts = node.version >= 11
    ? [...conversion.neededWeight(node, 1, 'padding').data]
    : (node.integers('pads') ?? [])
  const axesGiven = conversion.weight(node, 3, 'axes')
  const axes = axesGiven
    ? [...axesGiven.data].map((axis) => axisOf(node, axis, rank))
    : amounts.slice(rank).map((_, at) => at)
  if (amounts.length !== 2 * axes.length || !amounts.every((pixels) => Number.isInteger(pixels))) {
    throw node.setting('pads', amounts, `two whole numbers for each of ${axes.length} axes`)
  }
  const before = new Array<number>(rank).fill(0)
  const after = new Array<number>(rank).fill(0)
  axes.forEach((axis, position) => {
    before[axis] = amounts[position]
    after[axis] = amounts[axes.length + position]
  })
  const all = [...before, ...after]
  if (all.every((pixels) => pixels === 0)) {
    conversion.finish(node, input)
    return
  }
  if (value !== 0) throw node.unsupported(`with the value ${value}; only zeros are supported`)
  if (all.some((pixels) => pixels < 0)) throw node.unsupported('by less than nothing, which crops; cropping is not supported')
  const channelsLast = before[3] === 0 && after[3] === 0 && (before[1] > 0 || after[1] > 0)
  const [vertical, horizontal] = channelsLast ? [1, 2] : [2, 3]
  const elsewhere = all.some((pixels, at) => pixels > 0 && at % rank !== vertical && at % rank !== horizontal)
  if (rank !== 4 || elsewhere) throw node.unsupported('along other axes than height and width')
  const map = channelsLast
    ? conversion.arrange(node, input, input.dimensions, [0, 1, 2], input.dimensions)
    : conversion.map(node, input)
  const padding = {
    top: before[vertical], bottom: after[vertical], left: before[horizontal], right: after[horizontal],
  }
  const id = conversion.add(node, 'zeroPadding', { padding }, [map.node])
  const shape = conversion.builder.shapeOf(id)
  conversion.finish(node, { node: id, dimensions: map.order.map((axis) => shape[axis]), order: map.order })
}

/** Only to the shape that the value has: some exporters leave such nodes. */
const expand: Converter = (conversion, node) => {
  const input = conversion.input(node)
  const asked = [...conversion.neededWeight(node, 1, 'shape').data]
  const sizes = [conversion.images, ...input.dimensions]
  const missing = sizes.length - asked.length
  if (missing < 0 || asked.some((size, axis) => size !== 1 && size !== sizes[axis + missing])) {
    throw node.unsupported('which repeats values; that is not supported')
  }
  conversion.finish(node, input)
}

export const shapingConverters: Converters = {
  Identity: identity,
  Cast: cast,
  Dropout: dropout,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Pad: pad,
  Expand: expand,
}

/** The same values under other sizes, of which the first counts the images. */
function regroup(conversion: Conversion, node: OnnxNode, input: Value, sizes: readonly number[]): void {
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
function splitByFileAxis(conversion: Conversion, node: OnnxNode, input: Value): { value: Value; groups: number[][] } {
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
