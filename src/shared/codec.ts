import { reasonOf, VebiError } from './errors.ts'
import type { NumericArray } from './matrix.ts'

/**
 * Messages of the contract, which are plain values with typed arrays in them, in two forms: one to be cloned
 * between processes (`compact`), and one as bytes for HTTP (`encode`, `decode`).
 *
 * Bytes: `VEBI`, the version (uint32), the length of the header (uint32), the header as JSON in UTF-8, zeros up to
 * the next multiple of 8, then the numbers of each array, each array beginning at a multiple of 8 behind that.
 * All little-endian, as is every machine that the engines and the browsers run on. In the header an array is
 * `{"$array": [type, offset, length]}`, a number that JSON lacks `{"$number": "NaN"}`, and a key that itself begins
 * with `$` carries one more.
 */

const MAGIC = 'VEBI'
const VERSION = 1
const PREFIX_BYTES = 12
const ALIGNMENT = 8

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array }
type ArrayType = keyof typeof ARRAYS

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain }

/**
 * The value with every typed array owning exactly its memory: cloning a view would send all that it is a view of.
 * `transfer` lists the memory of arrays that had to be copied, which the receiver may take over.
 */
export function compact<Value>(value: Value): { value: Value; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = []
  const walk = (part: unknown): unknown => {
    const type = arrayTypeOf(part)
    if (type) {
      const array = part as NumericArray
      const owned = array.byteLength === array.buffer.byteLength && array.constructor === ARRAYS[type]
      if (owned && array.buffer instanceof ArrayBuffer) return array
      const copy = ARRAYS[type].from(array)
      transfer.push(copy.buffer)
      return copy
    }
    if (Array.isArray(part)) return replaced(part, walk)
    if (typeof part !== 'object' || part === null) return part
    return rebuilt(part, sameKey, walk)
  }
  return { value: walk(value) as Value, transfer }
}

/**
 * The bytes of a message. Properties that are undefined are left out, as JSON does. Throws VebiError('internal') for
 * what a message cannot hold: functions, dates, maps, other typed arrays, undefined in a list.
 */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: { array: NumericArray; offset: number }[] = []
  let bodyBytes = 0
  /** Keys and indexes that lead to what is being written. */
  const path: (string | number)[] = []
  const writeAt = (part: unknown, key: string | number): Plain => {
    path.push(key)
    const plain = write(part)
    path.pop()
    return plain
  }
  const write = (part: unknown): Plain => {
    if (part === null || typeof part === 'string' || typeof part === 'boolean') return part
    if (typeof part === 'number') {
      if (Object.is(part, -0)) return { $number: '-0' }
      return Number.isFinite(part) ? part : { $number: String(part) }
    }
    const type = arrayTypeOf(part)
    if (type) {
      const array = part as NumericArray
      const offset = bodyBytes
      arrays.push({ array, offset })
      bodyBytes = aligned(offset + array.byteLength)
      return { $array: [type, offset, array.length] }
    }
    if (Array.isArray(part)) return replaced(part, writeAt) as Plain[]
    if (isPlainObject(part)) {
      // JSON leaves out what is undefined.
      return rebuilt(part, escaped, (inner, key) => inner === undefined ? inner : writeAt(inner, key)) as Plain
    }
    const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
    throw new VebiError('internal', `A message cannot hold value${place}: it is ${describe(part)}.`)
  }
  const header = new TextEncoder().encode(JSON.stringify(write(value)))
  const bodyStart = aligned(PREFIX_BYTES + header.length)
  const message = new Uint8Array(bodyStart + bodyBytes)
  const view = new DataView(message.buffer)
  for (let i = 0; i < MAGIC.length; i++) message[i] = MAGIC.charCodeAt(i)
  view.setUint32(4, VERSION, true)
  view.setUint32(8, header.length, true)
  message.set(header, PREFIX_BYTES)
  for (const { array, offset } of arrays) {
    message.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), bodyStart + offset)
  }
  return message
}

/** The value in a message; its arrays own their memory. Throws VebiError('bad-argument') where it is damaged. */
export function decode(message: Uint8Array): unknown {
  const damaged = (reason: string): never => {
    throw new VebiError('bad-argument', `The message is damaged: ${reason}.`)
  }
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const magic = String.fromCharCode(...message.subarray(0, MAGIC.length))
  if (message.length < PREFIX_BYTES || magic !== MAGIC) damaged('it does not begin as a message of VEBI does')
  if (view.getUint32(4, true) !== VERSION) damaged(`its version is ${view.getUint32(4, true)}, not ${VERSION}`)
  const headerBytes = view.getUint32(8, true)
  const bodyStart = aligned(PREFIX_BYTES + headerBytes)
  if (bodyStart > message.length) damaged('it ends within its header')
  const arrayAt = (place: unknown): NumericArray => {
    const [type, offset, length] = Array.isArray(place) ? (place as unknown[]) : []
    if (!isArrayType(type) || !isCount(offset) || !isCount(length)) return damaged('an array has no place')
    const bytes = length * ARRAYS[type].BYTES_PER_ELEMENT
    if (bodyStart + offset + bytes > message.length) return damaged('it ends within an array')
    // The slice of a subclass, such as Node's Buffer, would be a view of memory that is shared with others.
    const own = Uint8Array.prototype.slice.call(message, bodyStart + offset, bodyStart + offset + bytes)
    return new ARRAYS[type](own.buffer)
  }
  const read = (part: Plain): unknown => {
    if (Array.isArray(part)) return replaced(part, (inner) => read(inner as Plain))
    if (typeof part !== 'object' || part === null) return part
    const keys = Object.keys(part)
    if (keys.length === 1 && keys[0] === '$array') return arrayAt(part['$array'])
    if (keys.length === 1 && keys[0] === '$number') return Number(part['$number'])
    return rebuilt(part, unescaped, (inner) => read(inner as Plain))
  }
  let header: Plain
  try {
    const bytes = message.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes)
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Plain
  } catch (error) {
    return damaged(`its header cannot be read (${reasonOf(error)})`)
  }
  return read(header)
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}

const sameKey = (key: string): string => key
const escaped = (key: string): string => (key.startsWith('$') ? `$${key}` : key)
const unescaped = (key: string): string => (key.startsWith('$') ? key.slice(1) : key)

/** The list itself where no item changes: most of a long message stays as it is. */
function replaced(list: unknown[], change: (item: unknown, index: number) => unknown): unknown[] {
  let copy: unknown[] | undefined
  for (let i = 0; i < list.length; i++) {
    const item = change(list[i], i)
    if (copy) copy[i] = item
    else if (!Object.is(item, list[i])) (copy = list.slice())[i] = item
  }
  return copy ?? list
}

/** The object itself where neither a key nor a property changes. */
function rebuilt(
  part: object,
  rename: (key: string) => string,
  change: (inner: unknown, key: string) => unknown,
): object {
  const keys = Object.keys(part)
  const inside = part as Readonly<Record<string, unknown>>
  const values: unknown[] = []
  let same = true
  for (const key of keys) {
    const value = change(inside[key], key)
    values.push(value)
    same &&= Object.is(value, inside[key]) && rename(key) === key
  }
  // Not by assignment, with which `__proto__` would be no key.
  return same ? part : Object.fromEntries(keys.map((key, i) => [rename(key), values[i]]))
}

/** A subclass, such as Node's Buffer, counts as its type. */
function arrayTypeOf(value: unknown): ArrayType | undefined {
  if (!ArrayBuffer.isView(value)) return undefined
  for (const type of Object.keys(ARRAYS) as ArrayType[]) if (value instanceof ARRAYS[type]) return type
  return undefined
}

function isArrayType(value: unknown): value is ArrayType {
  return typeof value === 'string' && Object.hasOwn(ARRAYS, value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'class instance'}`
  return value === undefined ? 'undefined' : `a ${typeof value}`
}
