import { halfToNumber } from '../half-float.ts'
import type { TensorMessage } from './messages.ts'

/** A constant of the graph, row-major in ONNX's axis order. */
export interface Tensor {
  readonly dimensions: readonly number[]
  /** Whole numbers are exact up to 2^53; shapes, axes and slices are what they are used for. */
  readonly kind: 'float' | 'integer'
  readonly data: Float32Array | Float64Array
}

interface ElementType {
  readonly name: string
  readonly bytes: number
  readonly kind: Tensor['kind']
  /** Reads one value out of raw bytes. */
  readonly read: (view: DataView, at: number) => number
  /** The field that holds the values where they are not raw bytes. */
  readonly field: 'floats' | 'integers' | 'longs' | 'doubles'
  /** What a value of that field stands for; the value itself by default. */
  readonly fromField?: (value: number) => number
}

/** ONNX's DataType numbers that are read. */
const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [1, { name: 'float', bytes: 4, kind: 'float', field: 'floats', read: (view, at) => view.getFloat32(at, true) }],
  [2, { name: 'uint8', bytes: 1, kind: 'integer', field: 'integers', read: (view, at) => view.getUint8(at) }],
  [3, { name: 'int8', bytes: 1, kind: 'integer', field: 'integers', read: (view, at) => view.getInt8(at) }],
  [6, { name: 'int32', bytes: 4, kind: 'integer', field: 'integers', read: (view, at) => view.getInt32(at, true) }],
  [7, {
    name: 'int64', bytes: 8, kind: 'integer', field: 'longs', read: (view, at) => Number(view.getBigInt64(at, true)),
  }],
  [9, { name: 'bool', bytes: 1, kind: 'integer', field: 'integers', read: (view, at) => view.getUint8(at) }],
  [10, {
    name: 'float16', bytes: 2, kind: 'float', field: 'integers', fromField: halfToNumber,
    read: (view, at) => halfToNumber(view.getUint16(at, true)),
  }],
  [11, { name: 'double', bytes: 8, kind: 'float', field: 'doubles', read: (view, at) => view.getFloat64(at, true) }],
  [16, {
    name: 'bfloat16', bytes: 2, kind: 'float', field: 'integers', fromField: brainFloat,
    read: (view, at) => brainFloat(view.getUint16(at, true)),
  }],
])

/** ONNX's number for truth values. */
export const BOOL = 9

export function isFloatType(type: number): boolean {
  return ELEMENT_TYPES.get(type)?.kind === 'float'
}

export function isIntegerType(type: number): boolean {
  return ELEMENT_TYPES.get(type)?.kind === 'integer'
}

/** What is wrong with a stored tensor: completes "the tensor ... ". */
export class TensorFault extends Error {}

/** Bytes of the stored values. Throws TensorFault where type or dimensions make no sense; allocates nothing. */
export function storedBytes(message: TensorMessage): number {
  const type = typeOf(message)
  return elementCount(message.dimensions) * type.bytes
}

/** The name of a type that is stored with other than single precision, else null. */
export function otherPrecision(message: TensorMessage): string | null {
  const type = ELEMENT_TYPES.get(message.dataType)
  return type?.kind === 'float' && type.name !== 'float' ? type.name : null
}

/**
 * The values of a stored tensor; `raw` are its bytes where they lie in another file. Throws TensorFault where the
 * dimensions ask for more or fewer values than are stored, before anything is allocated.
 */
export function readTensor(message: TensorMessage, raw: Uint8Array | null = message.raw): Tensor {
  const type = typeOf(message)
  const count = elementCount(message.dimensions)
  const fields = message[type.field]
  const stored = raw && fields.length === 0 ? raw.length / type.bytes : fields.length
  if (stored !== count) {
    const held = Number.isInteger(stored) ? `${stored} values are stored` : `${raw!.length} bytes are stored`
    throw new TensorFault(`has shape [${message.dimensions.join(', ')}] (${count} values), but ${held}`)
  }
  const data = type.kind === 'float' ? new Float32Array(count) : new Float64Array(count)
  if (fields.length > 0) {
    fields.forEach((value, index) => (data[index] = type.fromField ? type.fromField(value) : value))
  } else if (raw) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
    for (let index = 0; index < count; index++) data[index] = type.read(view, index * type.bytes)
  }
  return { dimensions: [...message.dimensions], kind: type.kind, data }
}

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

/** Values in one tensor; a gigabyte in single precision. */
const LARGEST_TENSOR = 2 ** 28

export function integerTensor(values: readonly number[], dimensions: readonly number[] = [values.length]): Tensor {
  return { dimensions, kind: 'integer', data: Float64Array.from(values) }
}

/** The tensor with its axes in another order. */
export function transposed(tensor: Tensor, order: readonly number[]): Tensor {
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

function typeOf(message: TensorMessage): ElementType {
  const type = ELEMENT_TYPES.get(message.dataType)
  if (type) return type
  throw new TensorFault(`has the element type ${TYPE_NAMES[message.dataType] ?? message.dataType}, which is not read`)
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'undefined', 4: 'uint16', 5: 'int16', 8: 'string', 12: 'uint32', 13: 'uint64', 14: 'complex64', 15: 'complex128',
  17: 'float8', 18: 'float8', 19: 'float8', 20: 'float8', 21: 'uint4', 22: 'int4', 23: 'float4',
}

/** The upper half of a binary32. */
function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, bits & 0xffff)
  return view.getFloat32(0)
}
