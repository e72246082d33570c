import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { hdf5Bytes } from '../testing/write-hdf5.ts'
import { withHdf5File, type Hdf5File } from './file.ts'
import { withFile } from './library.ts'

/** Files by h5py (scripts/golden/hdf5_files.py), gzip, base64. */
const files = JSON.parse(
  readFileSync(new URL('../../../../scripts/golden/hdf5-files.json', import.meta.url), 'utf8'),
) as Record<string, string>

function bytesOf(name: string): Uint8Array {
  return new Uint8Array(gunzipSync(Buffer.from(files[name], 'base64')))
}

function opened<Result>(name: string, use: (file: Hdf5File) => Result): Promise<Result> {
  return withHdf5File(bytesOf(name), 'net.h5', use)
}

async function refusal(bytes: Uint8Array, use: (file: Hdf5File) => unknown): Promise<[string, string]> {
  const error = await withHdf5File(bytes, 'net.h5', use).catch((thrown: unknown) => thrown)
  const { code, message } = error as { code: string; message: string }
  return [code, message]
}

describe('values', () => {
  test.each([
    ['<f2', 'float16'],
    ['>f2', 'float16'],
    ['<f4', 'float32'],
    ['>f4', 'float32'],
    ['<f8', 'float64'],
    ['>f8', 'float64'],
    ['i1', 'int8'],
    ['u1', 'uint8'],
    ['<i2', 'int16'],
    ['>u2', 'uint16'],
    ['<i4', 'int32'],
    ['>i4', 'int32'],
    ['<u4', 'uint32'],
    ['<i8', 'int64'],
    ['>u8', 'uint64'],
  ])('of type %s', async (kind, type) => {
    const found = await opened(`values ${kind}`, (file) => {
      const dataset = file.dataset('x')
      return { type: dataset.type, shape: dataset.shape, values: Array.from(dataset.values()) }
    })
    const last = type.startsWith('u') ? 0 : -100
    expect(found).toEqual({ type, shape: [2, 3], values: [0, 1, 2, 3, 100, last] })
  })

  test('a single one, and none', async () => {
    expect(await opened('scalar', (file) => [...file.dataset('x').values()])).toEqual([2.5])
    expect(await opened('no values', (file) => [...file.dataset('x').values()])).toEqual([])
  })

  test('packed in chunks', async () => {
    const values = await opened('packed', (file) => file.dataset('x').values())
    expect(values).toEqual(Float32Array.from({ length: 700 * 30 }, (_, index) => index))
  })

  test('more than one block of them', async () => {
    const shape = [1100, 1000]
    const values = Array.from({ length: 1_100_000 }, (_, index) => index % 8191)
    const bytes = await hdf5Bytes({ x: { shape, values } })
    expect(await withHdf5File(bytes, 'net.h5', (file) => file.dataset('x').values())).toEqual(Float32Array.from(values))
  })
})

test('texts, lists of texts, and lists that are not there', async () => {
  const found = await opened('list of texts in parts', (file) => {
    return ['names0', 'names1', 'none', 'other'].map((name) => file.texts('', name))
  })
  expect(found).toEqual([['a', 'long'], ['variable', 'lengths'], [], undefined])
  expect(await refusal(bytesOf('list of texts in parts'), (file) => file.text('', 'names0'))).toEqual([
    'bad-model',
    'net.h5: its root has an attribute "names0" of 2 texts instead of one.',
  ])
})

test('members and kinds', async () => {
  const bytes = await hdf5Bytes({ b: { c: { shape: [1], values: [1] } }, a: {}, text: 'x' })
  const found = await withHdf5File(bytes, 'net.h5', (file) => ({
    members: file.members(''),
    kinds: ['', 'a', 'b/c', 'b/c/d', 'z/y'].map((path) => file.kind(path)),
    ofNothing: file.members('z'),
  }))
  expect(found).toEqual({ members: ['a', 'b'], kinds: ['group', 'group', 'dataset', 'none', 'none'], ofNothing: [] })
})

test('a cycle of groups goes no further than it is followed', async () => {
  expect(await opened('cycle', (file) => [file.members('x'), file.kind('x/x/x/x')])).toEqual([['x'], 'group'])
})

describe('refusals', () => {
  test.each([
    [
      'external storage',
      'unsupported',
      '"x" keeps its values in another file ("/etc/hostname"), which is not opened.',
    ],
    [
      'external storage in a device',
      'unsupported',
      '"x" keeps its values in another file ("/dev/stdin"), which is not opened.',
    ],
    [
      'external link',
      'unsupported',
      '"x" is a link to the file "/etc/other.h5"; links in HDF5 files are not followed.',
    ],
    ['soft link', 'unsupported', '"x" is a link to "/y"; links in HDF5 files are not followed.'],
    [
      'virtual data set',
      'unsupported',
      '"x" is a virtual data set, put together from "/etc/other.h5"; only values in the file itself are read.',
    ],
    ['huge', 'bad-model', '"x" claims more values than the file can hold.'],
    ['huge and packed', 'bad-model', '"x" claims more values than the file can hold.'],
    ['huge chunk', 'bad-model', '"x" is stored in chunks of more than 268435456 bytes.'],
    // 20 MB of bytes, which are 80 MB in single precision; and a single number in a chunk of 80 MB.
    ['small values of many', 'bad-model', '"x" claims more values than the file can hold.'],
    ['huge chunk that is nearly empty', 'bad-model', '"x" claims more values than the file can hold.'],
    ['text', 'unsupported', '"x" does not hold numbers of a known type.'],
    ['compound', 'unsupported', '"x" does not hold numbers of a known type.'],
    ['unknown filter', 'unsupported', '"x" is packed with the filter lzf, which is not supported.'],
    ['cycle', 'bad-model', '"x" is not a data set.'],
  ])('%s', async (name, code, reason) => {
    expect(await refusal(bytesOf(name), (file) => file.dataset('x').values())).toEqual([code, `net.h5: ${reason}`])
  })

  // The library adds up sizes of a heap for ever, or beyond its memory.
  test.each([
    ['is free and empty', 0, 0n],
    ['is free and smaller than its header', 0, 8n],
    ['is larger than the heap', 1, 1n << 40n],
    ['would lead back to its start in 32 bits', 1, 0xffff_fff0n],
  ])('a heap of texts with an object that %s', async (_, index, size) => {
    const bytes = Buffer.from(bytesOf('text'))
    const object = bytes.indexOf('GCOL') + 16
    bytes.writeUInt16LE(index, object)
    bytes.writeBigUInt64LE(size, object + 8)
    expect(await refusal(bytes, (file) => file.dataset('x'))).toEqual([
      'bad-file',
      'net.h5 cannot be read as HDF5: a heap in it is damaged.',
    ])
  })

  test('texts whose type is too small to lead to them', async () => {
    const bytes = Buffer.from(bytesOf('list of texts in parts'))
    bytes.writeUInt32LE(1, typeOfTexts(bytes) + 4)
    expect(await refusal(bytes, (file) => file.texts('', 'names1'))).toEqual([
      'bad-file',
      'net.h5 cannot be read as HDF5: a type of texts in it is damaged.',
    ])
  })

  // The library makes room for the letters before it looks for them.
  test.each([
    ['more letters than there are', 0, Buffer.from([0, 0, 0, 0x60])],
    ['another place than the heap', 4, Buffer.from([1])],
    ['a number that the heap does not have', 12, Buffer.from([200])],
  ])('a text that lies at %s', async (_, at, damage) => {
    const bytes = Buffer.from(bytesOf('list of texts in parts'))
    damage.copy(bytes, referenceTo('variable', bytes) + at)
    expect(await refusal(bytes, (file) => file.texts('', 'names1'))).toEqual([
      'bad-model',
      'net.h5: its root has an attribute "names1" that is damaged.',
    ])
    expect(await withFile(new Uint8Array(), (library) => library.HEAPU8.length)).toBeLessThan(300e6)
  })

  test('a link on the way', async () => {
    expect(await refusal(bytesOf('external link on the way'), (file) => file.kind('layers/x/conv/kernel'))).toEqual([
      'unsupported',
      'net.h5: "layers/x" is a link to the file "other.h5"; links in HDF5 files are not followed.',
    ])
  })

  test('the same values again and again', async () => {
    const names = ['x', ...Array.from({ length: 10 }, (_, index) => `x${index}`)]
    expect(
      await refusal(bytesOf('one data set under many names'), (file) => names.map((name) => file.dataset(name))),
    ).toEqual(['bad-model', expect.stringMatching(/^net\.h5: "x\d" claims more values than the file can hold\.$/)])
  })

  test.each([
    ['an empty file', new Uint8Array()],
    ['another file', new TextEncoder().encode('no HDF5 at all'.repeat(100))],
    ['half of a file', bytesOf('packed').subarray(0, 4000)],
  ])('%s', async (_, bytes) => {
    expect(await refusal(bytes, () => 'opened')).toEqual([
      'bad-file',
      'net.h5 is no HDF5 file, or one that is cut off or damaged.',
    ])
  })

  test('damaged files give a sentence or values, and the next file is read', async () => {
    for (let damage = 0; damage < 40; damage++) {
      const bytes = bytesOf('packed')
      // Bytes of the first half, in which the structure lies.
      for (let hit = 0; hit < 12; hit++) bytes[(damage * 131 + hit * 977) % 3000] ^= 0x5a
      const [code] = await refusal(bytes, (file) => file.dataset('x').values())
      expect(['bad-file', 'bad-model', 'unsupported', undefined]).toContain(code)
    }
    expect(await opened('scalar', (file) => [...file.dataset('x').values()])).toEqual([2.5])
  })
})

/** Where the first type of texts of any length starts: class 9 of version 1, null-terminated text. */
function typeOfTexts(bytes: Buffer): number {
  const start = bytes.indexOf(Buffer.from([0x19, 0x01]))
  expect(bytes.readUInt32LE(start + 4)).toBe(16)
  return start
}

/** Where an attribute refers to this text: its length and the address of its heap. */
function referenceTo(text: string, bytes: Buffer): number {
  const reference = Buffer.alloc(12)
  reference.writeUInt32LE(text.length)
  reference.writeBigUInt64LE(BigInt(bytes.lastIndexOf('GCOL', bytes.indexOf(text))), 4)
  const start = bytes.indexOf(reference)
  expect(start).toBeGreaterThan(0)
  return start
}
