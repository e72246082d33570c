/**
 * Gaussian filter of one plane, separable, with the borders mirrored about the edge of the outer pixels
 * (`d c b a | a b c d | d c b a`), as `scipy.ndimage.gaussian_filter` does by default.
 *
 * @param plane `[height, width]` row-major; @param sigma standard deviation in pixels;
 * @param truncate the kernel ends after so many standard deviations, rounded to whole pixels.
 */
export function gaussianFilter(
  plane: ArrayLike<number>,
  height: number,
  width: number,
  sigma: number,
  truncate = 4,
): Float64Array {
  const kernel = gaussianKernel(sigma, truncate)
  const across = new Float64Array(height * width)
  for (let y = 0; y < height; y++) filterLine(plane, across, kernel, y * width, 1, width)
  const filtered = new Float64Array(height * width)
  for (let x = 0; x < width; x++) filterLine(across, filtered, kernel, x, width, height)
  return filtered
}

/** Half of the symmetric kernel, from its centre outwards; the whole kernel sums to 1. */
function gaussianKernel(sigma: number, truncate: number): Float64Array {
  const radius = Math.floor(truncate * sigma + 0.5)
  const half = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp((-i * i) / (2 * sigma * sigma)))
  const sum = half.reduce((total, value, i) => total + (i === 0 ? value : 2 * value), 0)
  return half.map((value) => value / sum)
}

/** One row or column: `length` values from `start` on, `step` apart. */
function filterLine(
  source: ArrayLike<number>,
  target: Float64Array,
  kernel: Float64Array,
  start: number,
  step: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    let sum = kernel[0] * source[start + i * step]
    for (let away = 1; away < kernel.length; away++) {
      const before = i - away >= 0 ? i - away : mirrored(i - away, length)
      const after = i + away < length ? i + away : mirrored(i + away, length)
      sum += kernel[away] * (source[start + before * step] + source[start + after * step])
    }
    target[start + i * step] = sum
  }
}

function mirrored(place: number, length: number): number {
  const period = 2 * length
  const inside = ((place % period) + period) % period
  return inside < length ? inside : period - 1 - inside
}
