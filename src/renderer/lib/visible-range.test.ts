import { describe, expect, it } from 'vitest'
import { visibleRange } from './visible-range.ts'

describe('visibleRange', () => {
  it('covers what is seen, with a margin, and nothing else', () => {
    for (const count of [0, 1, 5, 40, 12_000]) {
      for (const scrollTop of [0, 1, 29, 300, 359_000]) {
        const { first, end } = visibleRange({ count, rowHeight: 30, scrollTop, height: 100 })
        for (let row = 0; row < count; row++) {
          const seen = row * 30 < scrollTop + 100 && (row + 1) * 30 > scrollTop
          if (seen && !(row >= first && row < end)) throw new Error(`row ${row} is missing`)
        }
        expect(end - first).toBeLessThanOrEqual(5 + 12)
        expect(first).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThanOrEqual(count)
      }
    }
  })

  it('keeps as many rows beyond as it is told', () => {
    expect(visibleRange({ count: 100, rowHeight: 30, scrollTop: 300, height: 60, margin: 1 })).toEqual({
      first: 9,
      end: 13,
    })
  })
})
