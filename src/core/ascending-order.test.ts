import { describe, expect, it } from 'vitest'
import { ascendingOrder } from './ascending-order.ts'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { randomStream } from './random.ts'

/** By the definition: comparing values, then places. */
function slowOrder(values: ArrayLike<number>): number[] {
  return Array.from(values, (value, place) => ({ value, place }))
    .sort((a, b) => a.value - b.value || a.place - b.place)
    .map(({ place }) => place)
}

describe('ascendingOrder', () => {
  const random = randomStream(1)
  const values = Array.from({ length: 3000 }, (_, i) => {
    const value = uniformFloat64(random) - 0.5
    // Many orders of magnitude, both signs, and many equal ones.
    return i % 3 === 0 ? Math.round(value * 10) : value * 10 ** ((i % 80) - 45)
  })

  it.each([Float32Array, Float64Array])('is a slow sort by value, then by place: %o', (Kind) => {
    const typed = Kind.from(values)
    expect([...ascendingOrder(typed)]).toEqual(slowOrder(typed))
  })

  it.each([Float32Array, Float64Array])('takes both zeros for one value, and orders what is extreme: %o', (Kind) => {
    const typed = Kind.from([0, -0, Infinity, 1e-45, 0, -Infinity, -1e-45, -0, 3.4e38, -3.4e38])
    expect([...ascendingOrder(typed)]).toEqual([5, 9, 6, 0, 1, 4, 7, 3, 8, 2])
    expect([...ascendingOrder(new Kind(0))]).toEqual([])
  })
})
