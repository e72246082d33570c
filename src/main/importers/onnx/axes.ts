import { axisOf, reshaped } from '../dataflow/axes.ts'
import type { FoldInputs, Range } from '../dataflow/constant-arithmetic.ts'
import { integerTensor, type Tensor } from '../dataflow/tensor.ts'
import type { OnnxNode } from './node.ts'

/** The dimensions that a Reshape asks for; 0 keeps a size and -1 takes what is left. */
export function reshapedBy(node: OnnxNode, from: readonly number[], asked: readonly number[]): number[] {
  const copies = node.integer('allowzero', 0) === 0
  return reshaped(node, from, asked.map((size, axis) => (size === 0 && copies ? (from[axis] ?? 0) : size)))
}

/** Axes stand in an attribute in older operator sets, in an input in newer ones. */
export function axesOf(node: OnnxNode, input: Tensor | undefined): readonly number[] {
  return input ? [...input.data] : (node.integers('axes') ?? [])
}

/** The order of a Transpose; without one the axes are reversed. */
export function orderOf(node: OnnxNode, rank: number): readonly number[] {
  return node.integers('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)
}

/** The dimensions as a Shape node gives them, with its `start` and `end`. */
export function shapeTensor(node: OnnxNode, dimensions: readonly number[]): Tensor {
  return integerTensor(dimensions.slice(node.integer('start', 0), node.has('end') ? node.integer('end', 0) : undefined))
}

/**
 * The ranges of a Slice by axis, in attributes in older operator sets, in inputs in newer ones; `inputs` are the
 * constants among them.
 */
export function rangesOf(node: OnnxNode, rank: number, inputs: FoldInputs): Map<number, Range> {
  const listed = (position: number, attribute: string): readonly number[] | undefined =>
    inputs[position] ? [...inputs[position].data] : node.integers(attribute)
  const starts = listed(1, 'starts') ?? []
  const ends = listed(2, 'ends') ?? []
  const axes = listed(3, 'axes') ?? starts.map((_, axis) => axis)
  const steps = inputs[4] ? [...inputs[4].data] : starts.map(() => 1)
  return new Map(
    axes.map((axis, at) => [axisOf(node, axis, rank), { start: starts[at], end: ends[at], step: steps[at] }]),
  )
}
