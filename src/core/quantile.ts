/** Quantile with linear interpolation between order statistics (NumPy's default method); NaN of no values. */
export function quantile(values: ArrayLike<number>, probability: number): number {
  return quantiles(values, [probability])[0]
}

/** Several quantiles of the same values, which are sorted once. */
export function quantiles(values: ArrayLike<number>, probabilities: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort()
  return probabilities.map((probability) => {
    if (sorted.length === 0) return NaN
    const place = probability * (sorted.length - 1)
    const low = Math.floor(place)
    const high = Math.min(low + 1, sorted.length - 1)
    return sorted[low] + (place - low) * (sorted[high] - sorted[low])
  })
}
