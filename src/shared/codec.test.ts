import { describe, expect, it } from 'vitest'
import { compact, decode, encode } from './codec.ts'
import type { NumericArray } from './matrix.ts'

const ARRAYS: [string, NumericArray][] = [
  ['float32', Float32Array.of(1.5, -0, NaN, Infinity, 1e-45, 3.4e38)],
  ['float64', Float64Array.of(Math.PI, -Infinity, NaN, 5e-324, -0)],
  ['int32', Int32Array.of(-2147483648, 2147483647, 0)],
  ['uint8', Uint8Array.of(0, 1, 255)],
]

function roundTrip<Value>(value: Value): Value {
  return decode(encode(value)) as Value
}

function bytesOf(array: NumericArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

describe.each(ARRAYS)('an array of type %s', (_, data) => {
  it('comes back bit by bit as bytes', () => {
    const matrix = roundTrip({ shape: [1, data.length], data })
    expect(matrix.shape).toEqual([1, data.length])
    expect(matrix.data.constructor).toBe(data.constructor)
    expect(bytesOf(matrix.data)).toEqual(bytesOf(data))
  })

  it('comes back as bytes where it is an odd part of a larger array and stands behind others', () => {
    const view = data.subarray(1, 3)
    const back = roundTrip([Uint8Array.of(7), view, Uint8Array.of(8, 9), view, new Float32Array(0)])
    expect(back.map((array) => array.length)).toEqual([1, 2, 2, 2, 0])
    expect(bytesOf(back[1])).toEqual(bytesOf(view))
    expect(bytesOf(back[3])).toEqual(bytesOf(view))
  })

  it('is cloned without the memory that it is a view of', () => {
    const view = data.subarray(1, 3)
    const { value, transfer } = compact({ whole: data, rows: [{ view }] })
    expect(value.whole).toBe(data)
    expect(value.rows[0].view.buffer.byteLength).toBe(view.byteLength)
    expect(transfer).toEqual([value.rows[0].view.buffer])
    const cloned = structuredClone(value, { transfer })
    expect(bytesOf(cloned.rows[0].view)).toEqual(bytesOf(view))
    expect(bytesOf(cloned.whole)).toEqual(bytesOf(data))
  })
})

describe('encode and decode', () => {
  it('keep everything that JSON keeps', () => {
    const deep = { a: { b: [-1.25e-300] } }
    const value = { text: 'Grüße, 世界 \u0000 "', list: [1, [], [{}]], no: null, yes: true, deep }
    expect(roundTrip(value)).toStrictEqual(value)
    for (const single of [null, 'text', 0, false, []]) expect(roundTrip(single)).toStrictEqual(single)
  })

  it('keep numbers that JSON loses', () => {
    expect(roundTrip([NaN, Infinity, -Infinity, -0])).toStrictEqual([NaN, Infinity, -Infinity, -0])
  })

  it('keep keys that look like their own marks', () => {
    const value = { $array: ['float32', 0, 1], inner: { $number: 'NaN' }, $$array: 1, ['__proto__x']: 2 }
    expect(roundTrip(value)).toStrictEqual(value)
    const hostile = JSON.parse('{"__proto__": {"admin": true}}') as Record<string, unknown>
    const back = roundTrip(hostile)
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(Object.keys(back)).toEqual(['__proto__'])
  })

  it('leave out undefined properties', () => {
    expect(roundTrip({ a: undefined, b: 1 })).toStrictEqual({ b: 1 })
  })

  it('read a message that lies unaligned in a larger buffer', () => {
    const message = encode({ data: Float64Array.of(1, 2) })
    const larger = new Uint8Array(message.length + 3)
    larger.set(message, 3)
    expect(decode(larger.subarray(3))).toEqual({ data: Float64Array.of(1, 2) })
  })

  it('read a message that is a Buffer into arrays of their own', () => {
    const value = { data: Float64Array.of(1, 2, 3), flags: Uint8Array.of(4, 5) }
    const decoded = decode(Buffer.from(encode(value))) as typeof value
    expect(decoded).toEqual(value)
    expect([decoded.data.buffer.byteLength, decoded.flags.buffer.byteLength]).toEqual([24, 2])
  })

  it('take a Buffer for its bytes', () => {
    expect(roundTrip(Buffer.from([1, 2]))).toStrictEqual(Uint8Array.of(1, 2))
    const { value } = compact<Uint8Array>(Buffer.from([1, 2]))
    expect(value).toStrictEqual(Uint8Array.of(1, 2))
  })

  it.each([
    ['a function', { run: () => 1 }, 'value.run: it is a function'],
    ['a map', [new Map()], 'value[0]: it is a Map'],
    ['another typed array', { a: new Int16Array(1) }, 'value.a: it is a Int16Array'],
    ['undefined in a list', [undefined], 'value[0]: it is undefined'],
  ])('refuse %s', (_, value, reason) => {
    expect(() => encode(value)).toThrow(reason)
  })

  const whole = encode({ data: Float32Array.of(1, 2, 3) })
  const changed = (at: number, byte: number): Uint8Array => whole.with(at, byte)
  const headerOnly = (header: string): Uint8Array => {
    const message = encode(null)
    const bytes = new TextEncoder().encode(header)
    const result = new Uint8Array(12 + Math.ceil((bytes.length + 4) / 8) * 8)
    result.set(message.subarray(0, 8))
    new DataView(result.buffer).setUint32(8, bytes.length, true)
    result.set(bytes, 12)
    return result
  }
  it.each([
    ['nothing', new Uint8Array(0), 'does not begin'],
    ['another beginning', changed(0, 65), 'does not begin'],
    ['another version', changed(4, 2), 'version is 2'],
    ['an end within the header', whole.subarray(0, 20), 'ends within its header'],
    ['an end within an array', whole.subarray(0, whole.length - 8), 'ends within an array'],
    ['a header that is no JSON', headerOnly('{'), 'header cannot be read'],
    ['an unknown type', headerOnly('{"$array":["constructor",0,0]}'), 'an array has no place'],
    ['a negative offset', headerOnly('{"$array":["uint8",-1,1]}'), 'an array has no place'],
    ['an array without a place', headerOnly('{"$array":null}'), 'an array has no place'],
    ['a length beyond the end', headerOnly('{"$array":["float64",0,9007199254740991]}'), 'ends within an array'],
  ])('refuse a message with %s', (_, message, reason) => {
    expect(() => decode(message)).toThrow('The message is damaged: ')
    expect(() => decode(message)).toThrow(reason)
  })
})
