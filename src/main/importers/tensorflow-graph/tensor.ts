import { areStored, brainFloat, ELEMENT_TYPES, tensorOf } from '../dataflow/element-types.ts'
import { elementCount, TensorFault, type Tensor } from '../dataflow/tensor.ts'
import { TypeTable, type NamedType } from '../dataflow/type-table.ts'
import { halfToNumber } from '../half-float.ts'
import type { TensorMessage } from './messages.ts'

interface TensorFlowType extends NamedType {
  /** What a listed value stands for; the value itself by default. */
  readonly fromList?: (value: number) => number
}

const OTHER_NAMES: Readonly<Record<number, string>> = {
  7: 'string', 8: 'complex64', 11: 'qint8', 12: 'quint8', 13: 'qint32', 15: 'qint16', 16: 'quint16', 18: 'complex128',
  20: 'resource', 21: 'variant',
}

/** TensorFlow's number of single precision. */
export const FLOAT = 1

/** By TensorFlow's DataType. */
export const TENSORFLOW_TYPES = new TypeTable<TensorFlowType>([
  [FLOAT, { ...ELEMENT_TYPES.float32, name: 'float' }],
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
], OTHER_NAMES)

/** Values that a list with fewer of them may be filled up to: no kernel holds one value alone. */
const MOST_FILLED = 2 ** 24

/**
 * The values of a stored tensor. A list that is shorter than the tensor goes on with its last value, an empty one with
 * zeros. Throws TensorFault where more are stored than the dimensions ask for, before anything is allocated.
 */
export function readTensor({ dataType, dimensions, raw, values }: TensorMessage): Tensor {
  const type = TENSORFLOW_TYPES.of(dataType)
  if (raw && raw.length > 0) return tensorOf(type, dimensions, { raw })
  const count = elementCount(dimensions)
  const listed = type.fromList ? values.map(type.fromList) : values
  if (listed.length >= count) return tensorOf(type, dimensions, { values: listed })
  if (count > MOST_FILLED) {
    const shape = `[${dimensions.join(', ')}]`
    throw new TensorFault(`has shape ${shape} (${count} values), but ${areStored(listed.length, 'value')}`)
  }
  const last = listed.at(-1) ?? 0
  return tensorOf(type, dimensions, { values: Array.from({ length: count }, (_, index) => listed[index] ?? last) })
}
