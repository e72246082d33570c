import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { describe, expect, it } from 'vitest'
import { crossedBootstrapMean } from './crossed-bootstrap.ts'
import { randomStream } from './random.ts'

/** Normal numbers by Box and Muller. */
function normals(seed: number): () => number {
  const random = randomStream(seed, 11)
  return () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random))
}

/** True mean 0; every image and every draw has an effect of its own. */
function simulated(images: number, draws: number, seed: number): Float64Array {
  const normal = normals(seed)
  const ofImage = Array.from({ length: images }, normal)
  const ofDraw = Array.from({ length: draws }, normal)
  return Float64Array.from(
    { length: images * draws },
    (_, i) => ofImage[Math.floor(i / draws)] + 0.5 * ofDraw[i % draws] + normal(),
  )
}

describe('crossedBootstrapMean', () => {
  it('covers the true mean in about 95 % of repetitions', () => {
    const repetitions = 300
    let covered = 0
    for (let seed = 0; seed < repetitions; seed++) {
      const { low, high } = crossedBootstrapMean(simulated(40, 20, seed), 40, 20, { seed, resamples: 300 })
      if (low <= 0 && high >= 0) covered++
    }
    // 4 standard errors around 95 %; it may be a little too wide.
    expect(covered / repetitions).toBeGreaterThan(0.9)
  })

  it('has the mean for its value, and no width where all values are equal', () => {
    const values = simulated(5, 4, 1)
    const mean = values.reduce((a, b) => a + b, 0) / 20
    expect(crossedBootstrapMean(values, 5, 4, { seed: 1, resamples: 10 }).value).toBeCloseTo(mean, 14)
    expect(crossedBootstrapMean(new Float64Array(20).fill(0.25), 5, 4, { seed: 1, resamples: 10 })).toEqual({
      value: 0.25,
      low: 0.25,
      high: 0.25,
    })
  })

  it('is wider than an interval that takes the draws as given', () => {
    const values = Float64Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 4 : 0))
    const { low, high } = crossedBootstrapMean(values, 50, 4, { seed: 3 })
    expect(high - low).toBeGreaterThan(1)
  })
})
