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
  return filterColumns(filterRows(plane, height, width, kernel), height, width, kernel)
}

/** Half of the symmetric kernel, from its centre outwards; the whole kernel sums to 1. */
function gaussianKernel(sigma: number, truncate: number): Float64Array {
  const radius = Math.floor(truncate * sigma + 0.5)
  const half = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp((-i * i) / (2 * sigma * sigma)))
  const sum = half.reduce((total, value, i) => total + (i === 0 ? value : 2 * value), 0)
  return half.map((value) => value / sum)
}

function filterRows(plane: ArrayLike<number>, height: number, width: number, kernel: Float64Array): Float64Array {
  const radius = kernel.length - 1
  const filtered = new Float64Array(height * width)
  // The row with its mirrored borders, so that no tap has to ask where it lies.
  const line = new Float64Array(width + 2 * radius)
  for (let y = 0; y < height; y++) {
    const start = y * width
    for (let x = -radius; x < width + radius; x++) line[x + radius] = plane[start + mirrored(x, width)]
    for (let x = 0; x < width; x++) {
      const centre = x + radius
      let sum = kernel[0] * line[centre]
      for (let away = 1; away <= radius; away++) sum += kernel[away] * (line[centre - away] + line[centre + away])
      filtered[start + x] = sum
    }
  }
  return filtered
}

/** A row of results at a time: all their taps lie in whole rows, which are read in order. */
function filterColumns(plane: Float64Array, height: number, width: number, kernel: Float64Array): Float64Array {
  const filtered = new Float64Array(height * width)
  for (let y = 0; y < height; y++) {
    const start = y * width
    for (let x = 0; x < width; x++) filtered[start + x] = kernel[0] * plane[start + x]
    for (let away = 1; away < kernel.length; away++) {
      const weight = kernel[away]
      const above = mirrored(y - away, height) * width
      const below = mirrored(y + away, height) * width
      for (let x = 0; x < width; x++) filtered[start + x] += weight * (plane[above + x] + plane[below + x])
    }
  }
  return filtered
}

function mirrored(place: number, length: number): number {
  if (place >= 0 && place < length) return place
  const period = 2 * length
  const inside = ((place % period) + period) % period
  return inside < length ? inside : period - 1 - inside
}
