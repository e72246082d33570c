import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/** The draws that a scene is made of; every one advances the same stream. */
export interface RandomStream {
  /** Uniform in `[low, high)`. */
  between(low: number, high: number): number
  /** Uniform integer in `[low, high]`, both ends included. */
  integer(low: number, high: number): number
  chance(probability: number): boolean
  /** Throws RangeError on an empty list. */
  pick<T>(options: readonly T[]): T
}

/**
 * A stream that depends on every element of the key (integers) and on nothing else, so that an image
 * stays the same however many others are generated. The four state words are hashed from the whole
 * key, which keeps two keys from sharing a stream (a 32-bit seed would collide among many images).
 */
export function randomStream(key: readonly number[]): RandomStream {
  const generator = xoroshiro128plusFromState([1, 2, 3, 4].map((word) => hashIntegers([word, ...key])))
  return {
    between: (low, high) => low + (high - low) * uniformFloat64(generator),
    integer: (low, high) => uniformInt(generator, low, high),
    chance: (probability) => uniformFloat64(generator) < probability,
    pick(options) {
      if (options.length === 0) throw new RangeError('pick: the list is empty')
      return options[uniformInt(generator, 0, options.length - 1)]
    },
  }
}

/** 32-bit hash of integers (both halves of each count), with the finalizer of MurmurHash3. */
export function hashIntegers(values: readonly number[]): number {
  let hash = 0x9e3779b9
  for (const value of values) {
    hash = mix(hash ^ (value | 0))
    hash = mix((hash + Math.floor(value / 0x1_0000_0000) + 0x6d2b79f5) | 0)
  }
  return hash | 0
}

/** Spreads every bit of a 32-bit integer over the whole word. */
export function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) | 0
}
