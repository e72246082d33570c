import { brainFloat, ELEMENT_TYPES, tensorOf } from '../dataflow/element-types.ts'
import { elementCount, type Tensor } from '../dataflow/tensor.ts'
import { TypeTable, type NamedType } from '../dataflow/type-table.ts'
import { halfToNumber } from '../half-float.ts'
import type { FilePiece } from '../weight-in-file.ts'
import type { TensorMessage } from './messages.ts'

interface OnnxType extends NamedType {
  /** The field that holds the values where they are not raw bytes. */
  readonly field: 'floats' | 'integers' | 'longs' | 'doubles'
  /** What a value of that field stands for; the value itself by default. */
  readonly fromField?: (value: number) => number
}

const OTHER_NAMES: Readonly<Record<number, string>> = {
  0: 'undefined', 4: 'uint16', 5: 'int16', 8: 'string', 12: 'uint32', 13: 'uint64', 14: 'complex64', 15: 'complex128',
  17: 'float8', 18: 'float8', 19: 'float8', 20: 'float8', 21: 'uint4', 22: 'int4', 23: 'float4',
}

/** By ONNX's DataType. */
export const ONNX_TYPES = new TypeTable<OnnxType>([
  [1, { ...ELEMENT_TYPES.float32, name: 'float', field: 'floats' }],
  [2, { ...ELEMENT_TYPES.uint8, name: 'uint8', field: 'integers' }],
  [3, { ...ELEMENT_TYPES.int8, name: 'int8', field: 'integers' }],
  [6, { ...ELEMENT_TYPES.int32, name: 'int32', field: 'integers' }],
  [7, { ...ELEMENT_TYPES.int64, name: 'int64', field: 'longs' }],
  [9, { ...ELEMENT_TYPES.bool, name: 'bool', field: 'integers' }],
  [10, { ...ELEMENT_TYPES.float16, name: 'float16', field: 'integers', fromField: halfToNumber }],
  [11, { ...ELEMENT_TYPES.float64, name: 'double', field: 'doubles' }],
  [16, { ...ELEMENT_TYPES.bfloat16, name: 'bfloat16', field: 'integers', fromField: brainFloat }],
], OTHER_NAMES)

/** Bytes of the stored values. Throws TensorFault where type or dimensions make no sense; allocates nothing. */
export function storedBytes(message: TensorMessage): number {
  const type = ONNX_TYPES.of(message.dataType)
  return elementCount(message.dimensions) * type.bytes
}

/**
 * The values of a stored tensor; `place` is where its bytes lie when they were not read with the rest. Throws
 * TensorFault where the dimensions ask for more or fewer values than are stored, before anything is allocated.
 */
export function readTensor(message: TensorMessage, place: FilePiece | null = message.place): Tensor {
  const { dataType, dimensions, raw } = message
  const type = ONNX_TYPES.of(dataType)
  const listed = message[type.field]
  if (place && listed.length === 0) return ONNX_TYPES.tensorAt(dataType, dimensions, place)
  if (raw && listed.length === 0) return tensorOf(type, dimensions, { raw })
  return tensorOf(type, dimensions, { values: type.fromField ? listed.map(type.fromField) : listed })
}
