import { describe, expect, it } from 'vitest'
import { stratifiedFolds, stratifiedPart } from './splits.ts'

const labels = Array.from({ length: 101 }, (_, image) => (image < 50 ? 0 : image < 83 ? 1 : 2))
const countOf = (part: Uint8Array, j: number): number =>
  part.filter((taken, i) => taken === 1 && labels[i] === j).length

describe('stratifiedPart', () => {
  it.each([
    [0.5, [25, 17, 9]],
    [0.25, [13, 8, 5]],
    [0.2, [10, 7, 4]],
  ])('takes the share %d of every class, rounded', (share, counts) => {
    for (let seed = 0; seed < 20; seed++) {
      const part = stratifiedPart(labels, share, seed)
      expect([0, 1, 2].map((j) => countOf(part, j))).toEqual(counts)
    }
  })

  it('takes every image about as often as any other', () => {
    const counts = new Array<number>(101).fill(0)
    for (let seed = 0; seed < 2000; seed++) {
      stratifiedPart(labels, 0.5, 4, seed).forEach((taken, i) => (counts[i] += taken))
    }
    // 1000 expected, or a little more in the odd classes; 6 standard deviations are 134.
    counts.forEach((count, i) => expect(Math.abs(count - [1000, 1030, 1000][labels[i]])).toBeLessThan(134))
  })

  it('repeats with its seeds and changes with them', () => {
    const bits = (...seeds: number[]): string => stratifiedPart(labels, 0.5, ...seeds).join('')
    expect(bits(1, 2)).toBe(bits(1, 2))
    expect(new Set([bits(1, 2), bits(2, 1), bits(1, 3)]).size).toBe(3)
  })

  it('leaves a class of one image whole: in the half, out of the quarter', () => {
    expect([...stratifiedPart([7], 0.5, 1)]).toEqual([1])
    expect([...stratifiedPart([7], 0.25, 1)]).toEqual([0])
    expect(stratifiedPart([], 0.5, 1)).toHaveLength(0)
  })
})

describe('stratifiedFolds', () => {
  const folds = stratifiedFolds(labels, 5, 3)
  const sizes = (keep: (image: number) => boolean): number[] =>
    Array.from({ length: 5 }, (_, fold) => folds.filter((own, image) => own === fold && keep(image)).length)

  it('puts every image into one fold, and spreads images and classes evenly', () => {
    expect(sizes(() => true).sort()).toEqual([20, 20, 20, 20, 21])
    expect(sizes((image) => labels[image] === 0)).toEqual([10, 10, 10, 10, 10])
    expect(sizes((image) => labels[image] === 1).sort()).toEqual([6, 6, 7, 7, 7])
    expect(sizes((image) => labels[image] === 2).sort()).toEqual([3, 3, 4, 4, 4])
  })

  it('repeats with its seeds and changes with them', () => {
    expect(stratifiedFolds(labels, 5, 3)).toEqual(folds)
    expect(stratifiedFolds(labels, 5, 4)).not.toEqual(folds)
  })
})
