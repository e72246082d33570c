/** Inner product of `length` values of `a` from `aStart` and of `b` from `bStart`. */
export function dotRange(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let sum3 = 0
  let i = 0
  for (; i + 3 < length; i += 4) {
    sum0 += (a[aStart + i]) * (b[bStart + i])
    sum1 += (a[aStart + i + 1]) * (b[bStart + i + 1])
    sum2 += (a[aStart + i + 2]) * (b[bStart + i + 2])
    sum3 += (a[aStart + i + 3]) * (b[bStart + i + 3])
  }
  for (; i < length; i++) sum0 += (a[aStart + i]) * (b[bStart + i])
  return sum0 + sum1 + (sum2 + sum3)
}

/**
 * `out += sum_r factors[r] * rows[r]` for the first `count` rows, each as long as `out`. Four rows are read at a
 * time, so that `out` is loaded and stored once for four multiplications.
 */
export function addCombination(
  rows: readonly Float64Array[],
  factors: Float64Array,
  count: number,
  out: Float64Array,
): void {
  let r = 0
  for (; r + 3 < count; r += 4) {
    addFour(
      rows[r],
      rows[r + 1],
      rows[r + 2],
      rows[r + 3],
      factors[r],
      factors[r + 1],
      factors[r + 2],
      factors[r + 3],
      out,
    )
  }
  for (; r < count; r++) addOne(rows[r], factors[r], out)
}

function addOne(row: Float64Array, factor: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = (out[i]) + factor * (row[i])
}

function addFour(
  row0: Float64Array,
  row1: Float64Array,
  row2: Float64Array,
  row3: Float64Array,
  factor0: number,
  factor1: number,
  factor2: number,
  factor3: number,
  out: Float64Array,
): void {
  for (let i = 0; i < out.length; i++) {
    out[i] =
      (out[i]) +
      (factor0 * (row0[i]) + factor1 * (row1[i])) +
      (factor2 * (row2[i]) + factor3 * (row3[i]))
  }
}
