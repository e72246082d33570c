export interface Ticks {
  readonly min: number
  readonly max: number
  readonly interval: number
  /** Digits after the point that show every tick exactly. */
  readonly decimals: number
}

/** A range of round numbers (1, 2 or 5 times a power of ten apart) that encloses [low, high]. */
export function niceTicks(low: number, high: number, wanted = 5, smallestInterval = 0): Ticks {
  const span = high > low ? high - low : Math.abs(high) || 1
  const rough = Math.max(span / wanted, smallestInterval)
  // The tolerance keeps 0.1 * 3 from asking for a step wider than the one that fits exactly.
  const power = Math.floor(Math.log10(rough) + 1e-9)
  const mantissa = rough / 10 ** power
  const step = [1, 2, 5, 10].find((candidate) => mantissa <= candidate * (1 + 1e-9))!
  const decimals = Math.max(0, step === 10 ? -power - 1 : -power)
  const interval = round(step * 10 ** power, decimals)
  return {
    min: round(Math.floor(low / interval + 1e-9) * interval, decimals),
    max: round(Math.ceil(high / interval - 1e-9) * interval, decimals),
    interval,
    decimals,
  }
}

function round(value: number, decimals: number): number {
  // Adding zero turns -0 into 0.
  return Number(value.toFixed(decimals)) + 0
}
