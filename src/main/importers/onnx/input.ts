import { VebiError } from '../../../shared/errors.ts'
import type { Shape } from '../../../shared/graph.ts'
import type { OpenOptions } from '../importer.ts'
import type { FileGraph } from './file-graph.ts'
import { CHANNELS_FIRST } from './conversion.ts'
import type { OnnxNode } from './node.ts'

export interface Input {
  readonly name: string
  /** Images that the file's shapes count; one where it leaves them open. */
  readonly images: number
  /** Without the axis of the images, in the file's order. */
  readonly dimensions: readonly number[]
  /** Shape of the graph's input, channels last, and the graph axes in the file's memory order. */
  readonly shape: Shape
  readonly order: readonly number[]
  readonly warnings: readonly string[]
}

/** Reads shape and axis order of the graph's input. Throws VebiError where it is no image or no vector of units. */
export function inputOf(graph: FileGraph, options: OpenOptions): Input {
  const { name, dimensions } = graph.input
  const subject = `${graph.file}: the input "${name}"`
  if (dimensions === null) throw new VebiError('bad-model', `${subject} states no shape.`)
  const text = `[${dimensions.map((size) => (typeof size === 'number' ? size : '?')).join(', ')}]`
  if (dimensions.length < 2 || dimensions.length > 4) {
    throw new VebiError('unsupported', `${subject} has shape ${text}, where [images, channels, height, width] is expected.`)
  }
  const channelsLast = dimensions.length === 4 && hasChannelsLast(graph, dimensions)
  const spatial = channelsLast ? ([0, 1] as const) : ([dimensions.length - 3, dimensions.length - 2] as const)
  const sizes = sized(subject, text, dimensions.slice(1), spatial, options)
  // A size of 0 or a name leaves the number of images open.
  const images = typeof dimensions[0] === 'number' && dimensions[0] > 0 ? dimensions[0] : 1
  if (images > LARGEST_BATCH) throw new VebiError('bad-model', `${subject} has shape ${text}, which is too large.`)
  const base = { name, images, dimensions: sizes }
  if (sizes.length === 1) return { ...base, shape: sizes, order: [0], warnings: [] }
  if (sizes.length === 2) {
    const grey = `The input "${name}" of shape ${text} is taken as a grey image, [${[...sizes, 1].join(', ')}].`
    return { ...base, shape: [...sizes, 1], order: [0, 1, 2], warnings: [grey] }
  }
  if (channelsLast) return { ...base, shape: sizes, order: [0, 1, 2], warnings: [] }
  const [channels, height, width] = sizes as [number, number, number]
  return { ...base, shape: [height, width, channels], order: CHANNELS_FIRST, warnings: [] }
}

const LARGEST_SIDE = 2 ** 16
const LARGEST_BATCH = 2 ** 16

/** Fills height and width that are left open, from the options; `spatial` are their positions. */
function sized(
  subject: string,
  text: string,
  stated: readonly (number | string | null)[],
  spatial: readonly [number, number],
  { inputSize }: OpenOptions,
): number[] {
  const sizes: (number | null)[] = stated.map((size) => (typeof size === 'number' && size !== 0 && size !== -1 ? size : null))
  if (inputSize && stated.length >= 2) {
    for (const [position, wanted] of [inputSize.height, inputSize.width].entries()) {
      const axis = spatial[position]
      if (sizes[axis] !== null && sizes[axis] !== wanted) {
        const size = `${inputSize.height}x${inputSize.width}`
        throw new VebiError('bad-argument', `${subject} is ${text}, so it cannot be opened with the size ${size}.`)
      }
      sizes[axis] = wanted
    }
  }
  if (sizes.some((size) => size === null)) {
    const onlySpatial = sizes.every((size, axis) => size !== null || spatial.includes(axis))
    const advice = !inputSize && sizes.length > 1 && onlySpatial ? '; state the height and width to open it with' : ''
    throw new VebiError('unsupported', `${subject} leaves its size open: ${text}${advice}.`)
  }
  if (!sizes.every((size) => Number.isInteger(size) && size! > 0 && size! <= LARGEST_SIDE)) {
    throw new VebiError('bad-model', `${subject} has shape ${text}, whose sizes must lie between 1 and ${LARGEST_SIDE}.`)
  }
  return sizes as number[]
}

/** Operators that keep the axes as they are, so that the first one that does not says what they mean. */
const PASSING: ReadonlySet<string> = new Set([
  'Identity', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Clip', 'Relu', 'LeakyRelu', 'Pad', 'Dropout', 'Transpose',
])
/** Operators whose axes are [images, channels, height, width] by definition. */
const CHANNELS_FIRST_BY_DEFINITION: ReadonlySet<string> = new Set([
  'Conv', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'BatchNormalization', 'LRN', 'PRelu',
])
const COLOURS: readonly unknown[] = [1, 3, 4]

/**
 * Whether the last axis of the input holds the channels: told by the first operator behind it that defines its axes,
 * traced through transpositions; where there is none, by the sizes.
 */
function hasChannelsLast(graph: FileGraph, dimensions: readonly unknown[]): boolean {
  const followers = new Map<string, OnnxNode[]>()
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs)) {
      if (!followers.has(name)) followers.set(name, [])
      followers.get(name)!.push(node)
    }
  }
  const pending: { name: string; axes: readonly number[] }[] = [{ name: graph.input.name, axes: [0, 1, 2, 3] }]
  const seen = new Set<string>()
  for (let next = pending.shift(); next; next = pending.shift()) {
    if (seen.has(next.name)) continue
    seen.add(next.name)
    for (const node of followers.get(next.name) ?? []) {
      if (CHANNELS_FIRST_BY_DEFINITION.has(node.operator) && node.inputs[0] === next.name) return next.axes[1] === 3
      if (!PASSING.has(node.operator)) continue
      pending.push({ name: node.outputs[0], axes: movedAxes(node, next.axes) })
    }
  }
  return COLOURS.includes(dimensions[3]) && !COLOURS.includes(dimensions[1])
}

function movedAxes(node: OnnxNode, axes: readonly number[]): readonly number[] {
  if (node.operator !== 'Transpose') return axes
  return (node.integers('perm') ?? [3, 2, 1, 0]).map((axis) => axes[axis])
}
