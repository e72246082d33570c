import type { Pair } from '../../../shared/graph.ts'
import { VebiError } from '../../../shared/errors.ts'

/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Typed reading of one layer's `config`; every error names the layer through `subject`. */
export class LayerConfig {
  /** `<file>: layer "<name>"`, the start of every sentence about the layer. */
  readonly subject: string
  readonly values: JsonObject

  constructor(subject: string, values: JsonObject) {
    this.subject = subject
    this.values = values
  }

  /** The first of `keys` that is present and not null: versions of Keras renamed some fields. */
  find(...keys: string[]): unknown {
    for (const key of keys) {
      const value = this.values[key]
      if (value !== undefined && value !== null) return value
    }
    return undefined
  }

  number(keys: string | readonly string[], fallback: number): number {
    const value = this.find(...[keys].flat())
    if (value === undefined) return fallback
    // Keras 2.0 wrote the numbers of NumPy as objects.
    const number = isObject(value) && value['type'] === 'ndarray' ? value['value'] : value
    if (typeof number === 'number' && Number.isFinite(number)) return number
    throw this.wrong([keys].flat()[0], value, 'a number')
  }

  /** A number or, however deep, a list of numbers as a flat list; undefined where it is not stated. */
  numbers(key: string): number[] | undefined {
    const value = this.find(key)
    if (value === undefined) return undefined
    const flat = (member: unknown): unknown[] => {
      if (Array.isArray(member)) return member.flatMap(flat)
      if (!isObject(member)) return [member]
      return flat(isObject(member['config']) ? member['config']['value'] : member['value'])
    }
    const numbers = flat(value)
    if (numbers.every((member) => typeof member === 'number' && Number.isFinite(member))) return numbers as number[]
    throw this.wrong(key, value, 'a number or a list of numbers')
  }

  boolean(keys: string | readonly string[], fallback: boolean): boolean {
    const value = this.find(...[keys].flat())
    if (value === undefined) return fallback
    if (typeof value === 'boolean') return value
    throw this.wrong([keys].flat()[0], value, 'true or false')
  }

  string(key: string, fallback: string): string {
    const value = this.find(key)
    if (value === undefined) return fallback
    if (typeof value === 'string') return value
    throw this.wrong(key, value, 'a text')
  }

  /** A whole number of at least 1; without a fallback the field is required. */
  count(key: string, fallback?: number): number {
    const value = this.find(key) ?? fallback
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
    throw this.wrong(key, value, 'a whole number of at least 1')
  }

  /** `[vertical, horizontal]` of whole numbers of at least 1; a single number stands for both. */
  pair(key: string, fallback?: Pair): Pair {
    const value = this.find(key) ?? fallback
    const members = typeof value === 'number' ? [value, value] : value
    if (
      Array.isArray(members) &&
      members.length === 2 &&
      members.every((member) => Number.isInteger(member) && member >= 1)
    ) {
      return [members[0], members[1]] as Pair
    }
    throw this.wrong(key, value, 'a whole number of at least 1 or a pair of them')
  }

  /** A list of whole numbers, negative ones included. */
  integers(key: string): number[] {
    const value = this.find(key)
    if (Array.isArray(value) && value.every((member) => Number.isInteger(member))) return value as number[]
    throw this.wrong(key, value, 'a list of whole numbers')
  }

  wrong(key: string, value: unknown, expected: string): VebiError {
    const found = value === undefined ? 'no' : `${JSON.stringify(value)} as`
    return new VebiError('bad-model', `${this.subject} has ${found} "${key}", where ${expected} is expected.`)
  }
}
