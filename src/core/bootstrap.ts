import { quantiles } from './quantile.ts'
import { randomIndex, randomStream } from './random.ts'

/**
 * Percentile bootstrap over images (Efron & Tibshirani 1993, chapters 13 and 16.4): the images are drawn anew with
 * replacement, and whatever is computed from them is computed again. Everything that is compared shares the drawn
 * images, so that differences are paired.
 */

/** Draws of the images; the ends of a 95 % interval are then known to about 3 % of its width. */
export const BOOTSTRAP_DRAWS = 2000

/** Probabilities at the ends of a 95 % interval. */
const ENDS = [0.025, 0.975] as const

export interface BootstrapOptions {
  readonly seed: number
  /** `BOOTSTRAP_DRAWS` where left out. */
  readonly draws?: number
  /**
   * `[images]`, the class of each. With it images are drawn within their class, as many as it has, and every mean is
   * the mean over the classes of their own means, as in mean class accuracy.
   */
  readonly classes?: ArrayLike<number>
}

export interface Interval {
  /** Of the images as they are. */
  readonly value: number
  readonly low: number
  readonly high: number
}

/** One entry for each column. */
export interface Intervals {
  readonly value: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
}

/** Means over images, of the images as they are and of every draw, for statistics of one's own. */
export interface ResampledMeans {
  /** `[columns]` */
  readonly value: Float64Array
  /** `[draws, columns]` row-major. */
  readonly draws: Float64Array
}

/**
 * 95 % interval of a mean over images.
 * @param values `[images]`, finite. Throws RangeError where there is none, or where one is not finite.
 */
export function bootstrapMean(values: ArrayLike<number>, options: BootstrapOptions): Interval {
  const { value, low, high } = bootstrapMeans(values, 1, options)
  return { value: value[0], low: low[0], high: high[0] }
}

/**
 * 95 % interval of the mean of `first - second`, image by image.
 * @param first, @param second `[images]`, of the same images.
 */
export function bootstrapDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: BootstrapOptions,
): Interval {
  if (first.length !== second.length) {
    throw new RangeError(`A paired difference needs the same images: ${first.length} and ${second.length} values.`)
  }
  return bootstrapMean(Float64Array.from(first, (value, image) => value - second[image]), options)
}

/**
 * 95 % intervals of the means of many columns at once, such as the points of a curve, pointwise.
 * @param rows `[images, columns]` row-major, finite.
 */
export function bootstrapMeans(rows: ArrayLike<number>, columns: number, options: BootstrapOptions): Intervals {
  const { value, draws } = resampledMeans(rows, columns, options)
  const low = new Float64Array(columns)
  const high = new Float64Array(columns)
  const count = draws.length / columns
  const own = new Float64Array(count)
  for (let column = 0; column < columns; column++) {
    for (let draw = 0; draw < count; draw++) own[draw] = draws[draw * columns + column]
    const [lowest, highest] = quantiles(own, ENDS)
    low[column] = lowest
    high[column] = highest
  }
  return { value, low, high }
}

/**
 * The means of many columns for each draw of the images: a statistic that is computed from them, such as a ratio or a
 * difference of areas, has its interval between the quantiles of its values over the draws (`drawnInterval`).
 * @param rows `[images, columns]` row-major, finite.
 */
export function resampledMeans(rows: ArrayLike<number>, columns: number, options: BootstrapOptions): ResampledMeans {
  const images = checkedRows(rows, columns, options)
  const draws = options.draws ?? BOOTSTRAP_DRAWS
  const groups = groupsOf(images, options.classes)
  const random = randomStream(options.seed)
  const counts = new Int32Array(images)
  const result = new Float64Array(draws * columns)
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0)
    for (const group of groups) {
      for (let i = 0; i < group.length; i++) counts[group[randomIndex(random, group.length)]] += 1
    }
    addMeans(rows, columns, counts, groups, result.subarray(draw * columns, (draw + 1) * columns))
  }
  const value = new Float64Array(columns)
  addMeans(rows, columns, counts.fill(1), groups, value)
  return { value, draws: result }
}

/** 95 % interval of a statistic from its values over the draws, `[draws]`. */
export function drawnInterval(value: number, draws: ArrayLike<number>): Interval {
  const [low, high] = quantiles(draws, ENDS)
  return { value, low, high }
}

function checkedRows(rows: ArrayLike<number>, columns: number, { classes }: BootstrapOptions): number {
  const images = rows.length / columns
  if (!Number.isInteger(images) || images === 0) {
    throw new RangeError(`A bootstrap needs whole rows of ${columns} values, at least one: ${rows.length} given.`)
  }
  if (classes !== undefined && classes.length !== images) {
    throw new RangeError(`The classes of ${classes.length} images are given for ${images}.`)
  }
  for (let i = 0; i < rows.length; i++) {
    if (!Number.isFinite(rows[i])) {
      throw new RangeError(`A bootstrap needs finite values: image ${Math.floor(i / columns)} has ${rows[i]}.`)
    }
  }
  return images
}

/** Images that are drawn from each other: all of them, or those of one class each. */
function groupsOf(images: number, classes: ArrayLike<number> | undefined): Int32Array[] {
  if (classes === undefined) return [Int32Array.from({ length: images }, (_, image) => image)]
  const groups = new Map<number, number[]>()
  for (let image = 0; image < images; image++) {
    const own = groups.get(classes[image])
    if (own) own.push(image)
    else groups.set(classes[image], [image])
  }
  return [...groups.keys()].sort((a, b) => a - b).map((j) => Int32Array.from(groups.get(j)!))
}

/**
 * Adds the mean over the groups of the means of their images, each counted as often as it was drawn, to `out`
 * `[columns]`. Counts are whole until the end, so that a rate of 1 comes out as 1 and equal columns as equal.
 */
function addMeans(
  rows: ArrayLike<number>,
  columns: number,
  counts: Int32Array,
  groups: readonly Int32Array[],
  out: Float64Array,
): void {
  const sums = new Float64Array(columns)
  for (const group of groups) {
    sums.fill(0)
    for (let i = 0; i < group.length; i++) {
      const count = counts[group[i]]
      // About a third of the images is not drawn at all.
      if (count === 0) continue
      const begin = group[i] * columns
      for (let column = 0; column < columns; column++) sums[column] += count * rows[begin + column]
    }
    for (let column = 0; column < columns; column++) out[column] += sums[column] / group.length
  }
  for (let column = 0; column < columns; column++) out[column] /= groups.length
}
