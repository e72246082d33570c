import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { HeatmapDisplay } from '../shared/figures.ts'
import { colourAt } from './colour-maps.ts'
import { enlarge, heatmapPixels, mapRange, type ShownMap } from './heatmap-pixels.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../scripts/golden/heatmap-pixels.json', import.meta.url), 'utf8'),
) as { height: number; width: number; factor: number; values: number[]; enlarged: number[] }[]

const DISPLAY: HeatmapDisplay = { colourMap: 'viridis', opacity: 1, threshold: 0, smooth: false, scaleMax: null }
const map: ShownMap = { height: 2, width: 2, data: Float32Array.of(0, -2, 1, 4) }

function pixel(rgba: Uint8ClampedArray, index: number): number[] {
  return [...rgba.subarray(index * 4, index * 4 + 4)]
}

describe('enlarge', () => {
  it.each(golden)('is what NumPy interpolates: $height x $width times $factor', (one) => {
    const { data, height, width } = enlarge({ ...one, data: one.values }, one.factor, true)
    expect([height, width]).toEqual([one.height * one.factor, one.width * one.factor])
    for (const [i, value] of one.enlarged.entries()) expect(data[i]).toBeCloseTo(value, 6)
  })

  it('repeats each magnitude where it is not smooth', () => {
    const { data } = enlarge(map, 2, false)
    expect([...data]).toEqual([0, 0, 2, 2, 0, 0, 2, 2, 1, 1, 4, 4, 1, 1, 4, 4])
  })
})

describe('heatmapPixels', () => {
  it('colours magnitudes from 0 to the largest of the map', () => {
    const { rgba, range, scaleMax, clamped } = heatmapPixels(map, DISPLAY)
    expect(range).toEqual({ min: -2, max: 4, top: 4, flat: false })
    expect([scaleMax, clamped]).toEqual([4, 0])
    for (const [i, value] of [0, 2, 1, 4].entries()) {
      const expected = [...colourAt('viridis', value / 4), 255]
      for (const [c, level] of pixel(rgba, i).entries()) expect(Math.abs(level - expected[c])).toBeLessThanOrEqual(1)
    }
  })

  it('keeps a given scale for every picture and counts what lies beyond it', () => {
    const { rgba, scaleMax, clamped } = heatmapPixels(map, { ...DISPLAY, scaleMax: 2 })
    expect([scaleMax, clamped]).toEqual([2, 1])
    expect(pixel(rgba, 3)).toEqual([...colourAt('viridis', 1), 255])
    expect(pixel(rgba, 1)).toEqual([...colourAt('viridis', 1), 255])
  })

  it('draws nothing below the threshold, a share of the scale', () => {
    const { rgba } = heatmapPixels(map, { ...DISPLAY, threshold: 0.5, opacity: 0.6 })
    expect([0, 1, 2, 3].map((i) => pixel(rgba, i)[3])).toEqual([0, 153, 0, 153])
  })

  it('never stretches a flat map', () => {
    const noise = { height: 1, width: 3, data: Float32Array.of(0.3, 0.3 + 1e-8, 0.3) }
    const own = heatmapPixels(noise, DISPLAY)
    expect(own.range.flat).toBe(true)
    expect(own.scaleMax).toBe(0)
    for (const i of [0, 1, 2]) expect(pixel(own.rgba, i)).toEqual([...colourAt('viridis', 0), 255])
    const given = heatmapPixels(noise, { ...DISPLAY, scaleMax: 0.6 })
    for (const i of [0, 1, 2]) expect(pixel(given.rgba, i)).toEqual(pixel(given.rgba, 0))
    expect(pixel(given.rgba, 0)).not.toEqual([...colourAt('viridis', 0), 255])
  })

  it('is flat where the magnitudes are, though the signs differ', () => {
    expect(mapRange(Float32Array.of(-1, 1, -1)).flat).toBe(true)
    expect(mapRange(Float32Array.of(0, 0)).flat).toBe(true)
    expect(mapRange([]).flat).toBe(true)
  })

  it('refuses a value that is no number', () => {
    expect(() => mapRange([1, NaN])).toThrow('Value 1 of a heatmap is NaN.')
  })
})
