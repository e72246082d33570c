import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { applyColourMap, COLOUR_MAP_NAMES, colourAt, hexAt, isFlatRange } from './colour-maps.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../scripts/golden/colour-maps.json', import.meta.url), 'utf8'),
) as { maps: Record<'viridis' | 'inferno' | 'coolwarm' | 'cividis' | 'jet', number[]> }

describe('colourAt', () => {
  it.each([
    ['viridis', 2],
    ['inferno', 2],
    // Their corners lie between two control points.
    ['cividis', 6],
    ['jet', 9],
    ['coolwarm', 5],
  ] as const)('follows the reference table of %s within %d of 255', (name, tolerance) => {
    for (let i = 0; i < 256; i++) {
      const reference = golden.maps[name].slice(i * 3, i * 3 + 3)
      const worst = Math.max(...colourAt(name, i / 255).map((value, c) => Math.abs(value - reference[c])))
      expect(worst, `entry ${i}`).toBeLessThanOrEqual(tolerance)
    }
  })

  it('is the identity for gray', () => {
    for (let i = 0; i < 256; i++) expect(colourAt('gray', i / 255)).toEqual([i, i, i])
  })

  it('is linear between two control points', () => {
    // A quarter of the way from 440154 to 470d60, the first two points of viridis.
    expect(colourAt('viridis', 0.25 / 32)).toEqual([0x44 + 1, 0x01 + 3, 0x54 + 3])
  })

  it('clamps positions', () => {
    for (const name of COLOUR_MAP_NAMES) {
      expect(colourAt(name, -3)).toEqual(colourAt(name, 0))
      expect(colourAt(name, 7)).toEqual(colourAt(name, 1))
    }
    expect(hexAt('viridis', 0)).toBe('#440154')
    expect(hexAt('inferno', 1)).toBe('#fcffa4')
  })
})

describe('applyColourMap', () => {
  it('uses the locked range, not that of the values', () => {
    const { rgb, flat, clamped } = applyColourMap('gray', Float32Array.of(0, 0.25, 0.5, 2, -1), 0, 1)
    expect([...rgb]).toEqual([0, 0, 0, 64, 64, 64, 128, 128, 128, 255, 255, 255, 0, 0, 0])
    expect(flat).toBe(false)
    expect(clamped).toBe(2)
  })

  it('shows a flat map as flat, at its lower end or the middle of a diverging map', () => {
    const values = Float32Array.of(0.3, 0.3, 0.3)
    const inferno = applyColourMap('inferno', values, values[0], values[0])
    expect(inferno.flat).toBe(true)
    expect(new Set(inferno.rgb)).toEqual(new Set(colourAt('inferno', 0)))
    expect([...applyColourMap('coolwarm', values, values[0], values[0]).rgb.slice(0, 3)]).toEqual([0xdd, 0xdd, 0xdd])
  })

  it('does not stretch float32 rounding noise', () => {
    const values = Float32Array.of(1000, 1000.00006)
    const { rgb, flat } = applyColourMap('gray', values, 1000, values[1])
    expect(flat).toBe(true)
    expect([...rgb]).toEqual([0, 0, 0, 0, 0, 0])
    expect(isFlatRange(0, 1e-12)).toBe(false)
    expect(isFlatRange(1, 1.001)).toBe(false)
  })

  it('refuses values and ranges that are not numbers', () => {
    expect(() => applyColourMap('gray', Float32Array.of(0, NaN), 0, 1)).toThrow('Value 1')
    expect(() => applyColourMap('gray', Float32Array.of(0), 0, NaN)).toThrow('from 0 to NaN')
    expect(() => applyColourMap('gray', Float32Array.of(0), 1, 0)).toThrow('from 1 to 0')
  })
})
