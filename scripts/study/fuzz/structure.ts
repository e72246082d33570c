/** A number in the structure of a file, and how another one would be written there. */
export interface Token {
  readonly start: number
  readonly end: number
  readonly encode: (value: number) => Buffer
}

/** Deeper messages are left alone. */
const DEEPEST = 8
/** Weights that look like messages would hide the true ones. */
const MOST_TOKENS = 20_000

/** Tags, lengths and whole numbers of a protocol buffer; whatever can be a message inside is taken for one. */
export function protobufTokens(bytes: Buffer): Token[] {
  const tokens: Token[] = []
  collect(bytes, 0, bytes.length, 0, tokens)
  return tokens
}

/** Whether the range is a message; its tokens are added where it is. */
function collect(bytes: Buffer, start: number, end: number, depth: number, tokens: Token[]): boolean {
  const before = tokens.length
  const fail = (): boolean => {
    // The outermost message is one, however it ends.
    if (depth > 0) tokens.length = before
    return false
  }
  let position = start
  while (position < end) {
    const tag = varint(bytes, position, end)
    if (!tag || tag.value < 8 || tag.value >> 3 > 500 || tokens.length > MOST_TOKENS) return fail()
    tokens.push({ start: position, end: tag.end, encode: encodeVarint })
    const wireType = tag.value & 7
    position = tag.end
    if (wireType === 0 || wireType === 2) {
      const number = varint(bytes, position, end)
      if (!number) return fail()
      tokens.push({ start: position, end: number.end, encode: encodeVarint })
      position = number.end
      if (wireType === 0) continue
      if (number.value > end - position) return fail()
      if (depth < DEEPEST && number.value > 1) collect(bytes, position, position + number.value, depth + 1, tokens)
      position += number.value
    } else if (wireType === 1 || wireType === 5) position += wireType === 1 ? 8 : 4
    else return fail()
  }
  return position === end || fail()
}

function varint(bytes: Buffer, start: number, end: number): { value: number; end: number } | null {
  let value = 0
  for (let digit = 0; digit < 10 && start + digit < end; digit++) {
    value += (bytes[start + digit] & 0x7f) * 2 ** (7 * digit)
    if (bytes[start + digit] < 0x80) return { value, end: start + digit + 1 }
  }
  return null
}

function encodeVarint(value: number): Buffer {
  const digits: number[] = []
  let rest = value
  do {
    digits.push((rest % 128) + (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.from(digits)
}

const HDF5_MARKS = ['TREE', 'SNOD', 'HEAP', 'OHDR', 'OCHK', 'FRHP', 'FHDB', 'BTHD', 'BTLF', 'GCOL', '\x89HDF']
/** Bytes behind a mark that hold addresses and sizes. */
const BEHIND_MARK = 600

/** Every second byte pair behind the marks of HDF5's structures: addresses, sizes, counts, types of messages. */
export function hdf5Addresses(bytes: Buffer): Token[] {
  const starts = new Set<number>()
  for (const mark of HDF5_MARKS) {
    for (let at = bytes.indexOf(mark, 0, 'latin1'); at >= 0; at = bytes.indexOf(mark, at + 1, 'latin1')) {
      const end = Math.min(at + BEHIND_MARK, bytes.length - 8)
      for (let start = at + mark.length; start <= end; start += 2) starts.add(start)
    }
  }
  // Object headers of version 1 carry no mark: addresses point at them.
  for (const at of [...starts]) {
    const address = bytes.readUInt32LE(at)
    if (address < 96 || address + 300 > bytes.length || bytes[address] !== 1 || bytes[address + 1] !== 0) continue
    for (let offset = 0; offset < 300; offset += 2) starts.add(address + offset)
  }
  const sorted = [...starts].sort((a, b) => a - b).slice(0, MOST_TOKENS)
  return sorted.map((start) => littleEndian(start, start % 4 === 0 ? 8 : 2))
}

/** Types and sizes of MAT-file elements, as far as they are not packed. */
export function matlabTags(bytes: Buffer): Token[] {
  const tokens: Token[] = [124, 126].map((start) => littleEndian(start, 2))
  const walk = (start: number, end: number, depth: number): void => {
    let position = start
    while (position + 8 <= end && tokens.length < MOST_TOKENS) {
      const type = bytes.readUInt32LE(position)
      const small = type >>> 16 !== 0
      const size = small ? 4 : bytes.readUInt32LE(position + 4)
      tokens.push(littleEndian(position, 4), littleEndian(position + 4, 4))
      const data = position + (small ? 4 : 8)
      if (size > end - data) return
      if (type === 14 && depth < DEEPEST) walk(data, data + size, depth + 1)
      else if (size <= 32) for (let at = data; at + 4 <= data + size; at += 4) tokens.push(littleEndian(at, 4))
      position = small ? position + 8 : data + Math.ceil(size / 8) * 8
    }
  }
  walk(128, bytes.length, 0)
  return tokens
}

export interface ZipMember {
  readonly start: number
  readonly end: number
}

/** Fields of a zip archive's headers, and where the data of members lie that are not packed. */
export function zipFields(bytes: Buffer): { tokens: Token[]; members: ZipMember[] } {
  const tokens: Token[] = []
  const members: ZipMember[] = []
  const fields = (at: number, sizes: readonly number[]): void => {
    let start = at
    for (const size of sizes) {
      tokens.push(littleEndian(start, size))
      start += size
    }
  }
  for (let at = bytes.indexOf('PK'); at >= 0; at = bytes.indexOf('PK', at + 2)) {
    const signature = bytes.subarray(at, at + 4).toString('latin1')
    if (signature === 'PK\x03\x04' && at + 30 < bytes.length) {
      fields(at + 4, [2, 2, 2, 2, 2, 4, 4, 4, 2, 2])
      const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
      const end = start + bytes.readUInt32LE(at + 18)
      if (end > start && end <= bytes.length && bytes.readUInt16LE(at + 8) === 0) members.push({ start, end })
    } else if (signature === 'PK\x01\x02' && at + 46 < bytes.length) fields(at + 4, [2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4])
    else if (signature === 'PK\x05\x06' && at + 22 <= bytes.length) fields(at + 4, [2, 2, 2, 2, 4, 4, 2])
  }
  return { tokens: tokens.filter(({ end }) => end <= bytes.length), members }
}

function littleEndian(start: number, size: number): Token {
  return {
    start,
    end: start + size,
    encode: (value) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(BigInt(value))
      return bytes.subarray(0, size)
    },
  }
}
