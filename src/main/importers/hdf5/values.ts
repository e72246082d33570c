import { halfToNumber } from '../half-float.ts'

/** Classes of HDF5 types that hold numbers. */
export const INTEGER = 0
export const FLOAT = 1

export interface NumberType {
  readonly class: typeof INTEGER | typeof FLOAT
  /** Bytes of one value. */
  readonly size: number
  readonly signed: boolean
}

/** `float32`, `int64`, `uint8`, ... */
export function typeName({ class: kind, size, signed }: NumberType): string {
  return `${kind === FLOAT ? 'float' : signed ? 'int' : 'uint'}${size * 8}`
}

/** How to read the values of a type from little-endian bytes; undefined for a type that no weight has. */
export function decoderOf(type: NumberType): ((bytes: ArrayBuffer) => ArrayLike<number>) | undefined {
  return DECODERS.get(typeName(type))
}

const DECODERS: ReadonlyMap<string, (bytes: ArrayBuffer) => ArrayLike<number>> = new Map<
  string,
  (bytes: ArrayBuffer) => ArrayLike<number>
>([
  ['float16', (bytes) => Float32Array.from(new Uint16Array(bytes), halfToNumber)],
  ['float32', (bytes) => new Float32Array(bytes)],
  ['float64', (bytes) => new Float64Array(bytes)],
  ['int8', (bytes) => new Int8Array(bytes)],
  ['uint8', (bytes) => new Uint8Array(bytes)],
  ['int16', (bytes) => new Int16Array(bytes)],
  ['uint16', (bytes) => new Uint16Array(bytes)],
  ['int32', (bytes) => new Int32Array(bytes)],
  ['uint32', (bytes) => new Uint32Array(bytes)],
  ['int64', (bytes) => Float64Array.from(new BigInt64Array(bytes), Number)],
  ['uint64', (bytes) => Float64Array.from(new BigUint64Array(bytes), Number)],
])
