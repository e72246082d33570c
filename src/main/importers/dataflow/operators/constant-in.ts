import type { Weight } from '../../../../shared/graph.ts'
import type { Conversion, Value } from '../conversion.ts'
import type { FileNode } from '../node.ts'
import { product, type Tensor } from '../tensor.ts'

/**
 * A constant that spreads over a value (axes aligned at the end, as in NumPy), as a weight that spreads over the
 * graph's array. `value` is the value in the form that the weight fits.
 */
export function constantIn(
  conversion: Conversion,
  node: FileNode,
  input: Value,
  constant: Tensor,
): { value: Value; weight: Weight } {
  const { value, factors } = conversion.factored(node, input)
  const { dimensions } = value
  const given = constant.dimensions
  const missing = dimensions.length - given.length
  const sizes = missing >= 0 ? [...dimensions.slice(0, missing).map(() => 1), ...given] : given.slice(-missing)
  const spreads =
    given.slice(0, Math.max(0, -missing)).every((size) => size === 1) &&
    sizes.every((size, axis) => size === 1 || size === dimensions[axis])
  if (!spreads) {
    throw node.unsupported(
      `whose constant of shape [${given.join(', ')}] does not spread over [images, ${dimensions.join(', ')}]`,
    )
  }
  const shape = conversion.shapeOf(value).map(() => 1)
  // A step along a graph's axis is so many values of the constant.
  const steps = shape.map(() => 0)
  let stride = 1
  for (const { size, graphAxis, fileAxis } of factors.toReversed()) {
    if (sizes[fileAxis] === 1) continue
    shape[graphAxis] = size
    steps[graphAxis] = stride
    stride *= size
  }
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)))
  const data = Float32Array.from({ length: product(shape) }, (_, index) => {
    const place = shape.reduce((sum, size, axis) => sum + (Math.floor(index / strides[axis]) % size) * steps[axis], 0)
    return constant.data[place]
  })
  return { value, weight: { shape, data } }
}

/** The weight as a vector over the last axis; null where it also varies along another. */
export function alongLastAxis({ shape, data }: Weight, channels: number): Float32Array | null {
  if (shape.slice(0, -1).some((size) => size !== 1)) return null
  return data.length === 1 ? new Float32Array(channels).fill(data[0]) : data
}
