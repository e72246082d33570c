import type { Weight } from '../../../../shared/graph.ts'
import { vectorOf } from '../../dataflow/conversion.ts'
import { followingBias } from '../../dataflow/operators/bias.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { addDense, matrixOf, multiplyByMatrix } from '../../dataflow/operators/dense.ts'
import { product, transposed, type Tensor } from '../../dataflow/tensor.ts'
import type { OnnxNode } from '../node.ts'

/** alpha * A * B + beta * C, A the images. */
const gemm: Converter<OnnxNode> = (conversion, node) => {
  const input = conversion.input(node)
  if (node.integer('transA', 0) !== 0) throw node.unsupported('which transposes the images (transA)')
  if (input.dimensions.length !== 1) {
    throw node.bad(`whose input has shape [images, ${input.dimensions.join(', ')}], where [images, units] is expected`)
  }
  const stored = matrixOf(node, conversion.neededWeight(node, 1, 'matrix'))
  const kernel = node.integer('transB', 0) === 0 ? stored : transposed(stored, [1, 0])
  const units = kernel.dimensions[1]
  const added = conversion.weight(node, 2, 'bias')
  const alpha = node.float('alpha', 1)
  const beta = node.float('beta', 1)
  if (added && product(added.dimensions.slice(0, -1)) !== 1) throw wrongBias(node, added, units)
  const own = added ? vectorOf(added, units) : null
  if (added && !own) throw wrongBias(node, added, units)
  const { bias, last } = own ? { bias: scaled(own, beta), last: node } : followingBias(conversion, node, units, 0)
  conversion.finish(last, addDense(conversion, node, input, scaledTensor(kernel, alpha), bias))
}

export const denseConverters: Converters<OnnxNode> = {
  Gemm: gemm,
  MatMul: (conversion, node) => multiplyByMatrix(conversion, node),
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
