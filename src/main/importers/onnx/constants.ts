import { axisOrder, squeezed, unsqueezed } from '../dataflow/axes.ts'
import {
  arithmetic,
  castTo,
  concatenated,
  converted,
  expanded,
  filled,
  gathered,
  needed,
  productOf,
  sliced,
  type Fold,
} from '../dataflow/constant-arithmetic.ts'
import { product, transposed, type Tensor } from '../dataflow/tensor.ts'
import { axesOf, orderOf, rangesOf, reshapedBy, shapeTensor } from './axes.ts'
import type { OnnxNode } from './node.ts'
import { ONNX_TYPES, readTensor } from './tensor.ts'

/** Arithmetic on constants that ONNX defines in its own way. */
export const ONNX_FOLDS: Readonly<Record<string, Fold<OnnxNode>>> = {
  Dropout: (node, inputs) => needed(node, inputs, 0),
  Shape: (node, inputs) => shapeTensor(node, needed(node, inputs, 0).dimensions),
  Cast: (node, inputs) => castTo(node, inputs, ONNX_TYPES, node.integer('to', 1)),
  // The sign is that of the divisor, or with `fmod` that of the dividend, as in C.
  Mod(node, inputs) {
    const asInC = node.integer('fmod', 0) !== 0
    return arithmetic(node, inputs, (a, b) => (asInC ? a % b : a - b * Math.floor(a / b)))
  },
  // Like an image or an output, which is not at hand, means floating point.
  CastLike: (node, inputs) => converted(needed(node, inputs, 0), inputs[1]?.kind ?? 'float'),
  Gather: (node, inputs) =>
    gathered(node, needed(node, inputs, 0), needed(node, inputs, 1), node.integer('axis', 0)),
  Slice(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return sliced(node, tensor, rangesOf(node, tensor.dimensions.length, inputs))
  },
  Concat: (node, inputs) =>
    concatenated(node, inputs.map((_, position) => needed(node, inputs, position)), node.integer('axis', 0)),
  Unsqueeze(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return { ...tensor, dimensions: unsqueezed(node, tensor.dimensions, axesOf(node, inputs[1])) }
  },
  Squeeze(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return { ...tensor, dimensions: squeezed(node, tensor.dimensions, axesOf(node, inputs[1])) }
  },
  Reshape(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return { ...tensor, dimensions: reshapedBy(node, tensor.dimensions, [...needed(node, inputs, 1).data]) }
  },
  Flatten(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const axis = node.integer('axis', 1)
    const { dimensions } = tensor
    const split = axis < 0 ? axis + dimensions.length : axis
    return { ...tensor, dimensions: [product(dimensions.slice(0, split)), product(dimensions.slice(split))] }
  },
  Transpose(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const rank = tensor.dimensions.length
    return transposed(tensor, axisOrder(node, orderOf(node, rank), rank))
  },
  ConstantOfShape(node, inputs) {
    const stored = node.tensor('value')
    const one: Tensor | undefined = stored ? readTensor(stored) : undefined
    return filled(node, [...needed(node, inputs, 0).data], one?.data[0] ?? 0, one?.kind ?? 'float')
  },
  Expand: (node, inputs) => expanded(node, needed(node, inputs, 0), [...needed(node, inputs, 1).data]),
  ReduceProd(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const axes = axesOf(node, inputs[1])
    const overAll = axes.length === 0 || axes.length === tensor.dimensions.length
    if (!overAll) throw node.unsupported('over some axes of a constant')
    return productOf(node, tensor, node.integer('keepdims', 1) !== 0)
  },
}
