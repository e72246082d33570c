/** Whether no value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // Zero times a number is zero but for those; separate sums, since each addition waits for the one before.
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = values.length - (values.length % 4)
  for (let index = 0; index < whole; index += 4) {
    a += values[index] * 0
    b += values[index + 1] * 0
    c += values[index + 2] * 0
    d += values[index + 3] * 0
  }
  for (let index = whole; index < values.length; index++) a += values[index] * 0
  return a + b + c + d === 0
}
