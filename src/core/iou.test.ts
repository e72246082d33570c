import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { areaUnder, IOU_THRESHOLDS, iouCurve } from './iou.ts'
import { randomIndex, randomStream } from './random.ts'

/** |explained and mask| / |explained or mask|, pixel by pixel, threshold by threshold. */
function plainCurve(heatmap: ArrayLike<number>, mask: ArrayLike<number>): number[] {
  return IOU_THRESHOLDS.map((threshold) => {
    let both = 0
    let either = 0
    for (let i = 0; i < mask.length; i++) {
      const explained = heatmap[i] >= threshold && heatmap[i] > 0
      if (explained && mask[i] === 1) both++
      if (explained || mask[i] === 1) either++
    }
    return both / either
  })
}

describe('iouCurve', () => {
  it('is the plain definition, on thresholds and between them, in float32 and float64', () => {
    const random = randomStream(12)
    for (let round = 0; round < 20; round++) {
      const values = Array.from({ length: 40 }, () => randomIndex(random, 401) / 400)
      const mask = Uint8Array.from({ length: 40 }, (_, i) => (i === 0 ? 1 : randomIndex(random, 2)))
      for (const heatmap of [Float32Array.from(values), values]) {
        expect([...iouCurve(heatmap, mask)]).toEqual(plainCurve(heatmap, mask))
      }
    }
  })

  it('is the Jaccard score of scikit-learn, and its area the trapezoidal rule of NumPy', () => {
    const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
    const { iou } = JSON.parse(readFileSync(stored, 'utf8')) as {
      iou: { heatmap: number[]; mask: number[]; curve: number[]; area: number }
    }
    const curve = iouCurve(iou.heatmap, iou.mask)
    iou.curve.forEach((value, i) => expect(curve[i]).toBeCloseTo(value, 11))
    expect(areaUnder(curve)).toBeCloseTo(iou.area, 11)
  })

  it('counts every threshold that a value reaches, exactly', () => {
    IOU_THRESHOLDS.forEach((threshold, level) => {
      const curve = iouCurve([threshold], [1])
      const reached = curve.filter((value) => value === 1).length
      expect(reached).toBe(threshold === 0 ? 0 : level + 1)
      // The number right below a threshold does not reach it.
      const below = iouCurve([threshold * (1 - Number.EPSILON / 2)], [1])
      expect(below.filter((value) => value === 1)).toHaveLength(level)
    })
  })

  it('is zero for an empty heatmap, one for the mask itself, the share of the mask for a full one', () => {
    const mask = [0, 1, 1, 0]
    expect(new Set(iouCurve([0, 0, 0, 0], mask))).toEqual(new Set([0]))
    expect(new Set(iouCurve(mask, mask))).toEqual(new Set([1]))
    expect(new Set(iouCurve([1, 1, 1, 1], mask))).toEqual(new Set([0.5]))
    expect(areaUnder(iouCurve(mask, mask))).toBe(1)
  })
})

describe('areaUnder', () => {
  it('halves the ends', () => {
    expect(areaUnder([1, 1, 1])).toBe(1)
    expect(areaUnder([1, 0, 0])).toBe(0.25)
    expect(areaUnder([0, 1, 0])).toBe(0.5)
  })
})
