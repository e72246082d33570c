import { brainFloat, checkStored, ELEMENT_TYPES, tensorOf, type ElementType } from '../dataflow/element-types.ts'
import { elementCount, TensorFault, tensorInFile, type Tensor } from '../dataflow/tensor.ts'
import { halfToNumber } from '../half-float.ts'
import { LEAST_STORED_BYTES, readPieces, rowMajorValues, type FilePiece } from '../weight-in-file.ts'
import type { TensorMessage } from './messages.ts'

interface OnnxType extends ElementType {
  readonly name: string
  /** The field that holds the values where they are not raw bytes. */
  readonly field: 'floats' | 'integers' | 'longs' | 'doubles'
  /** What a value of that field stands for; the value itself by default. */
  readonly fromField?: (value: number) => number
}

/** ONNX's DataType numbers that are read. */
const ONNX_TYPES: ReadonlyMap<number, OnnxType> = new Map<number, OnnxType>([
  [1, { ...ELEMENT_TYPES.float32, name: 'float', field: 'floats' }],
  [2, { ...ELEMENT_TYPES.uint8, name: 'uint8', field: 'integers' }],
  [3, { ...ELEMENT_TYPES.int8, name: 'int8', field: 'integers' }],
  [6, { ...ELEMENT_TYPES.int32, name: 'int32', field: 'integers' }],
  [7, { ...ELEMENT_TYPES.int64, name: 'int64', field: 'longs' }],
  [9, { ...ELEMENT_TYPES.bool, name: 'bool', field: 'integers' }],
  [10, { ...ELEMENT_TYPES.float16, name: 'float16', field: 'integers', fromField: halfToNumber }],
  [11, { ...ELEMENT_TYPES.float64, name: 'double', field: 'doubles' }],
  [16, { ...ELEMENT_TYPES.bfloat16, name: 'bfloat16', field: 'integers', fromField: brainFloat }],
])

/** ONNX's number for truth values. */
export const BOOL = 9

export function isFloatType(type: number): boolean {
  return ONNX_TYPES.get(type)?.kind === 'float'
}

export function isIntegerType(type: number): boolean {
  return ONNX_TYPES.get(type)?.kind === 'integer'
}

/** Bytes of the stored values. Throws TensorFault where type or dimensions make no sense; allocates nothing. */
export function storedBytes(message: TensorMessage): number {
  const type = typeOf(message)
  return elementCount(message.dimensions) * type.bytes
}

/** The name of a type that is stored with other than single precision, else null. */
export function otherPrecision(message: TensorMessage): string | null {
  const type = ONNX_TYPES.get(message.dataType)
  return type?.kind === 'float' && type.name !== 'float' ? type.name : null
}

/**
 * The values of a stored tensor; `place` is where its bytes lie when they were not read with the rest. Throws
 * TensorFault where the dimensions ask for more or fewer values than are stored, before anything is allocated.
 */
export function readTensor(message: TensorMessage, place: FilePiece | null = message.place): Tensor {
  const type = typeOf(message)
  const listed = message[type.field]
  const { dimensions, raw } = message
  if (place && listed.length === 0) return tensorAt(type, dimensions, place)
  if (raw && listed.length === 0) return tensorOf(type, dimensions, { raw })
  return tensorOf(type, message.dimensions, { values: type.fromField ? listed.map(type.fromField) : listed })
}

function tensorAt(type: OnnxType, dimensions: readonly number[], place: FilePiece): Tensor {
  checkStored(type, dimensions, place.length)
  const isPlain = type.name === 'float' && place.length >= LEAST_STORED_BYTES
  if (isPlain) return tensorInFile(rowMajorValues([place], dimensions))
  return tensorOf(type, dimensions, { raw: readPieces([place]) })
}

function typeOf(message: TensorMessage): OnnxType {
  const type = ONNX_TYPES.get(message.dataType)
  if (type) return type
  throw new TensorFault(`has the element type ${TYPE_NAMES[message.dataType] ?? message.dataType}, which is not read`)
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'undefined', 4: 'uint16', 5: 'int16', 8: 'string', 12: 'uint32', 13: 'uint64', 14: 'complex64', 15: 'complex128',
  17: 'float8', 18: 'float8', 19: 'float8', 20: 'float8', 21: 'uint4', 22: 'int4', 23: 'float4',
}
