import type { Shape, Weight } from '../../../../shared/graph.ts'
import { plainLayout, type Conversion, type Value } from '../conversion.ts'
import { fileIndexes } from '../layout.ts'
import type { FileNode } from '../node.ts'
import { WeightInFile, type StoredValues } from '../../weight-in-file.ts'
import { product, storedValuesOf, transposed, type Tensor } from '../tensor.ts'
import { followingBias } from './bias.ts'
import { notFinite, weightOf } from './weight.ts'

/** The product of the images with stored weights of shape [in, out]. */
export function multiplyByMatrix(conversion: Conversion, node: FileNode, isTransposed = false): void {
  if (conversion.valueOf(node.inputs[0]) && conversion.valueOf(node.inputs[1])) {
    throw node.unsupported(
      'which multiplies two outputs of other nodes, as attention does; only products with stored weights are supported',
    )
  }
  if (!conversion.valueOf(node.inputs[0])) throw node.unsupported('whose images stand on the right of the product')
  const stored = matrixOf(node, conversion.neededWeight(node, 1, 'matrix'))
  const kernel = isTransposed ? transposed(stored, [1, 0]) : stored
  const { bias, last } = followingBias(conversion, node, kernel.dimensions[1], 0)
  conversion.finish(last, addDense(conversion, node, conversion.input(node), kernel, bias))
}

/** A dense layer of an image's units, or of the last axis of a map. */
export function addDense(
  conversion: Conversion,
  node: FileNode,
  input: Value,
  kernel: Tensor,
  bias: Weight | null,
): Value {
  const [inUnits, outUnits] = kernel.dimensions as [number, number]
  const { dimensions } = input
  if (dimensions.at(-1) !== inUnits) {
    const shape = `[images, ${dimensions.join(', ')}]`
    throw node.bad(`whose matrix has ${inUnits} rows, but whose input has shape ${shape}`)
  }
  if (dimensions.length === 1) {
    const { value, weight } = flattened(conversion, node, input, kernel)
    const id = conversion.add(node, 'dense', { kernel: weight, bias }, [value])
    return { node: id, dimensions: [outUnits], order: [0] }
  }
  const value = withLastAxisLast(conversion, node, input)
  const id = conversion.add(node, 'dense', { kernel: weightOf(node, kernel), bias }, [value.node])
  return { ...plainLayout(value), node: id, dimensions: [...dimensions.slice(0, -1), outUnits] }
}

/**
 * Units of a map are in the order channels, height, width in the file and height, width, channels here: the rows of
 * the matrix follow, so that no node has to move the values.
 */
function flattened(
  conversion: Conversion,
  node: FileNode,
  input: Value,
  kernel: Tensor,
): { value: number; weight: Weight } {
  const shape = conversion.shapeOf(input)
  if (shape.length === 1) return { value: input.node, weight: weightOf(node, kernel) }
  const units = input.dimensions[0]
  const inMemory = { ...input, order: shape.map((_, axis) => axis) }
  const value = conversion.arrange(node, inMemory, [units], [0], [units])
  const stored = storedValuesOf(kernel)
  if (stored) return { value: value.node, weight: rowsInGraphOrder(node, kernel, stored, shape, input.order) }
  const rows = fileIndexes(shape, input.order)
  const columns = kernel.dimensions[1]
  const data = new Float32Array(kernel.data.length)
  rows.forEach((row, unit) => data.set(kernel.data.subarray(row * columns, (row + 1) * columns), unit * columns))
  return { value: value.node, weight: { shape: kernel.dimensions, data } }
}

/** A kernel `[units, outUnits]` left in its file, whose units are a map of `shape` in the file's memory `order`. */
function rowsInGraphOrder(
  node: FileNode,
  kernel: Tensor,
  { pieces, strides: [unitStride, outStride] }: StoredValues,
  shape: Shape,
  order: readonly number[],
): Weight {
  const inFile = order.map((axis) => shape[axis])
  const strides = shape.map((_, axis) => unitStride * product(inFile.slice(order.indexOf(axis) + 1)))
  const values = { pieces, sizes: [...shape, kernel.dimensions[1]], strides: [...strides, outStride] }
  return new WeightInFile(kernel.dimensions, values, node.fault(notFinite('kernel')).message)
}

/** The value in a form whose last axis is the file's last. */
function withLastAxisLast(conversion: Conversion, node: FileNode, input: Value): Value {
  const { value, factors } = conversion.factored(node, input)
  const rank = conversion.shapeOf(value).length
  const own = factors.filter(({ fileAxis }) => fileAxis === input.dimensions.length - 1)
  return own.length === 1 && own[0].graphAxis === rank - 1 ? value : conversion.inFileOrder(node, value)
}

/** Weights that must be a matrix. */
export function matrixOf(node: FileNode, tensor: Tensor): Tensor {
  if (tensor.dimensions.length === 2 && product(tensor.dimensions) > 0) return tensor
  throw node.unsupported(`whose weights have shape [${tensor.dimensions.join(', ')}], where a matrix is expected`)
}
