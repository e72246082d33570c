import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { describe, expect, it } from 'vitest'
import { drawPatches } from './patch-occlusion.ts'
import { randomStream } from './random.ts'

const size = { height: 10, width: 12 }
const draw = (heatmap: ArrayLike<number>, side: number, share: number, seed = 1): Float64Array =>
  drawPatches(heatmap, size.height, size.width, { side, share }, randomStream(seed))
const areaBelow = (covered: Float64Array, share: number): number =>
  covered.filter((value) => value < share).length / covered.length

describe('drawPatches', () => {
  const lit = new Float32Array(120)
  lit[4 * 12 + 6] = 1

  it('covers where the heatmap is first, with whole patches', () => {
    const covered = draw(lit, 3, 0.3)
    const first = [...covered.keys()].filter((i) => covered[i] === 0)
    expect(first).toEqual([3, 4, 5].flatMap((y) => [5, 6, 7].map((x) => y * 12 + x)))
  })

  it('covers at least every share up to the last, and hardly more', () => {
    for (const seed of [1, 2, 3]) {
      const covered = draw(new Float32Array(120).fill(1), 3, 0.3, seed)
      for (const share of [0.05, 0.1, 0.2, 0.3]) {
        expect(areaBelow(covered, share)).toBeGreaterThanOrEqual(share)
        expect(areaBelow(covered, share)).toBeLessThan(share + 9 / 120)
      }
      expect(areaBelow(covered, 0)).toBe(0)
    }
  })

  it('goes on evenly where the heatmap is used up, and covers an empty one at random', () => {
    expect(areaBelow(draw(lit, 1, 0.5), 1)).toBe(0.5)
    expect(areaBelow(draw(new Float32Array(120), 1, 0.25), 1)).toBe(0.25)
  })

  it('draws each pixel in proportion to its value', () => {
    const heatmap = new Float32Array(120)
    heatmap[0] = 1
    heatmap[50] = 2
    heatmap[100] = 5
    const counts = new Map<number, number>()
    for (let seed = 0; seed < 4000; seed++) {
      const covered = draw(heatmap, 1, 1 / 120, seed)
      const pixel = covered.indexOf(0)
      counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 50, 100])
    // Five standard errors of a share of 1/8, 1/4 and 5/8 among 4000.
    for (const [pixel, share] of [[0, 1 / 8], [50, 1 / 4], [100, 5 / 8]] as const) {
      expect(Math.abs(counts.get(pixel)! / 4000 - share)).toBeLessThan(0.04)
    }
  })

  it('is the definition, pixel by pixel', () => {
    const { height, width } = size
    // Whole numbers, whose sums are exact in any order; some rows are empty, and they are soon used up.
    const heatmap = Float32Array.from({ length: 120 }, (_, i) => (Math.floor(i / width) % 3 === 0 ? 0 : (i * 31) % 5))
    for (const seed of [1, 2, 3]) {
      const random = randomStream(seed)
      let left = [...heatmap]
      const covered = new Array<number>(120).fill(Infinity)
      const count = (): number => covered.filter((value) => value !== Infinity).length
      while (count() < 0.9 * 120) {
        const before = count() / 120
        const drawn = (): number => {
          const wanted = uniformFloat64(random) * left.reduce((a, b) => a + b)
          return left.findIndex((_, i) => left.slice(0, i + 1).reduce((a, b) => a + b) > wanted)
        }
        let centre = drawn()
        if (centre < 0) {
          left = covered.map((value) => Number(value === Infinity))
          centre = drawn()
        }
        for (let i = 0; i < height * width; i++) {
          const [dy, dx] = [Math.floor(i / width) - Math.floor(centre / width), (i % width) - (centre % width)]
          if (Math.abs(dy) > 1 || Math.abs(dx) > 1) continue
          left[i] = 0
          if (covered[i] === Infinity) covered[i] = before
        }
      }
      expect([...draw(heatmap, 3, 0.9, seed)]).toEqual(covered)
    }
  })

  it('repeats with its seed', () => {
    const heatmap = Float32Array.from({ length: 120 }, (_, i) => i % 7)
    expect(draw(heatmap, 2, 0.3, 5)).toEqual(draw(heatmap, 2, 0.3, 5))
    expect(draw(heatmap, 2, 0.3, 5)).not.toEqual(draw(heatmap, 2, 0.3, 6))
  })
})
