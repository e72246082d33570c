import { VebiError } from '../../../shared/errors.ts'
import { halfToNumber } from '../half-float.ts'

/** How TF.js stored a weight in fewer bytes: value = stored * scale + min for whole numbers, IEEE half for float16. */
export interface Quantization {
  readonly dtype: string
  readonly scale?: number | undefined
  readonly min?: number | undefined
}

/** Bytes of one stored value. */
const STORED_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
}

/** Throws `unsupported` for a type that no weight of a supported layer has; `subject` starts the sentence. */
export function storedBytes(dtype: string, quantization: Quantization | undefined, subject: string): number {
  const stored = quantization?.dtype ?? dtype
  const bytes = STORED_BYTES[stored]
  const known = quantization
    ? ['uint8', 'uint16', 'float16'].includes(stored)
    : ['float32', 'int32', 'bool'].includes(stored)
  if (bytes === undefined || !known || !['float32', 'int32', 'bool'].includes(dtype)) {
    const type = quantization ? `${dtype} quantised as ${stored}` : dtype
    throw new VebiError('unsupported', `${subject} is stored as ${type}, which is not supported.`)
  }
  return bytes
}

/** Little-endian bytes, aligned to their own start, as float32. */
export function decodeWeight(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: string,
  quantization: Quantization | undefined,
): Float32Array {
  const { buffer } = bytes
  if (!quantization) {
    if (dtype === 'float32') return new Float32Array(buffer)
    return Float32Array.from(dtype === 'int32' ? new Int32Array(buffer) : bytes)
  }
  if (quantization.dtype === 'float16') return Float32Array.from(new Uint16Array(buffer), halfToNumber)
  const stored = quantization.dtype === 'uint8' ? bytes : new Uint16Array(buffer)
  const { scale = 1, min = 0 } = quantization
  const round = dtype === 'int32' ? Math.round : (value: number) => value
  return Float32Array.from(stored, (value) => round(value * scale + min))
}
