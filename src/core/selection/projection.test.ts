import { describe, expect, it } from 'vitest'
import { projectOntoBall } from './projection.ts'
import { l1NormOf, uniform } from './testing.ts'

/** The threshold by bisection on ||soft(v, t)||_1 = radius. */
function slowProjection(vector: Float64Array, radius: number, nonnegative: boolean): Float64Array {
  const start = nonnegative ? vector.map((value) => Math.max(0, value)) : vector
  const shrunk = (t: number): Float64Array => start.map((value) => Math.sign(value) * Math.max(0, Math.abs(value) - t))
  if (l1NormOf(start) <= radius) return start
  let low = 0
  let high = Math.max(...start.map(Math.abs))
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (l1NormOf(shrunk(middle)) > radius) low = middle
    else high = middle
  }
  return shrunk(high)
}

describe.each([false, true])('projectOntoBall, nonnegative %s', (nonnegative) => {
  it('agrees with bisection', () => {
    const random = uniform(3)
    for (let trial = 0; trial < 200; trial++) {
      const vector = Float64Array.from({ length: 1 + Math.floor(random() * 20) }, () =>
        random() < 0.2 ? 0 : random() < 0.2 ? 0.5 : 4 * random() - 2,
      )
      const radius = [0, 0.1, 1, 3, 100][trial % 5]
      const expected = slowProjection(vector, radius, nonnegative)
      projectOntoBall(vector, radius, nonnegative)
      vector.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12))
    }
  })

  it('leaves a point of the ball where it is', () => {
    const vector = Float64Array.of(0.25, 0, 0.5)
    projectOntoBall(vector, 0.75, nonnegative)
    expect(Array.from(vector)).toEqual([0.25, 0, 0.5])
  })
})
