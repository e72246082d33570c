import { BOOTSTRAP_DRAWS, drawnInterval, type Interval } from './bootstrap.ts'
import { randomIndex, randomStream } from './random.ts'

/**
 * 95 % interval of the mean of values that belong to an image and to a random draw each: both the images and the draws
 * are drawn anew with replacement, so that the interval tells what other images and other draws would give. It is
 * slightly too wide rather than too narrow (Owen 2007).
 *
 * @param values `[images, draws]` row-major, finite.
 */
export function crossedBootstrapMean(
  values: ArrayLike<number>,
  images: number,
  draws: number,
  options: { readonly seed: number; readonly resamples?: number },
): Interval {
  const random = randomStream(options.seed)
  const resamples = options.resamples ?? BOOTSTRAP_DRAWS
  const means = new Float64Array(resamples)
  const chosen = new Int32Array(images)
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < images; i++) chosen[i] = randomIndex(random, images)
    let sum = 0
    for (let d = 0; d < draws; d++) {
      const draw = randomIndex(random, draws)
      for (let i = 0; i < images; i++) sum += values[chosen[i] * draws + draw]
    }
    means[resample] = sum / (images * draws)
  }
  let sum = 0
  for (let i = 0; i < images * draws; i++) sum += values[i]
  return drawnInterval(sum / (images * draws), means)
}
