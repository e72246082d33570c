import { describe, expect, it } from 'vitest'
import { canonical } from './canonical.ts'
import {
  baseName,
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatList,
  formatNumber,
  formatShare,
} from './format.ts'

describe('numbers and times as text', () => {
  it.each([
    [formatBytes(0), '0 B'],
    [formatBytes(1023), '1023 B'],
    [formatBytes(1536), '1.5 KB'],
    [formatBytes(3 * 2 ** 30), '3.0 GB'],
    [formatDuration(0.2), '0 s'],
    [formatDuration(59.6), '1 min 00 s'],
    [formatDuration(3725), '1 h 02 min'],
    [formatShare(0.9917), '99.2 %'],
    [formatCount(12_000), '12,000'],
    [formatNumber(0), '0'],
    [formatNumber(-0.123456), '-0.123'],
    [formatNumber(123456), '1.2e5'],
    [formatNumber(0.0000123), '1.2e-5'],
    [formatNumber(NaN), 'NaN'],
    [formatList([]), ''],
    [formatList(['a']), 'a'],
    [formatList(['a', 'b', 'c']), 'a, b and c'],
    [baseName('/data/flowers/'), 'flowers'],
    [baseName('C:\\data\\flowers'), 'flowers'],
  ])('%s is %s', (text, expected) => expect(text).toBe(expected))

  it.each([
    [30, 'just now'],
    [61, '1 min ago'],
    [3600, '1 hour ago'],
    [26 * 3600, '1 day ago'],
    [50 * 86400, '2026-01-01'],
  ])('%d seconds ago', (seconds, expected) => {
    const now = Date.UTC(2026, 1, 20)
    expect(formatAgo(now - seconds * 1000, now)).toBe(expected)
  })
})

describe('canonical', () => {
  it('is the same for equal values whatever the order of keys', () => {
    const one = { b: 1, a: { d: [1, 2], c: null }, e: undefined }
    expect(canonical(one)).toBe(canonical({ a: { c: null, d: [1, 2] }, b: 1 }))
  })

  it('tells lists in another order apart', () => {
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]))
  })
})
