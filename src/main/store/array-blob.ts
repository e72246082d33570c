import { endianness } from 'node:os'
import type { Matrix, NumericArray } from '../../shared/matrix.ts'

/** Element types that the store keeps, as NumPy names them. */
export interface ArrayTypes {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  uint8: Uint8Array
}

export type DataType = keyof ArrayTypes

const CONSTRUCTORS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array }

export const BYTES_PER_ELEMENT: Readonly<Record<DataType, number>> = { float32: 4, float64: 8, int32: 4, uint8: 1 }

export function dataTypeOf(data: NumericArray): DataType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  return data instanceof Int32Array ? 'int32' : 'uint8'
}

/** The little-endian bytes of an array: a view of its memory where the machine's own order is the same. */
export function toBlob(data: NumericArray, order = endianness()): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return order === 'LE' ? bytes : swap(Buffer.from(bytes), data.BYTES_PER_ELEMENT)
}

/**
 * The array in a blob, undefined when the bytes do not fill the shape. Takes the blob's memory over where
 * it is aligned, so that a large array is not held twice.
 */
export function fromBlob<Type extends DataType>(
  blob: Uint8Array<ArrayBuffer>,
  dtype: Type,
  shape: readonly number[],
  order = endianness(),
): Matrix<ArrayTypes[Type]> | undefined {
  const width = BYTES_PER_ELEMENT[dtype]
  const length = shape.reduce((product, size) => product * size, 1)
  if (blob.byteLength !== length * width) return undefined
  const owned = blob.byteOffset === 0 && blob.byteLength === blob.buffer.byteLength
  const memory = owned ? blob.buffer : Uint8Array.from(blob).buffer
  if (order !== 'LE') swap(Buffer.from(memory), width)
  return { shape, data: new CONSTRUCTORS[dtype](memory, 0, length) as ArrayTypes[Type] }
}

function swap(bytes: Buffer, width: number): Buffer {
  if (width === 4) return bytes.swap32()
  return width === 8 ? bytes.swap64() : bytes
}
