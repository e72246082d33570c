import protobuf from 'protobufjs/minimal.js'

/**
 * Reads messages of protocol buffers field by field: importers list the numbers of the fields that they need, all
 * others are skipped, and no code is generated for a file.
 */
export type Reader = protobuf.Reader

/** Reads one field; `packed` where it stands as a run of bytes, as repeated numbers may. */
export type FieldReader = (reader: Reader, packed: boolean) => unknown

const LENGTH_DELIMITED = 2

/** Throws RangeError or Error where the bytes are no message. */
export function readFields(bytes: Uint8Array, fields: Readonly<Record<number, FieldReader>>): void {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const read = fields[tag >>> 3]
    const wireType = tag & 7
    if (read) read(reader, wireType === LENGTH_DELIMITED)
    else reader.skipType(wireType)
  }
}

/** Repeated numbers stand one by one, or packed into one field. */
export function readMany(reader: Reader, packed: boolean, into: number[], read: (reader: Reader) => number): void {
  if (!packed) {
    into.push(read(reader))
    return
  }
  const values = protobuf.Reader.create(reader.bytes())
  while (values.pos < values.len) into.push(read(values))
}

/** int64 and enumerations as a number; beyond 2^53 the nearest one, which no size or axis reaches. */
export function integer(reader: Reader): number {
  return Number(reader.int64())
}

/** An entry of a map from text to text. */
export function readTextEntry(bytes: Uint8Array): [key: string, value: string] {
  let key = ''
  let value = ''
  readFields(bytes, {
    1: (reader) => (key = reader.string()),
    2: (reader) => (value = reader.string()),
  })
  return [key, value]
}
