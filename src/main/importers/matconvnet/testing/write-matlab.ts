import { deflateSync } from 'node:zlib'

/** A value to write: numbers as a row or with a shape, text, a cell array as a row, one struct or a struct array. */
export type Written =
  | number
  | string
  | readonly number[]
  | { readonly shape: readonly number[]; readonly single: readonly number[] }
  | { readonly cells: readonly Written[] }
  | { readonly fields: Readonly<Record<string, Written>> }
  | { readonly elements: readonly Readonly<Record<string, Written>>[] }
  | { readonly raw: Uint8Array }

const FIELD_NAME_BYTES = 32

/** A MAT-file of MATLAB 5.0, little-endian. */
export function matFile(variables: Readonly<Record<string, Written>>, packed = false): Buffer {
  const elements = Object.entries(variables).map(([name, value]) => {
    const array = matrix(value, name)
    if (!packed) return array
    const bytes = deflateSync(array)
    return Buffer.concat([tag(15, bytes.length), bytes])
  })
  return Buffer.concat([header(), ...elements])
}

export function header(): Buffer {
  const bytes = Buffer.alloc(128, ' ')
  bytes.write('MATLAB 5.0 MAT-file')
  bytes.writeUInt16LE(0x0100, 124)
  bytes.write('IM', 126)
  return bytes
}

export function tag(type: number, size: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(type, 0)
  bytes.writeUInt32LE(size, 4)
  return bytes
}

/** One data element, padded to 8 bytes. */
export function element(type: number, data: Uint8Array): Buffer {
  return Buffer.concat([tag(type, data.length), data, Buffer.alloc((8 - (data.length % 8)) % 8)])
}

/** The beginning of an array: flags, dimensions and name. */
export function beginning(arrayClass: number, shape: readonly number[], name = '', flags = 0): Buffer[] {
  const word = Buffer.from(Uint32Array.of(arrayClass | flags, 0).buffer)
  return [element(6, word), element(5, Buffer.from(Int32Array.from(shape).buffer)), element(1, Buffer.from(name))]
}

function matrix(value: Written, name = ''): Buffer {
  const parts = contents(value, name)
  return element(14, parts instanceof Uint8Array ? parts : Buffer.concat(parts))
}

function contents(value: Written, name: string): Uint8Array | Buffer[] {
  if (typeof value === 'number') return contents([value], name)
  if (typeof value === 'string') {
    return [...beginning(4, [1, value.length], name), element(4, Buffer.from(value, 'utf16le'))]
  }
  if (isList(value)) {
    return [...beginning(6, [1, value.length], name), element(9, Buffer.from(Float64Array.from(value).buffer))]
  }
  if ('raw' in value) return value.raw
  if ('single' in value) {
    return [...beginning(7, value.shape, name), element(7, Buffer.from(Float32Array.from(value.single).buffer))]
  }
  if ('cells' in value) {
    return [...beginning(1, [1, value.cells.length], name), ...value.cells.map((cell) => matrix(cell))]
  }
  const elements = 'fields' in value ? [value.fields] : value.elements
  const keys = Object.keys(elements[0] ?? {})
  return [
    ...beginning(2, [1, elements.length], name),
    element(5, Buffer.from(Int32Array.of(FIELD_NAME_BYTES).buffer)),
    element(1, Buffer.concat(keys.map((key) => Buffer.alloc(FIELD_NAME_BYTES).fill(`${key}\0`, 0, key.length + 1)))),
    ...elements.flatMap((fields) => keys.map((key) => matrix(fields[key]))),
  ]
}

function isList(value: Written): value is readonly number[] {
  return Array.isArray(value)
}
