import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeNpy, encodeNpy } from './npy.ts'
import { VebiError } from '../shared/errors.ts'

interface Golden {
  arrays: { name: string; bytes: string; shape: number[]; values: number[] }[]
  refused: Record<string, string>
  written: Record<string, string>
}
const golden = JSON.parse(
  readFileSync(new URL('../../scripts/golden/npy.json', import.meta.url), 'utf8'),
) as Golden
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

function refusal(bytes: Uint8Array): VebiError {
  try {
    decodeNpy(bytes, 'x.npy')
  } catch (error) {
    if (error instanceof VebiError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('decodeNpy', () => {
  it.each(golden.arrays)('reads what NumPy wrote: $name', ({ bytes, shape, values }) => {
    const matrix = decodeNpy(bytesOf(bytes), 'x.npy')
    expect(matrix.shape).toEqual(shape)
    expect(Array.from(matrix.data)).toEqual(values)
  })

  it('keeps f4, f8, i4 and u1 in arrays of their own kind', () => {
    const kinds = Object.values(golden.written).map((bytes) => decodeNpy(bytesOf(bytes), 'x.npy').data.constructor)
    expect(kinds).toEqual([Float32Array, Float64Array, Int32Array, Uint8Array])
  })

  it.each(Object.keys(golden.refused))('refuses an array of %s by name', (name) => {
    const error = refusal(bytesOf(golden.refused[name]))
    expect(error.code).toBe('bad-file')
    expect(error.message).toMatch(/^x\.npy: /)
  })

  it('refuses every truncation', () => {
    const whole = bytesOf(golden.written['<f8'])
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(whole.subarray(0, length)).code).toBe('bad-file')
    }
  })

  it('refuses foreign bytes, a foreign version, a broken header, extra bytes and a shape beyond the file', () => {
    const whole = bytesOf(golden.written['<f8'])
    const changed = (from: string, to: string): Uint8Array =>
      new Uint8Array(Buffer.from(Buffer.from(whole).toString('latin1').replace(from, to), 'latin1'))
    expect(refusal(new TextEncoder().encode('PK-this is not NumPy')).message).toBe('x.npy: not a NumPy .npy file.')
    expect(refusal(changed('NUMPY\x01', 'NUMPY\x07')).message).toContain('version 7.0')
    expect(refusal(changed("'descr'", "'dXscr'")).message).toContain('header')
    expect(refusal(Uint8Array.from([...whole, 0])).message).toContain('49 bytes of data where shape [2, 3] needs 48')
    expect(refusal(changed('(2, 3)', '(9, 9)')).message).toContain('needs 648')
    expect(refusal(changed('<f8', '<f2')).message).toContain("'<f2'")
  })

  it('reads from a view that does not start at its buffer', () => {
    const whole = bytesOf(golden.written['<f4'])
    const shifted = new Uint8Array(whole.length + 3)
    shifted.set(whole, 3)
    expect(Array.from(decodeNpy(shifted.subarray(3), 'x.npy').data)).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('encodeNpy', () => {
  it.each([
    ['<f4', Float32Array],
    ['<f8', Float64Array],
    ['<i4', Int32Array],
    ['|u1', Uint8Array],
  ] as const)('writes the very bytes of NumPy: %s', (code, Kind) => {
    const bytes = encodeNpy({ shape: [2, 3], data: Kind.from([0, 1, 2, 3, 4, 5]) })
    expect(Buffer.from(bytes).toString('base64')).toBe(golden.written[code])
  })

  it.each([[[]], [[1]], [[0, 4]], [[1, 1, 1]]])('reads back shape %j', (shape) => {
    const length = shape.reduce((product, size) => product * size, 1)
    const matrix = { shape, data: new Float64Array(length).fill(Math.PI) }
    expect(decodeNpy(encodeNpy(matrix), 'x.npy')).toEqual(matrix)
  })

  it('refuses data that do not fill the shape', () => {
    expect(() => encodeNpy({ shape: [2, 2], data: new Float32Array(3) })).toThrow('3 values cannot have shape [2, 2]')
  })
})
