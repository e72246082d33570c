/**
 * Reads the table of sorted keys in which a checkpoint lists its variables (the format of LevelDB, from its published
 * description): blocks of entries whose keys leave out what they share with the one before, an index block of where the
 * blocks lie, and a footer of where the index lies.
 */

const FOOTER_BYTES = 48
/** Little-endian, the last 8 bytes of the file. */
const MAGIC = 0xdb4775248b80fb57n
/** Behind each block: how it is packed, and a checksum. */
const BLOCK_TRAILER = 5

/** Far longer than the names of variables; keys that share their beginnings could grow without end. */
const LONGEST_KEY = 4096

/** What is wrong with a table: completes "the index of the variables ... ". */
export class TableFault extends Error {}

/** All keys with their values, in order. */
export function readSortedTable(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < FOOTER_BYTES || view.getBigUint64(bytes.length - 8, true) !== MAGIC) {
    throw new TableFault('is cut off or no such table')
  }
  const footer = new Cursor(bytes.subarray(bytes.length - FOOTER_BYTES, bytes.length - 8))
  handle(footer)
  const entries = new Map<string, Uint8Array>()
  let listed = 0
  for (const [, where] of blockEntries(blockAt(bytes, handle(footer)))) {
    const place = handle(new Cursor(where))
    listed += place.size
    if (listed > bytes.length) throw new TableFault('lists a block twice')
    for (const [key, value] of blockEntries(blockAt(bytes, place))) {
      entries.set(Buffer.from(key).toString('utf8'), value)
    }
  }
  return entries
}

interface Handle {
  readonly offset: number
  readonly size: number
}

function handle(cursor: Cursor): Handle {
  const offset = cursor.number()
  return { offset, size: cursor.number() }
}

function blockAt(bytes: Uint8Array, { offset, size }: Handle): Uint8Array {
  if (offset + size + BLOCK_TRAILER > bytes.length - FOOTER_BYTES) throw new TableFault('points outside of its file')
  if (bytes[offset + size] !== 0) throw new TableFault('is packed, which is not read')
  return bytes.subarray(offset, offset + size)
}

/** The entries of a block; a list of places to start from stands behind them. */
function* blockEntries(block: Uint8Array): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  if (block.length < 4) throw new TableFault('has a block that is cut off')
  const restarts = new DataView(block.buffer, block.byteOffset, block.byteLength).getUint32(block.length - 4, true)
  const end = block.length - 4 - 4 * restarts
  if (end < 0) throw new TableFault('has a block that is cut off')
  const cursor = new Cursor(block.subarray(0, end))
  let last = new Uint8Array()
  while (!cursor.isAtEnd) {
    const shared = cursor.number()
    const own = cursor.number()
    const valueBytes = cursor.number()
    if (shared > last.length) throw new TableFault('has a key that begins like no other')
    if (shared + own > LONGEST_KEY) throw new TableFault('has a key that is too long')
    const key = new Uint8Array(shared + own)
    key.set(last.subarray(0, shared))
    key.set(cursor.bytes(own), shared)
    yield [key, cursor.bytes(valueBytes)]
    last = key
  }
}

class Cursor {
  private readonly data: Uint8Array
  private position = 0

  constructor(data: Uint8Array) {
    this.data = data
  }

  get isAtEnd(): boolean {
    return this.position >= this.data.length
  }

  /** Seven bits of each byte, lowest first, up to one without its highest bit. */
  number(): number {
    let value = 0
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.data[this.position++]
      if (byte === undefined) break
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new TableFault('has a number that is cut off')
  }

  bytes(count: number): Uint8Array {
    if (this.position + count > this.data.length) throw new TableFault('has an entry that is cut off')
    const found = this.data.subarray(this.position, this.position + count)
    this.position += count
    return found
  }
}
