import { describe, expect, it } from 'vitest'
import { centreBoxMap } from './centre-box.ts'

describe('centreBoxMap', () => {
  it('lies in the middle and has the area asked for', () => {
    const box = centreBoxMap(8, 12, 1 / 4)
    const inside = (i: number): boolean => i % 12 >= 3 && i % 12 < 9 && i >= 24 && i < 72
    expect([...box]).toEqual(Array.from({ length: 96 }, (_, i) => (inside(i) ? 1 : 0)))
  })

  it('comes within half a row of any share, and is never empty', () => {
    for (const share of [0.001, 0.03, 0.11, 0.4, 0.77, 1]) {
      const area = centreBoxMap(112, 100, share).reduce((sum, value) => sum + value, 0)
      expect(Math.abs(area - share * 11200)).toBeLessThanOrEqual(56)
      expect(area).toBeGreaterThan(0)
    }
    expect([...centreBoxMap(1, 1, 0.1)]).toEqual([1])
  })
})
