import type { Matrix } from '../../shared/matrix.ts'

/**
 * The border of a mask `[height, width]` as SVG path data in pixels of the mask: along pixel edges, runs of edges
 * joined, also along the image's own border.
 */
export function maskOutline({ shape, data }: Matrix<Uint8Array>): string {
  const [height = 0, width = 0] = shape
  const inside = (y: number, x: number): boolean =>
    y >= 0 && x >= 0 && y < height && x < width && data[y * width + x] > 0
  const parts: string[] = []
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x < width; x++) {
      const from = x
      while (x < width && inside(y - 1, x) !== inside(y, x)) x++
      if (x > from) parts.push(`M${from} ${y}H${x}`)
    }
  }
  for (let x = 0; x <= width; x++) {
    for (let y = 0; y < height; y++) {
      const from = y
      while (y < height && inside(y, x - 1) !== inside(y, x)) y++
      if (y > from) parts.push(`M${x} ${from}V${y}`)
    }
  }
  return parts.join('')
}
