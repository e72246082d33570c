import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/** A stream of random numbers that depends on all of `seeds` and on their order. */
export function randomStream(...seeds: readonly number[]): RandomGenerator {
  let mixed = 0x9e3779b9
  for (const seed of seeds) {
    mixed = Math.imul(mixed ^ seed, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    mixed ^= mixed >>> 16
  }
  return xoroshiro128plus(mixed)
}

/** An integer of `0..count - 1`, each as likely. */
export function randomIndex(random: RandomGenerator, count: number): number {
  return uniformInt(random, 0, count - 1)
}

/** 0..length-1 in random order (Fisher-Yates). */
export function shuffledIndexes(length: number, ...seeds: readonly number[]): Int32Array {
  const random = randomStream(...seeds)
  const order = Int32Array.from({ length }, (_, i) => i)
  for (let i = length - 1; i > 0; i--) {
    const j = randomIndex(random, i + 1)
    const held = order[i]
    order[i] = order[j]!
    order[j] = held
  }
  return order
}
