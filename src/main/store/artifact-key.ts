import { createHash } from 'node:crypto'
import { VebiError } from '../../shared/errors.ts'

/**
 * JSON with keys in the order of their UTF-16 code units and without spaces (RFC 8785), so that equal
 * values have equal text. Refuses with VebiError('internal') whatever JSON would drop or blur (undefined,
 * NaN, typed arrays, maps, dates): two different inputs must never share a key.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 'value')
}

/** SHA-256 (hex) over kind and inputs: the name under which a computed result is found again. */
export function artifactKey(kind: string, inputs: unknown): string {
  return createHash('sha256').update(canonicalJson({ kind, inputs })).digest('hex')
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) {
    // Array.from visits holes, which map would skip.
    return `[${Array.from(value, (item: unknown, i) => write(item, `${path}[${i}]`)).join(',')}]`
  }
  if (isPlainObject(value)) {
    const names = Object.keys(value).sort()
    return `{${names.map((name) => `${JSON.stringify(name)}:${write(value[name], `${path}.${name}`)}`).join(',')}}`
  }
  throw new VebiError('internal', `Not representable in JSON: ${path} is ${describe(value)}.`)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'class instance'}`
  return typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`
}
