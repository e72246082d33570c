import { axisOf, axisOrder, reshaped, squeezed, unsqueezed } from '../dataflow/axes.ts'
import {
  arithmetic,
  castTo,
  concatenated,
  each,
  expanded,
  filled,
  gathered,
  needed,
  productOf,
  sliced,
  type Fold,
  type FoldInputs,
  type Range,
} from '../dataflow/constant-arithmetic.ts'
import { integerTensor, transposed, type Tensor } from '../dataflow/tensor.ts'
import type { TensorFlowNode } from './node.ts'
import { FLOAT, TENSORFLOW_TYPES } from './tensor.ts'

/** Arithmetic on constants that TensorFlow defines in its own way. */
export const TENSORFLOW_FOLDS: Readonly<Record<string, Fold<TensorFlowNode>>> = {
  Shape: (node, inputs) => integerTensor(needed(node, inputs, 0).dimensions),
  Rank: (node, inputs) => integerTensor([needed(node, inputs, 0).dimensions.length], []),
  Cast: (node, inputs) => castTo(node, inputs, TENSORFLOW_TYPES, node.type('DstT', FLOAT)),
  Rsqrt: (node, inputs) => each(node, inputs, (value) => 1 / Math.sqrt(value)),
  Square: (node, inputs) => each(node, inputs, (value) => value * value),
  Exp: (node, inputs) => each(node, inputs, Math.exp),
  FloorDiv: (node, inputs) => arithmetic(node, inputs, (a, b) => Math.floor(a / b)),
  Fill: (node, inputs) => {
    const value = needed(node, inputs, 1)
    return filled(node, [...needed(node, inputs, 0).data], value.data[0], value.kind)
  },
  BroadcastTo: (node, inputs) => expanded(node, needed(node, inputs, 0), [...needed(node, inputs, 1).data]),
  Pack(node, inputs) {
    const axis = node.integer('axis', 0)
    const parts = inputs.map((_, position) => needed(node, inputs, position))
    if (parts.length === 0) throw node.bad('which has no inputs')
    const place = axis < 0 ? axis + parts[0].dimensions.length + 1 : axis
    return concatenated(
      node,
      parts.map((part) => ({ ...part, dimensions: unsqueezed(node, part.dimensions, [place]) })),
      place,
    )
  },
  ConcatV2(node, inputs) {
    const axis = needed(node, inputs, inputs.length - 1).data[0]
    return concatenated(node, inputs.slice(0, -1).map((_, position) => needed(node, inputs, position)), axis)
  },
  GatherV2: (node, inputs) =>
    gathered(node, needed(node, inputs, 0), needed(node, inputs, 1), needed(node, inputs, 2).data[0]),
  Gather: (node, inputs) => gathered(node, needed(node, inputs, 0), needed(node, inputs, 1), 0),
  Slice(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const sizes = needed(node, inputs, 2).data
    const ranges = [...needed(node, inputs, 1).data].map((start, axis): [number, Range] => {
      const end = sizes[axis] === -1 ? tensor.dimensions[axis] : start + sizes[axis]
      return [axisOf(node, axis, tensor.dimensions.length), { start, end, step: 1 }]
    })
    return sliced(node, tensor, new Map(ranges))
  },
  StridedSlice: (node, inputs) => stridedSlice(node, inputs),
  ExpandDims(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return { ...tensor, dimensions: unsqueezed(node, tensor.dimensions, [...needed(node, inputs, 1).data]) }
  },
  Squeeze(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return { ...tensor, dimensions: squeezed(node, tensor.dimensions, squeezedAxes(node)) }
  },
  Reshape(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return { ...tensor, dimensions: reshaped(node, tensor.dimensions, [...needed(node, inputs, 1).data]) }
  },
  Transpose(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return transposed(tensor, axisOrder(node, [...needed(node, inputs, 1).data], tensor.dimensions.length))
  },
  Prod(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const axes = needed(node, inputs, 1).data
    if (axes.length !== tensor.dimensions.length) throw node.unsupported('over some axes of a constant')
    return productOf(node, tensor, node.truth('keep_dims', false))
  },
  Max: (node, inputs) => reduced(node, inputs, (values) => Math.max(...values)),
  Min: (node, inputs) => reduced(node, inputs, (values) => Math.min(...values)),
}

export function squeezedAxes(node: TensorFlowNode): readonly number[] {
  return node.integers('squeeze_dims')
}

/** The largest or smallest value of a short list. */
function reduced(node: TensorFlowNode, inputs: FoldInputs, of: (values: readonly number[]) => number): Tensor {
  const tensor = needed(node, inputs, 0)
  if (tensor.dimensions.length > 1 || tensor.data.length > 1024) throw node.unsupported('over several axes of a constant')
  return filled(node, node.truth('keep_dims', false) ? [1] : [], of([...tensor.data]), tensor.kind)
}

/** As written `tensor[begin:end:stride, ...]` in Python; masks have a bit for each part of that. */
function stridedSlice(node: TensorFlowNode, inputs: FoldInputs): Tensor {
  const tensor = needed(node, inputs, 0)
  const [begin, end, strides] = [1, 2, 3].map((position) => [...needed(node, inputs, position).data])
  const mask = (name: string, part: number): boolean => ((node.integer(name, 0) >> part) & 1) === 1
  const rank = tensor.dimensions.length
  const added = begin.filter((_, part) => mask('new_axis_mask', part)).length
  const ranges = new Map<number, Range>()
  /** What becomes of the axes, in the order of the result. */
  const axes: ('kept' | 'dropped' | 'added')[] = []
  let axis = 0
  begin.forEach((start, part) => {
    if (mask('ellipsis_mask', part)) {
      for (const last = axis + rank - (begin.length - 1 - added); axis < last; axis++) axes.push('kept')
    } else if (mask('new_axis_mask', part)) axes.push('added')
    else {
      const size = tensor.dimensions[axisOf(node, axis, rank)]
      const isDropped = mask('shrink_axis_mask', part)
      ranges.set(axis, isDropped ? oneEntry(node, start, size) : rangeOf(part, size))
      axes.push(isDropped ? 'dropped' : 'kept')
      axis++
    }
  })

  function rangeOf(part: number, size: number): Range {
    const step = strides[part]
    const start = mask('begin_mask', part) ? (step > 0 ? 0 : size - 1) : begin[part]
    // Counted from the end, as far back as before the first entry.
    const last = mask('end_mask', part) ? (step > 0 ? size : -size - 1) : end[part]
    return { start, end: last, step }
  }

  const kept = sliced(node, tensor, ranges)
  const sizes = [...kept.dimensions]
  const dimensions = axes.flatMap((each) => {
    if (each === 'added') return [1]
    const size = sizes.shift()!
    return each === 'kept' ? [size] : []
  })
  return { ...kept, dimensions: [...dimensions, ...sizes] }
}

function oneEntry(node: TensorFlowNode, start: number, size: number): Range {
  const at = start < 0 ? start + size : start
  if (at >= 0 && at < size) return { start: at, end: at + 1, step: 1 }
  throw node.bad(`which takes entry ${start} of ${size}, counted from 0`)
}
