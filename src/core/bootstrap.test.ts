import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  bootstrapDifference,
  bootstrapMean,
  bootstrapMeans,
  drawnInterval,
  type Interval,
  resampledMeans,
} from './bootstrap.ts'
import { randomIndex, randomStream } from './random.ts'

interface GoldenInterval extends Interval {
  readonly standardError: number
}
const stored = new URL('../../scripts/golden/statistics-of-checks.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as {
  columns: number
  rows: number[]
  classes: number[]
  means: GoldenInterval[]
  difference: GoldenInterval
  stratified: GoldenInterval[]
}
const column = (k: number): number[] => golden.rows.filter((_, i) => i % golden.columns === k)

/** Of 20,000 draws; the ends of an interval then vary by about 0.02 standard errors. */
function expectGolden(found: Interval, expected: GoldenInterval): void {
  expect(found.value).toBeCloseTo(expected.value, 12)
  expect(Math.abs(found.low - expected.low)).toBeLessThan(0.1 * expected.standardError)
  expect(Math.abs(found.high - expected.high)).toBeLessThan(0.1 * expected.standardError)
}

describe('the bootstrap beside SciPy', () => {
  const options = { seed: 1, draws: 20_000 }

  it('has its percentile interval of a mean', () => {
    golden.means.forEach((expected, k) => expectGolden(bootstrapMean(column(k), options), expected))
  })

  it('has its interval of a paired difference, which is narrower than the intervals of the two', () => {
    const found = bootstrapDifference(column(0), column(2), options)
    expectGolden(found, golden.difference)
    expect(found.high - found.low).toBeLessThan(0.4 * (golden.means[0].high - golden.means[0].low))
  })

  it('has its interval of a mean of class means', () => {
    golden.stratified.forEach((expected, k) =>
      expectGolden(bootstrapMean(column(k), { ...options, classes: golden.classes }), expected),
    )
  })
})

/** Uniform in (0, 1). */
const uniform = (random: ReturnType<typeof randomStream>): number => (randomIndex(random, 2 ** 30) + 0.5) / 2 ** 30
const normal = (random: ReturnType<typeof randomStream>): number =>
  Math.sqrt(-2 * Math.log(uniform(random))) * Math.cos(2 * Math.PI * uniform(random))

describe('the bootstrap against what is known', () => {
  /** Share of simulated samples whose interval holds the truth. */
  function coverage(repetitions: number, holds: (repetition: number) => boolean): number {
    let held = 0
    for (let repetition = 0; repetition < repetitions; repetition++) if (holds(repetition)) held++
    return held / repetitions
  }
  const holds = ({ low, high }: Interval, truth: number): boolean => low <= truth && truth <= high

  // 500 repetitions: two standard deviations of the share are 0.02; a percentile interval of 60 images falls
  // about 0.01 short of 0.95.
  it('covers a mean in about 95 % of repetitions', () => {
    const share = coverage(500, (repetition) => {
      const random = randomStream(11, repetition)
      const values = Float64Array.from({ length: 60 }, () => 3 + normal(random))
      return holds(bootstrapMean(values, { seed: repetition, draws: 300 }), 3)
    })
    expect(share).toBeGreaterThan(0.905)
    expect(share).toBeLessThan(0.97)
  })

  it('covers a paired difference in about 95 % of repetitions, where an unpaired interval always would', () => {
    const pair = (repetition: number): [Float64Array, Float64Array] => {
      const random = randomStream(12, repetition)
      const common = Float64Array.from({ length: 60 }, () => 5 * normal(random))
      return [common.map((value) => value + 1 + normal(random)), common.map((value) => value + normal(random))]
    }
    const share = coverage(500, (repetition) =>
      holds(bootstrapDifference(...pair(repetition), { seed: repetition, draws: 300 }), 1),
    )
    expect(share).toBeGreaterThan(0.905)
    expect(share).toBeLessThan(0.97)
  })

  it('covers a mean of class means in about 95 % of repetitions though the classes lie far apart', () => {
    const classes = Int32Array.from({ length: 80 }, (_, image) => (image < 60 ? 0 : 1))
    const widths: number[] = []
    const share = coverage(500, (repetition) => {
      const random = randomStream(13, repetition)
      const values = Float64Array.from(classes, (j) => 20 * j + normal(random))
      const found = bootstrapMean(values, { seed: repetition, draws: 300, classes })
      widths.push(found.high - found.low)
      return holds(found, 10)
    })
    expect(share).toBeGreaterThan(0.905)
    expect(share).toBeLessThan(0.97)
    // 1.96 standard errors to either side; drawn from all images at once it would be several times as wide.
    const expected = 2 * 1.96 * Math.sqrt((1 / 60 + 1 / 20) / 4)
    expect(Math.abs(widths.reduce((a, b) => a + b) / widths.length / expected - 1)).toBeLessThan(0.08)
  })

  it('has the spread of the mean: the standard deviation over the root of the images', () => {
    const random = randomStream(14)
    const values = Float64Array.from({ length: 400 }, () => normal(random))
    const mean = values.reduce((a, b) => a + b) / 400
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 400
    const { draws } = resampledMeans(values, 1, { seed: 1, draws: 20_000 })
    const drawn = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length
    expect(drawn / (variance / 400)).toBeCloseTo(1, 1)
  })
})

describe('resampledMeans', () => {
  it('is the definition, written out', () => {
    const images = 7
    const rows = Float64Array.from({ length: images * 3 }, (_, i) => ((i * 37) % 11) / 3)
    const { value, draws } = resampledMeans(rows, 3, { seed: 5, draws: 4 })
    const meanOf = (chosen: number[], k: number): number =>
      chosen.reduce((sum, image) => sum + rows[image * 3 + k], 0) / chosen.length
    const random = randomStream(5)
    for (let draw = 0; draw < 4; draw++) {
      const chosen = Array.from({ length: images }, () => randomIndex(random, images))
      for (let k = 0; k < 3; k++) expect(draws[draw * 3 + k]).toBeCloseTo(meanOf(chosen, k), 12)
    }
    for (let k = 0; k < 3; k++) expect(value[k]).toBeCloseTo(meanOf([0, 1, 2, 3, 4, 5, 6], k), 12)
  })

  it('draws the same images for every column', () => {
    const values = Array.from({ length: 30 }, (_, image) => Math.sin(image))
    const { draws } = resampledMeans(values.flatMap((value) => [value, 2 * value]), 2, { seed: 3, draws: 50 })
    for (let draw = 0; draw < 50; draw++) expect(draws[2 * draw + 1]).toBeCloseTo(2 * draws[2 * draw], 12)
  })

  it('gives a column the same bits alone and among others', () => {
    const alone = bootstrapMean(column(1), { seed: 9, draws: 300 })
    const { value, low, high } = bootstrapMeans(golden.rows, golden.columns, { seed: 9, draws: 300 })
    expect([value[1], low[1], high[1]]).toEqual([alone.value, alone.low, alone.high])
  })

  it('repeats with its seed and changes with it', () => {
    const bits = (seed: number): string => resampledMeans(column(1), 1, { seed, draws: 20 }).draws.join()
    expect(bits(1)).toBe(bits(1))
    expect(bits(1)).not.toBe(bits(2))
  })

  it('keeps every class at its number of images', () => {
    const classes = [4, 1, 4, 4, 1]
    const isFour = classes.map((j) => (j === 4 ? 1 : 0))
    const { value, draws } = resampledMeans(isFour, 1, { seed: 1, draws: 100, classes })
    expect(value[0]).toBe(0.5)
    for (const mean of draws) expect(mean).toBeCloseTo(0.5, 12)
  })
})

describe('intervals', () => {
  it('lie between the quantiles of the draws', () => {
    expect(drawnInterval(7, Float64Array.from({ length: 1001 }, (_, i) => 1000 - i))).toEqual({
      value: 7,
      low: 25,
      high: 975,
    })
  })

  it('have no width where all images are alike, or where there is one', () => {
    for (const values of [[2, 2, 2], [2]]) {
      expect(bootstrapMean(values, { seed: 1, draws: 10 })).toEqual({ value: 2, low: 2, high: 2 })
    }
    const classes = Array.from({ length: 49 }, (_, image) => image % 3)
    const perfect = bootstrapMean(new Array(49).fill(1), { seed: 1, draws: 10, classes })
    expect(perfect).toEqual({ value: 1, low: 1, high: 1 })
  })

  it('refuse what has no mean', () => {
    expect(() => bootstrapMean([], { seed: 1 })).toThrow('at least one: 0 given')
    expect(() => bootstrapMeans([1, 2, 3], 2, { seed: 1 })).toThrow('whole rows of 2 values')
    expect(() => bootstrapMeans([1, 2, 3, NaN], 2, { seed: 1 })).toThrow('image 1 has NaN')
    expect(() => bootstrapDifference([1, 2], [1], { seed: 1 })).toThrow('the same images: 2 and 1 values')
    expect(() => bootstrapMean([1, 2], { seed: 1, classes: [0] })).toThrow('classes of 1 images are given for 2')
  })
})
