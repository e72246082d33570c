/**
 * Power of a map at one frequency along both axes, as a share of all its power (method section 7). Each row and each
 * column is taken by itself: a grid of period S shows at the frequency 1/S whatever the picture does across it. By
 * Parseval's identity the shares at the frequencies k / length, k = 0 .. length - 1, sum to 1 along each axis; white
 * noise has 1 / length at each. 0 for a map of zeros.
 *
 * @param map `[height, width]`; @param frequency in cycles per pixel.
 */
export function powerAt(map: ArrayLike<number>, height: number, width: number, frequency: number): number {
  let squares = 0
  for (let i = 0; i < height * width; i++) squares += map[i] * map[i]
  if (squares === 0) return 0
  const rows = { lines: height, lineStep: width, step: 1, length: width }
  const columns = { lines: width, lineStep: 1, step: width, length: height }
  const along = linePower(map, rows, frequency) / (width * squares)
  const down = linePower(map, columns, frequency) / (height * squares)
  return (along + down) / 2
}

/**
 * The same at the frequencies k / size, k = 0 .. floor(size / 2), where `size` is the longer side.
 *
 * @returns `[floor(size / 2) + 1]`.
 */
export function powerSpectrum(map: ArrayLike<number>, height: number, width: number): Float64Array {
  const size = Math.max(height, width)
  return Float64Array.from({ length: Math.floor(size / 2) + 1 }, (_, k) => powerAt(map, height, width, k / size))
}

/** Sum over lines of the squared magnitude of their Fourier transform at one frequency. */
function linePower(
  map: ArrayLike<number>,
  { lines, lineStep, step, length }: { lines: number; lineStep: number; step: number; length: number },
  frequency: number,
): number {
  const cosines = Float64Array.from({ length }, (_, i) => Math.cos(2 * Math.PI * frequency * i))
  const sines = Float64Array.from({ length }, (_, i) => Math.sin(2 * Math.PI * frequency * i))
  let power = 0
  for (let line = 0; line < lines; line++) {
    let real = 0
    let imaginary = 0
    for (let i = 0; i < length; i++) {
      const value = map[line * lineStep + i * step]
      real += value * cosines[i]
      imaginary += value * sines[i]
    }
    power += real * real + imaginary * imaginary
  }
  return power
}
