/**
 * Euclidean projection of `vector` (in place) onto `||w||_1 <= radius`, or, where `nonnegative`, onto
 * `w >= 0, sum w <= radius`. Exact: the threshold is found by Michelot's finite iteration (1986, "A finite
 * algorithm for finding the projection of a point onto the canonical simplex").
 */
export function projectOntoBall(vector: Float64Array, radius: number, nonnegative: boolean): void {
  const length = vector.length
  const magnitudes = new Float64Array(length)
  let kept = 0
  let sum = 0
  for (let i = 0; i < length; i++) {
    const value = vector[i]
    const magnitude = nonnegative ? Math.max(0, value) : Math.abs(value)
    if (magnitude === 0) continue
    magnitudes[kept++] = magnitude
    sum += magnitude
  }
  let threshold = 0
  if (sum > radius) {
    for (let before = -1; before !== kept && kept > 0; ) {
      before = kept
      threshold = (sum - radius) / kept
      let next = 0
      let nextSum = 0
      for (let i = 0; i < kept; i++) {
        const magnitude = magnitudes[i]
        if (magnitude <= threshold) continue
        magnitudes[next++] = magnitude
        nextSum += magnitude
      }
      kept = next
      sum = nextSum
    }
  }
  for (let i = 0; i < length; i++) {
    const value = vector[i]
    const magnitude = Math.max(0, (nonnegative ? value : Math.abs(value)) - threshold)
    vector[i] = value < 0 ? -magnitude : magnitude
  }
}
