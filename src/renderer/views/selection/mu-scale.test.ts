import { describe, expect, it } from 'vitest'
import { muAt, muScale, nextBreakpoint, placeOf, rangesFor, roundUp, suitableKind } from './mu-scale.ts'

const PATH = Float64Array.of(0, 0.25, 1, 4, 16, 20)

describe('a scale of mu', () => {
  it('is linear from 0 to its end', () => {
    const scale = muScale('linear', PATH, 20)
    expect([0, 5, 20, 40].map((mu) => placeOf(scale, mu))).toEqual([0, 0.25, 1, 1])
    expect([0, 0.25, 1].map((place) => muAt(scale, place))).toEqual([0, 5, 20])
  })

  it('is logarithmic from the second feature on', () => {
    const scale = muScale('log', PATH, 25)
    expect(scale.low).toBe(0.25)
    expect([0, 0.25, 2.5, 25].map((mu) => placeOf(scale, mu))).toEqual([0, 0, 0.5, 1])
    expect([0, 0.5, 1].map((place) => muAt(scale, place))).toEqual([0.25, 2.5, 25])
  })

  it('covers three decades at most, and where the path has no second feature', () => {
    expect(muScale('log', Float64Array.of(0, 1e-7, 3), 10).low).toBe(0.01)
    expect(muScale('log', Float64Array.of(0), 10).low).toBe(0.01)
  })

  it('goes there and back to three digits', () => {
    for (const kind of ['linear', 'log'] as const) {
      const scale = muScale(kind, PATH, 20)
      for (const mu of [0.31, 2.47, 9.99, 17.3]) expect(muAt(scale, placeOf(scale, mu))).toBe(mu)
    }
  })

  it('is logarithmic where half of the breakpoints are squeezed into the beginning', () => {
    expect(suitableKind(PATH, 20)).toBe('linear')
    expect(suitableKind(Float64Array.of(0, 0.01, 0.02, 0.05, 20), 20)).toBe('log')
    expect(suitableKind(new Float64Array(), 20)).toBe('linear')
  })
})

describe('the ends of a slider', () => {
  it.each([
    [0.3, 0.5],
    [1, 1],
    [20, 20],
    [20.1, 50],
    [0, 1],
  ])('%d is rounded up to %d', (value, rounded) => expect(roundUp(value)).toBeCloseTo(rounded, 12))

  it('follow mu', () => {
    expect(rangesFor(10)).toEqual([20, 50, 200])
  })
})

describe('the next breakpoint', () => {
  it('is the nearest on either side', () => {
    expect(nextBreakpoint(PATH, 1, 1)).toBe(4)
    expect(nextBreakpoint(PATH, 1, -1)).toBe(0.25)
    expect(nextBreakpoint(PATH, 3, -1)).toBe(1)
    expect(nextBreakpoint(PATH, 20, 1)).toBeNull()
    expect(nextBreakpoint(PATH, 0, -1)).toBeNull()
  })

  it('moves on from one that was rounded', () => {
    const path = Float64Array.of(0, 1.23456749, 2.3456785)
    const first = nextBreakpoint(path, 0.5, 1)!
    expect(first).toBe(1.23457)
    expect(nextBreakpoint(path, first, 1)).toBe(2.34568)
    expect(nextBreakpoint(path, 2.34568, -1)).toBe(1.23457)
  })
})
