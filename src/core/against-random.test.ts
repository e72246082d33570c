import { describe, expect, it } from 'vitest'
import { againstRandom } from './against-random.ts'
import { randomIndex, randomStream } from './random.ts'

const IMAGES = 50
const SETS = 30

interface Truth {
  /** Standard deviation of the true means of random sets. */
  readonly betweenSets: number
  /** Standard deviation over images, of what a set does to an image beyond what every set does to it. */
  readonly betweenImages: number
  /** What the chosen set takes off, on average. */
  readonly effect: number
}

/** Sets measured on the same images: some images are easy for all of them. */
function simulated({ betweenSets, betweenImages, effect }: Truth, repetition: number) {
  const random = randomStream(31, repetition)
  const uniform = (): number => (randomIndex(random, 2 ** 30) + 0.5) / 2 ** 30
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const ofImage = Array.from({ length: IMAGES }, () => 2 * normal())
  const set = (shift: number): number[] => {
    const own = shift + betweenSets * normal()
    return ofImage.map((easy) => easy + own + betweenImages * normal())
  }
  return { chosen: set(-effect), random: Array.from({ length: SETS }, () => set(0)).flat() }
}

/** Share of the repetitions whose interval holds 0. */
function holdingZero(truth: Truth, repetitions: number): { both: number; images: number } {
  const held = { both: 0, images: 0 }
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const { chosen, random } = simulated(truth, repetition)
    const found = againstRandom(chosen, random, { seed: repetition, draws: 200 })
    if (found.low <= 0 && found.high >= 0) held.both++
    if (found.imagesLow <= 0 && found.imagesHigh >= 0) held.images++
  }
  return { both: held.both / repetitions, images: held.images / repetitions }
}

describe('a random set against random sets', () => {
  // Standard deviation of a share of 300 repetitions: 0.013.
  it.each([
    ['the sets differ more than the images tell', { betweenSets: 1, betweenImages: 1, effect: 0 }],
    ['sets and images matter alike', { betweenSets: 0.2, betweenImages: 1.4, effect: 0 }],
    ['only the images matter', { betweenSets: 0, betweenImages: 1, effect: 0 }],
  ])('holds 0 in about 95 in 100 repetitions where %s', (_, truth) => {
    const { both } = holdingZero(truth, 300)
    expect(both).toBeGreaterThan(0.905)
    expect(both).toBeLessThan(0.985)
  })

  // As areas under the IoU curve, of which a larger one is better: 20 draws, 40 images, all above 0 and skewed.
  it('holds 0 in about 95 in 100 repetitions where higher is better, for 20 skewed sets', () => {
    const repetitions = 300
    let held = 0
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const { chosen, random } = simulated({ betweenSets: 0.3, betweenImages: 0.6, effect: 0 }, repetition)
      const areas = (values: number[]): number[] => values.map((value) => Math.exp(value / 2) / 10)
      const found = againstRandom(areas(chosen), areas(random.slice(0, 20 * IMAGES)), {
        seed: repetition,
        draws: 200,
        better: 'high',
      })
      if (found.low <= 0 && found.high >= 0) held++
    }
    expect(held / repetitions).toBeGreaterThan(0.905)
    expect(held / repetitions).toBeLessThan(0.985)
  })

  it('would hardly ever hold 0 by the images alone', () => {
    expect(holdingZero({ betweenSets: 1, betweenImages: 1, effect: 0 }, 60).images).toBeLessThan(0.4)
  })
})

describe('againstRandom', () => {
  it('finds a set that matters, by how much, and that no random set reaches it', () => {
    const { chosen, random } = simulated({ betweenSets: 0.2, betweenImages: 1, effect: 3 }, 1)
    const found = againstRandom(chosen, random, { seed: 1 })
    expect(Math.abs(found.value - 3)).toBeLessThan(0.7)
    expect(found.low).toBeGreaterThan(1)
    expect(found.low).toBeLessThan(found.imagesLow)
    expect(found.high).toBeGreaterThan(found.imagesHigh)
    expect(found.p).toBeCloseTo(1 / 31, 12)
  })

  it('is the definition, written out', () => {
    const { chosen, random } = simulated({ betweenSets: 0.5, betweenImages: 1, effect: 1 }, 2)
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length
    const means = Array.from({ length: SETS }, (_, r) => mean(random.slice(r * IMAGES, (r + 1) * IMAGES)))
    const found = againstRandom(chosen, random, { seed: 3, draws: 4000 })
    expect(found.value).toBeCloseTo(mean(means) - mean(chosen), 12)
    expect(found.p).toBe((1 + means.filter((each) => each <= mean(chosen)).length) / (SETS + 1))

    // Both intervals from their variances, as if everything were normal; the 30 sets are not quite.
    const variance = (values: number[]): number => {
      const centre = mean(values)
      return mean(values.map((value) => (value - centre) ** 2))
    }
    const lessOthers = (r: number): number[] =>
      chosen.map((_, image) => {
        const others = means.flatMap((_, s) => (s === r ? [] : [random[s * IMAGES + image]]))
        return random[r * IMAGES + image] - mean(others)
      })
    const fromImages = mean(means.map((_, r) => variance(lessOthers(r)) / IMAGES))
    const ofSets = (variance(means) * SETS) / (SETS - 1)
    const toChosen = chosen.map((value, image) => mean(means.map((_, r) => random[r * IMAGES + image])) - value)
    const alone = variance(toChosen) / IMAGES
    const both = alone + Math.max(0, (ofSets * (1 + 1 / SETS) * (SETS - 1)) / (SETS - 3) - fromImages)
    expect((found.imagesHigh - found.imagesLow) / (2 * 1.96 * Math.sqrt(alone))).toBeCloseTo(1, 1)
    expect(Math.abs((found.high - found.low) / (2 * 1.96 * Math.sqrt(both)) - 1)).toBeLessThan(0.15)
  })

  it('turns its sign where higher is better', () => {
    const { chosen, random } = simulated({ betweenSets: 0.5, betweenImages: 1, effect: 1 }, 2)
    const low = againstRandom(chosen, random, { seed: 3, draws: 50 })
    const high = againstRandom(
      chosen.map((value) => -value),
      random.map((value) => -value),
      { seed: 3, draws: 50, better: 'high' },
    )
    expect(high).toEqual(low)
  })

  it('weighs classes alike where they are given', () => {
    const chosen = [0, 0, 0, 1]
    const random = Array.from({ length: 5 }, () => [1, 1, 1, 1]).flat()
    expect(againstRandom(chosen, random, { seed: 1, draws: 10 }).value).toBeCloseTo(0.75, 12)
    expect(againstRandom(chosen, random, { seed: 1, draws: 10, classes: [0, 0, 0, 1] }).value).toBeCloseTo(0.5, 12)
  })

  it('has no width where nothing varies', () => {
    const found = againstRandom([0, 0], new Array(10).fill(1), { seed: 1, draws: 10 })
    for (const end of [found.value, found.low, found.high, found.imagesLow]) expect(end).toBeCloseTo(1, 12)
  })

  it('finds nothing, to the last bit, where the chosen set does what every random set does', () => {
    const chosen = Array.from({ length: 7 }, (_, image) => (image * 0.1) / 3)
    const found = againstRandom(chosen, Array.from({ length: 7 }, () => chosen).flat(), { seed: 1, draws: 20 })
    expect(found).toEqual({ value: 0, low: 0, high: 0, imagesLow: 0, imagesHigh: 0, p: 1 })
  })

  it('refuses too few sets, and sets of other images', () => {
    expect(() => againstRandom([1, 2], new Array(8).fill(0), { seed: 1 })).toThrow('At least 5 random sets')
    expect(() => againstRandom([1, 2], new Array(11).fill(0), { seed: 1 })).toThrow('no whole sets of 2 images')
  })
})
