import { VebiError } from '../../../shared/errors.ts'
import type { Shape } from '../../../shared/graph.ts'
import type { OpenOptions } from '../importer.ts'
import { CHANNELS_FIRST, CHANNELS_LAST, type MapAxes } from './conversion.ts'
import { followersOf, type DataflowGraph } from './graph.ts'
import type { FileNode } from './node.ts'

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

/** An input as a file states it: open sizes are names or null. */
export interface StatedInput {
  readonly name: string
  readonly dimensions: readonly (number | string | null)[]
}

/**
 * Shape and axis order of the graph's input. Throws VebiError where it is no image or no vector of units.
 *
 * @param axes the order of the axes of a map.
 */
export function readInput(
  file: string,
  { name, dimensions }: StatedInput,
  axes: MapAxes,
  options: OpenOptions,
): Input {
  const subject = `${file}: the input "${name}"`
  const text = `[${dimensions.map((size) => (typeof size === 'number' ? size : '?')).join(', ')}]`
  if (dimensions.length < 2 || dimensions.length > 4) {
    throw new VebiError('unsupported', `${subject} has shape ${text}, where [images, ${axes.text}] is expected.`)
  }
  const channelsLast = dimensions.length === 4 && axes === CHANNELS_LAST
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
  if (channelsLast) return { ...base, shape: sizes, order: axes.order, warnings: [] }
  const [channels, height, width] = sizes as [number, number, number]
  return { ...base, shape: [height, width, channels], order: CHANNELS_FIRST.order, warnings: [] }
}

/** What tells the order of the axes behind an input. */
export interface AxisClues<Node extends FileNode> {
  /** The order in which an operator takes a map by definition; undefined where it takes any. */
  definedBy(node: Node): MapAxes | undefined
  /** Whether a node keeps the axes as they are, apart from `permutation`. */
  passes(node: Node): boolean
  /** The order in which a node takes its input's axes; undefined where it keeps them. */
  permutation(node: Node): readonly number[] | undefined
}

/**
 * The order of the axes of an input of four: told by the first operator behind it that defines its axes, traced through
 * transpositions; undefined where there is none.
 */
export function tracedAxes<Node extends FileNode>(
  graph: DataflowGraph<Node>,
  input: string,
  clues: AxisClues<Node>,
): MapAxes | undefined {
  const followers = followersOf(graph.nodes, (node) => node.inputs)
  const pending: { name: string; axes: readonly number[] }[] = [{ name: input, axes: [0, 1, 2, 3] }]
  const seen = new Set<string>()
  for (let next = pending.shift(); next; next = pending.shift()) {
    if (seen.has(next.name)) continue
    seen.add(next.name)
    for (const node of followers.get(next.name) ?? []) {
      const defined = node.inputs[0] === next.name ? clues.definedBy(node) : undefined
      if (defined) return next.axes[defined === CHANNELS_FIRST ? 1 : 3] === 3 ? CHANNELS_LAST : CHANNELS_FIRST
      if (!clues.passes(node)) continue
      const { axes } = next
      pending.push({ name: node.outputs[0], axes: clues.permutation(node)?.map((axis) => axes[axis]) ?? axes })
    }
  }
  return undefined
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
