import { expect, it } from 'vitest'
import { hashIntegers, randomStream } from './random.ts'

it('repeats a stream for the same key and changes it with every element, order and length', () => {
  const draws = (key: number[]): string => {
    const stream = randomStream(key)
    return Array.from({ length: 4 }, () => stream.between(0, 1)).join()
  }
  const keys = [[1, 2, 3], [2, 1, 3], [1, 2, 4], [1, 2], [1, 2, 3, 0], [1 + 2 ** 32, 2, 3]]
  expect(draws([1, 2, 3])).toBe(draws([1, 2, 3]))
  expect(new Set(keys.map(draws)).size).toBe(keys.length)
})

it('gives distinct hashes to neighbouring keys', () => {
  const hashes = new Set(Array.from({ length: 2000 }, (_, i) => hashIntegers([i % 50, Math.floor(i / 50)])))
  expect(hashes.size).toBe(2000)
})

it('draws within the limits, evenly', () => {
  const stream = randomStream([7])
  const counts = [0, 0, 0]
  let sum = 0
  for (let i = 0; i < 6000; i++) {
    counts[stream.integer(0, 2)]++
    const value = stream.between(-1, 3)
    expect(value >= -1 && value < 3).toBe(true)
    sum += value
  }
  // Four standard deviations.
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(4 * Math.sqrt(6000 * (2 / 9)))
  expect(Math.abs(sum / 6000 - 1)).toBeLessThan((4 * 4) / Math.sqrt(12 * 6000))
})

it('refuses to pick from nothing', () => {
  expect(() => randomStream([1]).pick([])).toThrow('empty')
})
