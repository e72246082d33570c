import type { Weight } from '../../../../shared/graph.ts'
import { plainLayout, vectorOf, type Conversion, type Value } from '../conversion.ts'
import { fileIndexes } from '../layout.ts'
import type { OnnxNode } from '../node.ts'
import { product, transposed, type Tensor } from '../tensor.ts'
import { followingBias } from './bias.ts'
import type { Converter, Converters } from './converter.ts'

/** alpha * A * B + beta * C, A the images. */
const gemm: Converter = (conversion, node) => {
  const input = conversion.input(node)
  if (node.integer('transA', 0) !== 0) throw node.unsupported('which transposes the images (transA)')
  if (input.dimensions.length !== 1) {
    throw node.bad(`whose input has shape [images, ${input.dimensions.join(', ')}], where [images, units] is expected`)
  }
  const stored = matrix(node, conversion.neededWeight(node, 1, 'matrix'))
  const kernel = node.integer('transB', 0) === 0 ? stored : transposed(stored, [1, 0])
  const units = kernel.dimensions[1]
  const added = conversion.weight(node, 2, 'bias')
  const alpha = node.float('alpha', 1)
  const beta = node.float('beta', 1)
  if (added && product(added.dimensions.slice(0, -1)) !== 1) throw wrongBias(node, added, units)
  const own = added ? vectorOf(added, units) : null
  if (added && !own) throw wrongBias(node, added, units)
  const behind = own ? { bias: scaled(own, beta), last: node } : followingBias(conversion, node, units, 0)
  addDense(conversion, node, input, scaledTensor(kernel, alpha), behind)
}

const matMul: Converter = (conversion, node) => {
  if (conversion.valueOf(node.inputs[0]) && conversion.valueOf(node.inputs[1])) {
    throw node.unsupported(
      'which multiplies two outputs of other nodes, as attention does; only products with stored weights are supported',
    )
  }
  if (!conversion.valueOf(node.inputs[0])) throw node.unsupported('whose images stand on the right of the product')
  const kernel = matrix(node, conversion.neededWeight(node, 1, 'matrix'))
  addDense(conversion, node, conversion.input(node), kernel, followingBias(conversion, node, kernel.dimensions[1], 0))
}

export const denseConverters: Converters = { Gemm: gemm, MatMul: matMul }

function addDense(
  conversion: Conversion,
  node: OnnxNode,
  input: Value,
  kernel: Tensor,
  { bias, last }: { bias: Weight | null; last: OnnxNode },
): void {
  const [inUnits, outUnits] = kernel.dimensions as [number, number]
  const { dimensions } = input
  if (dimensions.at(-1) !== inUnits) {
    const shape = `[images, ${dimensions.join(', ')}]`
    throw node.bad(`whose matrix has ${inUnits} rows, but whose input has shape ${shape}`)
  }
  if (dimensions.length === 1) {
    const { value, weight } = flattened(conversion, node, input, kernel)
    const id = conversion.add(node, 'dense', { kernel: weight, bias }, [value])
    conversion.finish(last, { node: id, dimensions: [outUnits], order: [0] })
    return
  }
  const value = withLastAxisLast(conversion, node, input)
  const id = conversion.add(node, 'dense', { kernel: weightOf(kernel), bias }, [value.node])
  conversion.finish(last, { ...plainLayout(value), node: id, dimensions: [...dimensions.slice(0, -1), outUnits] })
}

/**
 * Units of a map are in the order channels, height, width in the file and height, width, channels here: the rows of
 * the matrix follow, so that no node has to move the values.
 */
function flattened(
  conversion: Conversion,
  node: OnnxNode,
  input: Value,
  kernel: Tensor,
): { value: number; weight: Weight } {
  const shape = conversion.shapeOf(input)
  if (shape.length === 1) return { value: input.node, weight: weightOf(kernel) }
  const units = input.dimensions[0]
  const inMemory = { ...input, order: shape.map((_, axis) => axis) }
  const value = conversion.arrange(node, inMemory, [units], [0], [units])
  const rows = fileIndexes(shape, input.order)
  const columns = kernel.dimensions[1]
  const data = new Float32Array(kernel.data.length)
  rows.forEach((row, unit) => data.set(kernel.data.subarray(row * columns, (row + 1) * columns), unit * columns))
  return { value: value.node, weight: { shape: kernel.dimensions, data } }
}

/** The value in a form whose last axis is the file's last. */
function withLastAxisLast(conversion: Conversion, node: OnnxNode, input: Value): Value {
  const { value, factors } = conversion.factored(node, input)
  const rank = conversion.shapeOf(value).length
  const own = factors.filter(({ fileAxis }) => fileAxis === input.dimensions.length - 1)
  return own.length === 1 && own[0].graphAxis === rank - 1 ? value : conversion.inFileOrder(node, value)
}

function matrix(node: OnnxNode, tensor: Tensor): Tensor {
  if (tensor.dimensions.length === 2 && tensor.data.length > 0) return tensor
  throw node.unsupported(`whose weights have shape [${tensor.dimensions.join(', ')}], where a matrix is expected`)
}

function weightOf({ dimensions, data }: Tensor): Weight {
  return { shape: dimensions, data: Float32Array.from(data) }
}

function scaled({ shape, data }: Weight, factor: number): Weight {
  return factor === 1 ? { shape, data } : { shape, data: data.map((value) => value * factor) }
}

function scaledTensor(tensor: Tensor, factor: number): Tensor {
  return factor === 1 ? tensor : { ...tensor, data: tensor.data.map((value) => value * factor) }
}

function wrongBias(node: OnnxNode, { dimensions }: Tensor, units: number) {
  return node.bad(`whose bias has shape [${dimensions.join(', ')}], where ${units} values are expected`)
}
