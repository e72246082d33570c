/** A relevant feature of one image: r = w_j * x, element-wise (method section 3). */
export interface Contribution {
  readonly feature: number
  readonly contribution: number
}

/**
 * The strongest relevant features of one image for one class: those with r > 0, largest first, ties by feature index.
 *
 * @param weights `[m]` w_j; @param descriptor `[m]` x of the image.
 */
export function strongestFeatures(
  weights: ArrayLike<number>,
  descriptor: ArrayLike<number>,
  most: number,
): Contribution[] {
  const found: Contribution[] = []
  for (let feature = 0; feature < weights.length; feature++) {
    const contribution = weights[feature] * descriptor[feature]
    if (contribution > 0) found.push({ feature, contribution })
  }
  found.sort((a, b) => b.contribution - a.contribution || a.feature - b.feature)
  return found.slice(0, most)
}

export interface ScaledMap {
  /** Values in [0, 1]; all zero where the map is flat. */
  readonly scaled: Float32Array
  /** Range of the magnitudes before scaling. */
  readonly min: number
  readonly max: number
}

/**
 * Magnitudes of a heatmap scaled to [0, 1] by their own smallest and largest value (method section 3). A flat map is
 * zero, so that noise of rounding never looks like evidence.
 *
 * @param raw `[pixels]`, signed.
 */
export function scaleHeatmap(raw: ArrayLike<number>): ScaledMap {
  const { length } = raw
  let min = Infinity
  let max = 0
  for (let i = 0; i < length; i++) {
    const value = Math.abs(raw[i])
    if (value < min) min = value
    if (value > max) max = value
  }
  const scaled = new Float32Array(length)
  const range = max - min
  if (max > min) for (let i = 0; i < length; i++) scaled[i] = (Math.abs(raw[i]) - min) / range
  return { scaled, min, max }
}

/** The combined explanation: pixel-wise maximum of scaled heatmaps (released code). */
export function combineHeatmaps(maps: readonly Float32Array[], pixels: number): Float32Array {
  const combined = new Float32Array(pixels)
  for (const map of maps) for (let i = 0; i < pixels; i++) if (map[i] > combined[i]) combined[i] = map[i]!
  return combined
}
