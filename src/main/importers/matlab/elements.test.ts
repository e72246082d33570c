import { expect, test } from 'vitest'
import { ElementReader } from './elements.ts'

/** A tag and data of up to 8 bytes in the order asked for. */
function reader(type: number, values: readonly number[], width: 1 | 2 | 4 | 8, littleEndian: boolean): ElementReader {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, type, littleEndian)
  view.setUint32(4, values.length * width, littleEndian)
  values.forEach((value, index) => {
    const at = 8 + index * width
    if (width === 1) view.setInt8(at, value)
    else if (width === 2) view.setInt16(at, value, littleEndian)
    else if (type === 7) view.setFloat32(at, value, littleEndian)
    else if (type === 9) view.setFloat64(at, value, littleEndian)
    else if (width === 4) view.setInt32(at, value, littleEndian)
    else view.setBigInt64(at, BigInt(value), littleEndian)
  })
  return new ElementReader(bytes, littleEndian)
}

const TYPES: readonly (readonly [number, 1 | 2 | 4 | 8, readonly number[]])[] = [
  [1, 1, [-3, 4]],
  [2, 1, [3, 4]],
  [3, 2, [-300, 4]],
  [4, 2, [300, 4]],
  [5, 4, [-70000, 4]],
  [6, 4, [70000, 4]],
  [7, 4, [-1.5, 4]],
  [9, 8, [-1.3]],
  [12, 8, [-5e9]],
  [13, 8, [5e9]],
]

test.each(TYPES.flatMap((type) => [[...type, true] as const, [...type, false] as const]))(
  'numbers of the type %i with %i bytes, %j, little-endian: %s',
  (type, width, values, littleEndian) => {
    expect([...reader(type, values, width, littleEndian).numbers('the numbers')]).toEqual(values)
  },
)

test.each([true, false])('text of two bytes a character, little-endian: %s', (littleEndian) => {
  const codes = [...'für'].map((character) => character.charCodeAt(0))
  for (const type of [4, 17]) expect(reader(type, codes, 2, littleEndian).characters('a text')).toBe('für')
})

test('small elements keep their data in the tag', () => {
  const bytes = Uint8Array.of(1, 0, 3, 0, 97, 98, 99, 0, 1, 0, 1, 0, 100, 0, 0, 0)
  const small = new ElementReader(bytes, true)
  expect([small.name('a name'), small.name('a name'), small.remaining]).toEqual(['abc', 'd', 0])
})

test.each<[string, number[], string]>([
  ['a tag that is cut off', [1, 0, 0, 0], 'it ends where it should be'],
  ['a small element that is too large', [1, 0, 5, 0, 0, 0, 0, 0], 'it claims 5 bytes, where 4 are left'],
  ['more bytes than there are', [1, 0, 0, 0, 9, 0, 0, 0], 'it claims 9 bytes, where 0 are left'],
  ['half a number', [4, 0, 3, 0, 0, 0, 0, 0], 'it has 3 bytes, no whole number of values'],
  ['an unknown type', [8, 0, 2, 0, 0, 0, 0, 0], 'it has the unknown type 8'],
])('%s', (_, bytes, reason) => {
  const read = () => new ElementReader(Uint8Array.from(bytes), true).numbers('it')
  expect(read).toThrow(new Error(reason))
})
