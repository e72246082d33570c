import { VebiError } from '../shared/errors.ts'
import { sizeOf } from '../shared/matrix.ts'
import type { Matrix, NumericArray } from '../shared/matrix.ts'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** NumPy aligns the data of its files to this many bytes. */
const ALIGNMENT = 64

interface ElementType {
  readonly bytes: number
  allocate(length: number): NumericArray
  read(view: DataView, offset: number, littleEndian: boolean): number
}

/** By NumPy's type code. Integers that Int32 cannot hold become float64, exact up to 2^53. */
const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  f4: { bytes: 4, allocate: (n) => new Float32Array(n), read: (v, o, le) => v.getFloat32(o, le) },
  f8: { bytes: 8, allocate: (n) => new Float64Array(n), read: (v, o, le) => v.getFloat64(o, le) },
  i1: { bytes: 1, allocate: (n) => new Int32Array(n), read: (v, o) => v.getInt8(o) },
  u1: { bytes: 1, allocate: (n) => new Uint8Array(n), read: (v, o) => v.getUint8(o) },
  b1: { bytes: 1, allocate: (n) => new Uint8Array(n), read: (v, o) => (v.getUint8(o) === 0 ? 0 : 1) },
  i2: { bytes: 2, allocate: (n) => new Int32Array(n), read: (v, o, le) => v.getInt16(o, le) },
  u2: { bytes: 2, allocate: (n) => new Int32Array(n), read: (v, o, le) => v.getUint16(o, le) },
  i4: { bytes: 4, allocate: (n) => new Int32Array(n), read: (v, o, le) => v.getInt32(o, le) },
  u4: { bytes: 4, allocate: (n) => new Float64Array(n), read: (v, o, le) => v.getUint32(o, le) },
  i8: { bytes: 8, allocate: (n) => new Float64Array(n), read: (v, o, le) => Number(v.getBigInt64(o, le)) },
  u8: { bytes: 8, allocate: (n) => new Float64Array(n), read: (v, o, le) => Number(v.getBigUint64(o, le)) },
}

/**
 * Reads an array in NumPy's .npy format (versions 1 to 3; f4, f8, i1 to i8, u1 to u8, bool; either byte order;
 * C or Fortran order). The result is row-major: f4 as Float32Array, u1 and bool as Uint8Array, i1, i2, u2 and i4 as
 * Int32Array, f8, u4, i8 and u8 as Float64Array. Throws VebiError('bad-file') naming `fileName` where the bytes are
 * not one whole array of that kind.
 */
export function decodeNpy(bytes: Uint8Array, fileName: string): Matrix {
  const refuse = (reason: string): never => {
    throw new VebiError('bad-file', `${fileName}: ${reason}.`)
  }
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) refuse('not a NumPy .npy file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[6]
  if (version < 1 || version > 3) refuse(`unknown .npy version ${version}.${bytes[7]}`)
  const headerStart = version === 1 ? 10 : 12
  if (bytes.length < headerStart) refuse('the .npy header is cut short')
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const dataStart = headerStart + headerLength
  if (bytes.length < dataStart) refuse('the .npy header is cut short')
  let text = ''
  for (let i = headerStart; i < dataStart; i++) text += String.fromCharCode(bytes[i])

  const header = parseHeader(text) ?? refuse('the .npy header cannot be read')
  const type = ELEMENT_TYPES[header.code] ?? refuse(`element type ${header.description} is not supported`)
  const size = sizeOf(header.shape)
  const present = bytes.length - dataStart
  if (present !== size * type.bytes) {
    refuse(`${present} bytes of data where shape [${header.shape.join(', ')}] needs ${size * type.bytes}`)
  }
  const data = type.allocate(size)
  for (let i = 0; i < size; i++) data[i] = type.read(view, dataStart + i * type.bytes, header.littleEndian)
  if (header.code === 'i8' || header.code === 'u8') {
    const exact = data.every((value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER)
    if (!exact) refuse('an integer is too large to hold exactly')
  }
  return { shape: header.shape, data: header.fortranOrder ? toRowMajor(data, header.shape, type) : data }
}

/**
 * Writes version 1.0, little-endian, C order: Float32Array as f4, Float64Array as f8, Int32Array as i4, Uint8Array as
 * u1. Throws VebiError('bad-argument') where the data do not fill the shape.
 */
export function encodeNpy(matrix: Matrix): Uint8Array {
  const { shape, data } = matrix
  if (sizeOf(shape) !== data.length) {
    throw new VebiError('bad-argument', `An array of ${data.length} values cannot have shape [${shape.join(', ')}].`)
  }
  const [description, write] = writerOf(data)
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const dictionary = `{'descr': '${description}', 'fortran_order': False, 'shape': (${sizes}), }`
  const dataStart = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(dataStart + data.byteLength)
  bytes.set(MAGIC)
  bytes[6] = 1
  const view = new DataView(bytes.buffer)
  view.setUint16(8, dataStart - 10, true)
  const header = `${dictionary.padEnd(dataStart - 11)}\n`
  for (let i = 0; i < header.length; i++) bytes[10 + i] = header.charCodeAt(i)
  for (let i = 0; i < data.length; i++) {
    write(view, dataStart + i * data.BYTES_PER_ELEMENT, data[i])
  }
  return bytes
}

type Writer = (view: DataView, offset: number, value: number) => void

function writerOf(data: NumericArray): readonly [description: string, write: Writer] {
  if (data instanceof Float32Array) return ['<f4', (view, offset, value) => view.setFloat32(offset, value, true)]
  if (data instanceof Float64Array) return ['<f8', (view, offset, value) => view.setFloat64(offset, value, true)]
  if (data instanceof Int32Array) return ['<i4', (view, offset, value) => view.setInt32(offset, value, true)]
  return ['|u1', (view, offset, value) => view.setUint8(offset, value)]
}

interface Header {
  /** As written, for messages: `'<f8'`. */
  readonly description: string
  /** Without byte order: `f8`. */
  readonly code: string
  readonly littleEndian: boolean
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/** The header is a Python dictionary literal; undefined where one of its three keys is missing or malformed. */
function parseHeader(text: string): Header | undefined {
  const description = /'descr'\s*:\s*('[^']*'|\[.*\])/.exec(text)?.[1]
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1]
  const sizes = /'shape'\s*:\s*\(([\d\sL,]*)\)/.exec(text)?.[1]
  if (description === undefined || order === undefined || sizes === undefined) return undefined
  const parts = /^'([<>|=]?)([a-zA-Z?]\d*)'$/.exec(description)
  const shape = (sizes.match(/\d+/g) ?? []).map(Number)
  if (shape.some((size) => !Number.isSafeInteger(size))) return undefined
  const code = parts?.[2] ?? ''
  return {
    description,
    code: code === '?' ? 'b1' : code,
    littleEndian: parts?.[1] !== '>',
    fortranOrder: order === 'True',
    shape,
  }
}

function toRowMajor(columnMajor: NumericArray, shape: readonly number[], type: ElementType): NumericArray {
  const data = type.allocate(columnMajor.length)
  const index = new Array<number>(shape.length).fill(0)
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)))
  let from = 0
  for (let to = 0; to < data.length; to++) {
    data[to] = columnMajor[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis]) + 1
      from += strides[axis]
      if ((index[axis]) < (shape[axis])) break
      from -= (strides[axis]) * (shape[axis])
      index[axis] = 0
    }
  }
  return data
}
