import { describe, expect, it } from 'vitest'
import { randomIndex, randomStream, shuffledIndexes } from './random.ts'

const draws = (...seeds: number[]): string => {
  const random = randomStream(...seeds)
  return Array.from({ length: 8 }, () => randomIndex(random, 1000)).join()
}

describe('randomStream', () => {
  it('repeats with its seeds', () => {
    expect(draws(1, 2, 3)).toBe(draws(1, 2, 3))
  })

  it('depends on every seed and on their order', () => {
    const streams = [[], [0], [0, 0], [1], [1, 0], [0, 1], [1, 2], [2, 1], [-1], [2 ** 31], [1, 2, 3], [1, 2, 4]]
    expect(new Set(streams.map((seeds) => draws(...seeds))).size).toBe(streams.length)
  })

  it('does not repeat among many neighbouring seeds', () => {
    const streams = Array.from({ length: 4000 }, (_, i) => draws(i % 20, Math.floor(i / 20)))
    expect(new Set(streams).size).toBe(streams.length)
  })

  it('has first numbers that are spread evenly over neighbouring seeds', () => {
    const counts = new Array<number>(10).fill(0)
    for (let seed = 0; seed < 5000; seed++) counts[randomIndex(randomStream(7, seed), 10)]++
    // 500 expected; 6 standard deviations are 127.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(127)
  })
})

describe('randomIndex', () => {
  it('reaches every index below the count and no other', () => {
    const random = randomStream(4)
    const seen = new Set(Array.from({ length: 300 }, () => randomIndex(random, 5)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4])
    expect(randomIndex(random, 1)).toBe(0)
  })
})

describe('shuffledIndexes', () => {
  it('is a permutation that repeats with its seeds', () => {
    for (const length of [0, 1, 2, 50]) {
      const order = shuffledIndexes(length, 3, 4)
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i))
      expect(shuffledIndexes(length, 3, 4)).toEqual(order)
    }
    expect(shuffledIndexes(50, 3, 4)).not.toEqual(shuffledIndexes(50, 4, 3))
  })

  it('makes every order as often as any other', () => {
    const counts = new Map<string, number>()
    for (let seed = 0; seed < 6000; seed++) {
      const order = shuffledIndexes(3, seed).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    // 1000 expected; 6 standard deviations are 173.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(173)
  })
})
