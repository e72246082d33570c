import { describe, expect, test } from 'vitest'
import { readSortedTable, TableFault } from './sorted-table.ts'

/** The number in groups of seven bits, lowest first. */
function number(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))]
}

/** A block of entries; every `every`-th key stands in full. */
function block(entries: readonly (readonly [key: string, value: readonly number[]])[], every: number): number[] {
  const bytes: number[] = []
  const restarts: number[] = []
  let last: readonly number[] = []
  entries.forEach(([key, value], position) => {
    const letters = [...Buffer.from(key)]
    if (position % every === 0) restarts.push(bytes.length)
    const same = position % every === 0 ? 0 : letters.findIndex((letter, at) => letter !== last[at])
    const shared = same < 0 ? letters.length : same
    bytes.push(...number(shared), ...number(letters.length - shared), ...number(value.length))
    bytes.push(...letters.slice(shared), ...value)
    last = letters
  })
  return [...bytes, ...[...restarts, restarts.length].flatMap(fourBytes)]
}

function fourBytes(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]
}

const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]

function table(blocks: readonly number[][], packing = 0, changeIndex = (index: number[]) => index): Uint8Array {
  const bytes: number[] = []
  const place = (content: readonly number[]): number[] => {
    const handle = [...number(bytes.length), ...number(content.length)]
    bytes.push(...content, packing, 0, 0, 0, 0)
    return handle
  }
  const handles = blocks.map((content, position) => [`${position}`, place(content)] as const)
  const footer = [...place(block([], 1)), ...place(changeIndex(block(handles, 1)))]
  return Uint8Array.from([...bytes, ...footer, ...new Array<number>(40 - footer.length).fill(0), ...MAGIC])
}

const ENTRIES = Array.from({ length: 50 }, (_, at) => [`layer-${String(at).padStart(3, '0')}/kernel`, [at, 7]] as const)

describe('a table of sorted keys', () => {
  test.each([1, 3, 16])('with every %i-th key in full', (every) => {
    const bytes = table([block(ENTRIES.slice(0, 20), every), block(ENTRIES.slice(20), every)])
    const found = [...readSortedTable(bytes)].map(([key, value]) => [key, [...value]])
    expect(found).toEqual(ENTRIES)
  })

  test('with a long value', () => {
    const value = Array.from({ length: 300 }, (_, at) => at % 251)
    expect([...readSortedTable(table([block([['a', value]], 1)])).get('a')!]).toEqual(value)
  })

  test.each<[string, Uint8Array, string]>([
    ['packed', table([block(ENTRIES, 4)], 1), 'is packed'],
    ['cut off', table([block(ENTRIES, 4)]).subarray(9), 'points outside|cut off|packed'],
    ['without its end', table([block(ENTRIES, 4)]).subarray(0, -1), 'is cut off or no such table'],
    ['with a number of places that does not fit', table([[0, 0, 0, 255, 0, 0, 0]]), 'has a block that is cut off'],
    ['with a key that begins like no other', table([[5, 1, 0, 65, ...fourBytes(0), ...fourBytes(1)]]),
      'has a key that begins like no other'],
    ['with keys that grow without end', table([block([['a'.repeat(5000), []]], 1)]), 'has a key that is too long'],
    ['that lists a block again and again', table([block(ENTRIES, 4)], 0, (index) => {
      const [entry] = [index.slice(0, index.length - 8)]
      return [...entry, ...entry, ...entry, ...fourBytes(0), ...fourBytes(1)]
    }), 'lists a block twice'],
  ])('%s is refused', (_, bytes, reason) => {
    expect(() => readSortedTable(bytes)).toThrow(TableFault)
    expect(() => readSortedTable(bytes)).toThrow(new RegExp(reason))
  })
})
