import { readStored, type StoredValues } from '../weight-in-file.ts'

/** A constant of the file, row-major in the file's axis order. */
export interface Tensor {
  readonly dimensions: readonly number[]
  /** Whole numbers are exact up to 2^53; shapes, axes and slices are what they are used for. */
  readonly kind: 'float' | 'integer'
  readonly data: Float32Array | Float64Array
}

/** The constant of a name; undefined where the value depends on the image. */
export type ConstantOf = (name: string) => Tensor | undefined

/** What is wrong with a stored tensor: completes "the tensor ... ". */
export class TensorFault extends Error {}

/** Values in one tensor; a gigabyte in single precision. */
const LARGEST_TENSOR = 2 ** 28

/** The product of dimensions that must be whole and not negative; stops before it leaves the safe integers. */
export function elementCount(dimensions: readonly number[]): number {
  const text = `[${dimensions.join(', ')}]`
  if (dimensions.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new TensorFault(`has shape ${text}, whose sizes must be whole numbers of at least 0`)
  }
  const count = product(dimensions)
  if (count > LARGEST_TENSOR) throw new TensorFault(`has shape ${text}, which is too large`)
  return count
}

export function integerTensor(values: readonly number[], dimensions: readonly number[] = [values.length]): Tensor {
  return { dimensions, kind: 'integer', data: Float64Array.from(values) }
}

const places = new WeakMap<Tensor, StoredValues>()

/** A tensor whose values are read when somebody looks at them. */
export function tensorInFile(stored: StoredValues): Tensor {
  let data: Float32Array | undefined
  const tensor: Tensor = {
    dimensions: stored.sizes,
    kind: 'float',
    get data() {
      data ??= readStored(stored)
      return data
    },
  }
  places.set(tensor, stored)
  return tensor
}

/** Where the values of a tensor lie that were not read; undefined for others. */
export function storedValuesOf(tensor: Tensor): StoredValues | undefined {
  return places.get(tensor)
}

/** The tensor with its axes in another order. */
export function transposed(tensor: Tensor, order: readonly number[]): Tensor {
  const stored = storedValuesOf(tensor)
  if (stored) {
    const { pieces, sizes, strides: apart } = stored
    return tensorInFile({ pieces, sizes: order.map((axis) => sizes[axis]), strides: order.map((axis) => apart[axis]) })
  }
  const strides = stridesOf(tensor.dimensions)
  const dimensions = order.map((axis) => tensor.dimensions[axis])
  const steps = order.map((axis) => strides[axis])
  const data = tensor.data.slice()
  const at = dimensions.map(() => 0)
  for (let index = 0, place = 0; index < data.length; index++) {
    data[index] = tensor.data[place]
    for (let axis = dimensions.length - 1; axis >= 0; axis--) {
      place += steps[axis]
      if (++at[axis] < dimensions[axis]) break
      place -= steps[axis] * dimensions[axis]
      at[axis] = 0
    }
  }
  return { dimensions, kind: tensor.kind, data }
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1)
}

/** Values between neighbours along each axis. */
export function stridesOf(dimensions: readonly number[]): number[] {
  return dimensions.map((_, axis) => product(dimensions.slice(axis + 1)))
}
