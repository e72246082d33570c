/** Types of data elements (MAT-File Format, MathWorks, table 1-1). */
export const MATRIX = 14
export const COMPRESSED = 15

/** Bytes of one value of each numeric type. */
const BYTES: Readonly<Record<number, number>> = {
  1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8,
  // Text: UTF-8, UTF-16, UTF-32.
  16: 1, 17: 2, 18: 4,
}

export interface DataElement {
  readonly type: number
  readonly bytes: Uint8Array
}

/**
 * Walks over the data elements in a range of bytes: each has a tag (type and size) and its data, padded to 8 bytes.
 * Throws Error with a reason where sizes do not fit.
 */
export class ElementReader {
  private readonly bytes: Uint8Array
  private readonly littleEndian: boolean
  private readonly view: DataView
  private position = 0

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes
    this.littleEndian = littleEndian
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.bytes.length - this.position
  }

  next(what: string): DataElement {
    if (this.remaining < 8) throw new Error(`it ends where ${what} should be`)
    const word = this.view.getUint32(this.position, this.littleEndian)
    const isSmall = word >>> 16 !== 0
    const type = isSmall ? word & 0xffff : word
    const size = isSmall ? word >>> 16 : this.view.getUint32(this.position + 4, this.littleEndian)
    const start = this.position + (isSmall ? 4 : 8)
    const room = isSmall ? 4 : this.bytes.length - start
    if (size > room) throw new Error(`${what} claims ${size} bytes, where ${room} are left`)
    const end = start + size
    this.position = isSmall ? this.position + 8 : Math.min(start + Math.ceil(size / 8) * 8, this.bytes.length)
    return { type, bytes: this.bytes.subarray(start, end) }
  }

  /** A sub-reader over the data of an element. */
  within({ bytes }: DataElement): ElementReader {
    return new ElementReader(bytes, this.littleEndian)
  }

  /** The numbers of an element. */
  numbers(what: string, element: DataElement = this.next(what)): Float32Array | Float64Array {
    const { type, bytes } = element
    const width = BYTES[type]
    if (width === undefined || type > 13) throw new Error(`${what} has the unknown type ${type}`)
    if (bytes.length % width !== 0) throw new Error(`${what} has ${bytes.length} bytes, no whole number of values`)
    const count = bytes.length / width
    if (type === 7 && this.littleEndian && HOST_IS_LITTLE_ENDIAN) return floatsOf(bytes, count)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const values = type === 7 ? new Float32Array(count) : new Float64Array(count)
    for (let index = 0; index < count; index++) values[index] = numberAt(view, type, index * width, this.littleEndian)
    return values
  }

  /** Whole numbers at least 0 that a file counts with. */
  counts(what: string): number[] {
    const counts = [...this.numbers(what)]
    if (counts.every((count) => Number.isInteger(count) && count >= 0)) return counts
    throw new Error(`${what} is [${counts.join(', ')}]`)
  }

  /** Text in single bytes, as names are stored. */
  name(what: string): string {
    const { bytes } = this.next(what)
    return new TextDecoder('latin1').decode(bytes).replace(/\0.*$/s, '')
  }

  /** Code units or bytes of text: one character of MATLAB each, but for UTF-8 beyond ASCII. */
  characters(what: string): string {
    const element = this.next(what)
    if (element.type === 16) return new TextDecoder().decode(element.bytes)
    if (element.type === 17) return new TextDecoder(this.littleEndian ? 'utf-16le' : 'utf-16be').decode(element.bytes)
    const codes = this.numbers(what, element.type === 18 ? { ...element, type: 6 } : element)
    let text = ''
    for (const code of codes) text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    return text
  }
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** A view where the bytes are aligned, else a copy. */
function floatsOf(bytes: Uint8Array, count: number): Float32Array {
  return bytes.byteOffset % 4 === 0
    ? new Float32Array(bytes.buffer, bytes.byteOffset, count)
    : new Float32Array(bytes.slice().buffer, 0, count)
}

function numberAt(view: DataView, type: number, offset: number, littleEndian: boolean): number {
  switch (type) {
    case 1:
      return view.getInt8(offset)
    case 2:
      return view.getUint8(offset)
    case 3:
      return view.getInt16(offset, littleEndian)
    case 4:
      return view.getUint16(offset, littleEndian)
    case 5:
      return view.getInt32(offset, littleEndian)
    case 6:
      return view.getUint32(offset, littleEndian)
    case 7:
      return view.getFloat32(offset, littleEndian)
    case 9:
      return view.getFloat64(offset, littleEndian)
    case 12:
      return Number(view.getBigInt64(offset, littleEndian))
    default:
      return Number(view.getBigUint64(offset, littleEndian))
  }
}
