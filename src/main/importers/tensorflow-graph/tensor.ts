import { brainFloat, checkStored, ELEMENT_TYPES, tensorOf, type ElementType } from '../dataflow/element-types.ts'
import { elementCount, TensorFault, tensorInFile, type Tensor } from '../dataflow/tensor.ts'
import { halfToNumber } from '../half-float.ts'
import { LEAST_STORED_BYTES, readPieces, rowMajorValues, type FilePiece } from '../weight-in-file.ts'
import type { TensorMessage } from './messages.ts'

interface TensorFlowType extends ElementType {
  readonly name: string
  /** What a listed value stands for; the value itself by default. */
  readonly fromList?: (value: number) => number
}

/** TensorFlow's DataType numbers that are read. */
const TENSORFLOW_TYPES: ReadonlyMap<number, TensorFlowType> = new Map<number, TensorFlowType>([
  [1, { ...ELEMENT_TYPES.float32, name: 'float' }],
  [2, { ...ELEMENT_TYPES.float64, name: 'double' }],
  [3, { ...ELEMENT_TYPES.int32, name: 'int32' }],
  [4, { ...ELEMENT_TYPES.uint8, name: 'uint8' }],
  [5, { ...ELEMENT_TYPES.int16, name: 'int16' }],
  [6, { ...ELEMENT_TYPES.int8, name: 'int8' }],
  [9, { ...ELEMENT_TYPES.int64, name: 'int64' }],
  [10, { ...ELEMENT_TYPES.bool, name: 'bool' }],
  [14, { ...ELEMENT_TYPES.bfloat16, name: 'bfloat16', fromList: brainFloat }],
  [17, { ...ELEMENT_TYPES.uint16, name: 'uint16' }],
  [19, { ...ELEMENT_TYPES.float16, name: 'half', fromList: halfToNumber }],
  [22, { ...ELEMENT_TYPES.uint32, name: 'uint32' }],
  [23, { ...ELEMENT_TYPES.uint64, name: 'uint64' }],
])

const OTHER_NAMES: Readonly<Record<number, string>> = {
  7: 'string', 8: 'complex64', 11: 'qint8', 12: 'quint8', 13: 'qint32', 15: 'qint16', 16: 'quint16', 18: 'complex128',
  20: 'resource', 21: 'variant',
}

export const FLOAT = 1
export const BOOL = 10

export function isFloatType(type: number): boolean {
  return TENSORFLOW_TYPES.get(type)?.kind === 'float'
}

export function isIntegerType(type: number): boolean {
  return TENSORFLOW_TYPES.get(type)?.kind === 'integer'
}

/** The name of a type that is stored with other than single precision, else null. */
export function otherPrecision(type: number): string | null {
  const known = TENSORFLOW_TYPES.get(type)
  return known?.kind === 'float' && type !== FLOAT ? known.name : null
}

/** Values that a list with fewer of them may be filled up to: no kernel holds one value alone. */
const MOST_FILLED = 2 ** 24

/**
 * The values of a stored tensor. A list that is shorter than the tensor goes on with its last value, an empty one with
 * zeros. Throws TensorFault where more are stored than the dimensions ask for, before anything is allocated.
 */
export function readTensor({ dataType, dimensions, raw, values }: TensorMessage): Tensor {
  const type = typeOf(dataType)
  if (raw && raw.length > 0) return tensorOf(type, dimensions, { raw })
  const count = elementCount(dimensions)
  const listed = type.fromList ? values.map(type.fromList) : values
  if (listed.length >= count) return tensorOf(type, dimensions, { values: listed })
  if (count > MOST_FILLED) {
    const shape = `[${dimensions.join(', ')}]`
    throw new TensorFault(`has shape ${shape} (${count} values), but ${listed.length} values are stored`)
  }
  const last = listed.at(-1) ?? 0
  return tensorOf(type, dimensions, { values: Array.from({ length: count }, (_, index) => listed[index] ?? last) })
}

/** A tensor whose bytes are a piece of a file; large ones stay there. Throws TensorFault as `readTensor` does. */
export function tensorAt(dataType: number, dimensions: readonly number[], place: FilePiece): Tensor {
  const type = typeOf(dataType)
  checkStored(type, dimensions, place.length)
  const staysThere = dataType === FLOAT && place.length >= LEAST_STORED_BYTES
  if (staysThere) return tensorInFile(rowMajorValues([place], dimensions))
  return tensorOf(type, dimensions, { raw: readPieces([place]) })
}

function typeOf(dataType: number): TensorFlowType {
  const type = TENSORFLOW_TYPES.get(dataType)
  if (type) return type
  throw new TensorFault(`has the element type ${OTHER_NAMES[dataType] ?? dataType}, which is not read`)
}
