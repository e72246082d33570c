import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { controlMaps, CONTROLS, sobelMap } from './control-maps.ts'

describe('sobelMap', () => {
  it('is scipy.ndimage.sobel, the largest over the colours', () => {
    const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
    const { sobel } = JSON.parse(readFileSync(stored, 'utf8')) as {
      sobel: { height: number; width: number; channels: number; data: number[]; map: number[] }
    }
    const map = sobelMap(sobel)
    expect(map).toHaveLength(sobel.map.length)
    sobel.map.forEach((value, i) => expect(Math.abs(map[i] - value)).toBeLessThan(1e-6))
  })

  it('is zero for a flat image, border included', () => {
    const map = sobelMap({ height: 3, width: 4, channels: 1, data: new Uint8Array(12).fill(200) })
    expect(map).toEqual(new Float32Array(12))
  })

  it('marks both sides of an edge', () => {
    const data = Array.from({ length: 15 }, (_, i) => (i % 5 < 2 ? 0 : 255))
    expect([...sobelMap({ height: 3, width: 5, channels: 1, data }).slice(5, 10)]).toEqual([0, 1, 1, 0, 0])
  })
})

describe('controlMaps', () => {
  const image = { height: 8, width: 12, channels: 1, data: Uint8Array.from({ length: 96 }, (_, i) => i) }

  it('has a box of the share asked for, and a constant', () => {
    const maps = controlMaps(image, 1 / 6, [1])
    expect(Object.keys(maps)).toEqual(CONTROLS.map(({ id }) => id))
    const inside = (i: number): boolean => i % 12 >= 3 && i % 12 < 8 && i >= 24 && i < 60
    expect([...maps['centre-box']]).toEqual(Array.from({ length: 96 }, (_, i) => (inside(i) ? 1 : 0)))
    expect([...maps.constant]).toEqual(new Array(96).fill(1))
    expect(maps.sobel).toEqual(sobelMap(image))
  })

  it('has a random map in [0, 1] that repeats with its seeds and fills the range', () => {
    const large = { ...image, height: 100, width: 100 }
    const map = (...seeds: number[]): Float32Array => controlMaps(large, 1, seeds)['random-map']
    const values = map(1, 2)
    expect(map(1, 2)).toEqual(values)
    expect(map(2, 1)).not.toEqual(values)
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length
    // Of 10,000 uniform numbers; 6 standard errors.
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(0.018)
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0045)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThanOrEqual(1)
  })
})
