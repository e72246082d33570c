import { halfToNumber } from '../half-float.ts'
import { elementCount, TensorFault, type Tensor } from './tensor.ts'

/** How values of one type stand in a file, little-endian. */
export interface ElementType {
  readonly bytes: number
  readonly kind: Tensor['kind']
  /** Reads one value out of raw bytes. */
  readonly read: (view: DataView, at: number) => number
}

export const ELEMENT_TYPES = {
  float16: { bytes: 2, kind: 'float', read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  bfloat16: { bytes: 2, kind: 'float', read: (view, at) => brainFloat(view.getUint16(at, true)) },
  float32: { bytes: 4, kind: 'float', read: (view, at) => view.getFloat32(at, true) },
  float64: { bytes: 8, kind: 'float', read: (view, at) => view.getFloat64(at, true) },
  int8: { bytes: 1, kind: 'integer', read: (view, at) => view.getInt8(at) },
  uint8: { bytes: 1, kind: 'integer', read: (view, at) => view.getUint8(at) },
  int16: { bytes: 2, kind: 'integer', read: (view, at) => view.getInt16(at, true) },
  uint16: { bytes: 2, kind: 'integer', read: (view, at) => view.getUint16(at, true) },
  int32: { bytes: 4, kind: 'integer', read: (view, at) => view.getInt32(at, true) },
  uint32: { bytes: 4, kind: 'integer', read: (view, at) => view.getUint32(at, true) },
  int64: { bytes: 8, kind: 'integer', read: (view, at) => Number(view.getBigInt64(at, true)) },
  uint64: { bytes: 8, kind: 'integer', read: (view, at) => Number(view.getBigUint64(at, true)) },
  bool: { bytes: 1, kind: 'integer', read: (view, at) => view.getUint8(at) },
} as const satisfies Readonly<Record<string, ElementType>>

/**
 * Throws TensorFault where the dimensions ask for more or fewer values than `bytes` hold; returns how many they are.
 */
export function checkStored(type: ElementType, dimensions: readonly number[], bytes: number): number {
  const count = elementCount(dimensions)
  const found = bytes / type.bytes
  if (found === count) return count
  const held = Number.isInteger(found) ? areStored(found, 'value') : areStored(bytes, 'byte')
  throw new TensorFault(`has shape [${dimensions.join(', ')}] (${count} values), but ${held}`)
}

/** `1 value is stored`, `2 values are stored`. */
export function areStored(count: number, what: 'value' | 'byte'): string {
  return count === 1 ? `1 ${what} is stored` : `${count} ${what}s are stored`
}

/**
 * Throws TensorFault where the dimensions ask for more or fewer values than are stored, before anything is allocated.
 */
export function tensorOf(
  type: ElementType,
  dimensions: readonly number[],
  stored: { readonly raw: Uint8Array } | { readonly values: readonly number[] },
): Tensor {
  const bytes = 'raw' in stored ? stored.raw.length : stored.values.length * type.bytes
  const count = checkStored(type, dimensions, bytes)
  const data = type.kind === 'float' ? new Float32Array(count) : new Float64Array(count)
  if ('values' in stored) data.set(stored.values)
  else {
    const { raw } = stored
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
    for (let index = 0; index < count; index++) data[index] = type.read(view, index * type.bytes)
  }
  return { dimensions: [...dimensions], kind: type.kind, data }
}

/** The upper half of a binary32. */
export function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, bits & 0xffff)
  return view.getFloat32(0)
}
