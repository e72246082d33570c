import { describe, expect, it } from 'vitest'
import { cellText } from './check-cell.ts'

describe('cellText', () => {
  it.each([
    ['conv1', 3, 'conv1'],
    [0.22549, 3, '0.225'],
    [-0.0004, 3, '0.000'],
    [-0.0006, 3, '-0.001'],
    [240, 0, '240'],
    [12, null, '12'],
    [null, 3, '–'],
    [NaN, 3, '–'],
  ] as const)('writes %s with %s decimals as %s', (value, decimals, text) => {
    expect(cellText(value, decimals)).toBe(text)
  })
})
