import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { addPatch, emptyPatchSum, finishPatchSum, offsetInFrame } from './patches.ts'
import { receptiveBox, type ReceptiveField } from './receptive-field.ts'

/** Unit [0, 0] sees rows and columns -1 to 1; units lie one pixel apart. */
const field: ReceptiveField = {
  vertical: { size: 3, stride: 1, start: -1 },
  horizontal: { size: 3, stride: 1, start: -1 },
  whole: false,
}

describe('patches of receptive fields', () => {
  it('average to what NumPy computes, pixels beyond the border left out', () => {
    const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
    const { patches: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
      patches: { images: number[]; corners: [number, number][]; mean: number[]; spread: number[] }
    }
    const sum = emptyPatchSum(3, 3, 2)
    golden.corners.forEach(([top, left], number) => {
      const unit = [top + 1, left + 1] as const
      const box = receptiveBox(field, unit, [5, 4, 2])
      const data = golden.images.slice(number * 40, (number + 1) * 40)
      addPatch(sum, { width: 4, data }, box, offsetInFrame(field, unit, box))
    })
    const { mean, spread } = finishPatchSum(sum)
    golden.mean.forEach((value, i) => expect(Math.abs(mean[i] - value)).toBeLessThan(1e-4))
    golden.spread.forEach((value, i) => expect(Math.abs(spread[i] - value)).toBeLessThan(1e-4))
  })

  it('lie where they were cut: a corner unit fills the far corner of the frame', () => {
    const box = receptiveBox(field, [0, 0], [5, 5, 1])
    expect(offsetInFrame(field, [0, 0], box)).toEqual({ row: 1, column: 1 })
    const sum = emptyPatchSum(3, 3, 1)
    addPatch(sum, { width: 5, data: Array.from({ length: 25 }, (_, i) => i) }, box, { row: 1, column: 1 })
    expect([...sum.count]).toEqual([0, 0, 0, 0, 1, 1, 0, 1, 1])
    expect([...sum.sum]).toEqual([0, 0, 0, 0, 0, 1, 0, 5, 6])
    const { mean } = finishPatchSum(sum)
    expect([...mean]).toEqual([NaN, NaN, NaN, NaN, 0, 1, NaN, 5, 6])
  })

  it('cut on the near side only are not moved', () => {
    const box = receptiveBox(field, [4, 2], [5, 5, 1])
    expect(box).toMatchObject({ top: 3, bottom: 5, clipped: true })
    expect(offsetInFrame(field, [4, 2], box)).toEqual({ row: 0, column: 0 })
  })

  it('of a unit that sees everything are the image', () => {
    const whole = { ...field, whole: true }
    const box = receptiveBox(whole, [0, 0], [2, 2, 1])
    expect(offsetInFrame(whole, [0, 0], box)).toEqual({ row: 0, column: 0 })
    const sum = emptyPatchSum(2, 2, 1)
    for (const data of [[1, 2, 3, 4], [3, 2, 1, 8]]) addPatch(sum, { width: 2, data }, box, { row: 0, column: 0 })
    const { mean, spread } = finishPatchSum(sum)
    expect([...mean]).toEqual([2, 2, 2, 6])
    expect([...spread]).toEqual([1, 0, 1, 2])
  })
})
