import { describe, expect, it } from 'vitest'
import { dataTypeOf, fromBlob, toBlob } from './array-blob.ts'

/** Bit patterns that a conversion through JavaScript numbers could lose. */
const float32 = new Float32Array(new Uint32Array([0x7fc00001, 0xffc12345, 0x80000000, 1, 0x7f800000]).buffer)
const float64 = new Float64Array(
  new BigUint64Array([0x7ff8000000000001n, 0xfff8dead00000000n, 1n << 63n, 1n, 0x7ff0000000000000n]).buffer,
)
const samples = [float32, float64, new Int32Array([-1, 2 ** 31 - 1, -(2 ** 31), 0]), new Uint8Array([0, 255, 7])]

const named = samples.map((array) => [dataTypeOf(array), array] as const)

const bytesOf = (array: ArrayBufferView) => [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)]

describe('array blobs', () => {
  it.each(named)('%s is bit-exact in both byte orders', (dtype, array) => {
    for (const order of ['LE', 'BE'] as const) {
      const copy = Uint8Array.from(toBlob(array, order))
      expect(bytesOf(fromBlob(copy, dtype, [array.length], order)?.data ?? array.subarray(1))).toEqual(bytesOf(array))
    }
  })

  it('writes little-endian numbers, and a big-endian machine swaps a copy', () => {
    const one = Float32Array.of(1)
    expect([...toBlob(one, 'LE')]).toEqual([0, 0, 0x80, 0x3f])
    expect([...toBlob(one, 'BE')]).toEqual([0x3f, 0x80, 0, 0])
    expect(one[0]).toBe(1)
  })

  it('writes only the window of a view', () => {
    expect([...toBlob(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))]).toEqual([2, 3])
  })

  it('takes memory over where it can, and copies a blob that is not aligned', () => {
    const owned = new Uint8Array(8)
    expect(fromBlob(owned, 'float64', [1])?.data.buffer).toBe(owned.buffer)
    const shifted = new Uint8Array(9).subarray(1)
    expect(fromBlob(shifted, 'float64', [1])?.data).toEqual(new Float64Array(1))
  })

  it('refuses bytes that do not fill the shape', () => {
    expect(fromBlob(new Uint8Array(8), 'float32', [3])).toBeUndefined()
    expect(fromBlob(new Uint8Array(0), 'float32', [0, 5])).toEqual({ shape: [0, 5], data: new Float32Array(0) })
  })
})
