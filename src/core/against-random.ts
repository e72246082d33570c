import { BOOTSTRAP_DRAWS, drawnInterval, resampledMeans } from './bootstrap.ts'
import { empiricalP } from './empirical-p.ts'
import { randomIndex, randomStream } from './random.ts'

/** Fewer random sets do not tell how far random sets lie apart. */
export const FEWEST_SETS = 5

export interface AgainstRandom {
  /** Mean over images of the mean of the random sets less the chosen one, or with `better: 'high'` the reverse. */
  readonly value: number
  /** 95 % interval of the difference to a random set; holds 0 in 95 % of repetitions if the chosen set is random. */
  readonly low: number
  readonly high: number
  /** 95 % interval over images alone, for these very sets. */
  readonly imagesLow: number
  readonly imagesHigh: number
  /** Share of random sets that do as well as the chosen one, itself counted in. */
  readonly p: number
}

export interface AgainstRandomOptions {
  readonly seed: number
  /** Draws of the images and the sets; `BOOTSTRAP_DRAWS` where left out. */
  readonly draws?: number
  /** `[images]`, the class of each: means are then means of class means. */
  readonly classes?: ArrayLike<number>
  /** Which values speak for the chosen set; `low` where left out, as of an accuracy without its features. */
  readonly better?: 'low' | 'high'
}

/**
 * By how much a chosen set is better than random sets that were measured on the same images (ours; the bootstrap over
 * images is that of Efron & Tibshirani 1993). The question is whether the chosen set could be one of the random ones,
 * not how well the mean of many random sets is known: an interval of that mean alone gets ever narrower with more sets,
 * and leaves out 0 for nearly every set that was chosen at random. It is assumed that the images are independent draws
 * and so are the sets, and that the chosen set varies over the images as random ones do.
 *
 * Two things are left to chance. Which images were at hand: a paired bootstrap. Which random set the chosen one is
 * compared with: the spread of the random sets, as far as the images do not explain it already. Over images alone, one
 * random set would differ from others almost always.
 *
 * With A_r the mean of random set r, S^2 their variance, and v the mean over r of the bootstrap variance of A_r less
 * the mean of the others, a random set differs from the mean of R others with variance S^2 (1 + 1/R); v of it comes
 * from the images, and draws of the sets add the rest, (R - 1) / (R - 3) times as Student's t has heavier tails.
 *
 * @param chosen `[images]`, @param random `[sets, images]`, the same measure for each random set. Throws RangeError
 * where there are fewer than `FEWEST_SETS` sets, or images differ in number.
 */
export function againstRandom(
  chosen: ArrayLike<number>,
  random: ArrayLike<number>,
  options: AgainstRandomOptions,
): AgainstRandom {
  const images = chosen.length
  const sets = random.length / images
  if (!Number.isInteger(sets)) throw new RangeError(`${random.length} values are no whole sets of ${images} images.`)
  if (sets < FEWEST_SETS) throw new RangeError(`At least ${FEWEST_SETS} random sets are needed, not ${sets}.`)
  const columns = sets + 1
  const { seed, draws = BOOTSTRAP_DRAWS, classes, better = 'low' } = options
  const sign = better === 'low' ? 1 : -1
  const rows = new Float64Array(images * columns)
  for (let image = 0; image < images; image++) {
    rows[image * columns] = sign * chosen[image]
    for (let r = 0; r < sets; r++) rows[image * columns + 1 + r] = sign * random[r * images + image]
  }
  const { value: means, draws: drawn } = resampledMeans(rows, columns, {
    seed,
    draws,
    ...(classes ? { classes } : {}),
  })
  const randomMeans = means.subarray(1)
  // From the first one, so that sets that are equal to the last bit have no spread at all.
  const first = randomMeans[0]
  const centre = meanAbove(randomMeans, first)
  const deviations = randomMeans.map((mean) => mean - first - centre)
  const variance = deviations.reduce((sum, deviation) => sum + deviation ** 2, 0) / (sets - 1)
  const heavyTails = (sets - 1) / (sets - 3)
  const remaining = variance * (1 + 1 / sets) * heavyTails - imageVariance(drawn, columns, draws)
  // Drawing one of R values has (R - 1) / R of their variance.
  const scale = remaining > 0 ? Math.sqrt((remaining * sets) / (variance * (sets - 1))) : 0
  const stream = randomStream(seed, 1)
  const overImages = new Float64Array(draws)
  const overBoth = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    const row = drawn.subarray(draw * columns, (draw + 1) * columns)
    overImages[draw] = meanAbove(row.subarray(1), row[0])
    overBoth[draw] = overImages[draw] + scale * deviations[randomIndex(stream, sets)]
  }
  const value = meanAbove(randomMeans, means[0])
  const both = drawnInterval(value, overBoth)
  const alone = drawnInterval(value, overImages)
  return {
    value,
    low: both.low,
    high: both.high,
    imagesLow: alone.low,
    imagesHigh: alone.high,
    p: empiricalP(-means[0], Float64Array.from(randomMeans, (mean) => -mean)),
  }
}

/** Mean over the random sets of the bootstrap variance of a set less the mean of the others. */
function imageVariance(drawn: Float64Array, columns: number, draws: number): number {
  const sets = columns - 1
  const sums = new Float64Array(sets)
  const squares = new Float64Array(sets)
  for (let draw = 0; draw < draws; draw++) {
    const row = drawn.subarray(draw * columns + 1, (draw + 1) * columns)
    const mean = meanOf(row)
    for (let r = 0; r < sets; r++) {
      // The mean of the others lies R / (R - 1) times as far from the set as the mean of all.
      const difference = ((row[r] - mean) * sets) / (sets - 1)
      sums[r] += difference
      squares[r] += difference * difference
    }
  }
  let total = 0
  for (let r = 0; r < sets; r++) total += Math.max(0, squares[r] / draws - (sums[r] / draws) ** 2)
  return total / sets
}

/** Exactly 0 where all are equal, which a difference of means is not. */
function meanAbove(values: Float64Array, other: number): number {
  let sum = 0
  for (const value of values) sum += value - other
  return sum / values.length
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
