import { coordinate } from './svg.ts'
import type { Box } from './svg.ts'
import type { Mask } from './types.ts'

/**
 * The border between 1 and 0 of a mask as SVG path data inside a box: along pixel edges, runs of edges joined,
 * also along the image's own border.
 */
export function outlinePath(mask: Mask, box: Box): string {
  const { height, width } = mask
  const inside = (y: number, x: number): boolean =>
    y >= 0 && x >= 0 && y < height && x < width && mask.data[y * width + x] > 0
  const xOf = (x: number): string => coordinate(box.x + (x / width) * box.width)
  const yOf = (y: number): string => coordinate(box.y + (y / height) * box.height)
  const parts: string[] = []
  for (let y = 0; y <= height; y++) {
    for (const [from, to] of runs(width, (x) => inside(y - 1, x) !== inside(y, x))) {
      parts.push(`M${xOf(from)} ${yOf(y)}H${xOf(to)}`)
    }
  }
  for (let x = 0; x <= width; x++) {
    for (const [from, to] of runs(height, (y) => inside(y, x - 1) !== inside(y, x))) {
      parts.push(`M${xOf(x)} ${yOf(from)}V${yOf(to)}`)
    }
  }
  return parts.join('')
}

/** Half-open runs of positions where the condition holds. */
function runs(length: number, holds: (position: number) => boolean): [number, number][] {
  const found: [number, number][] = []
  let start = -1
  for (let i = 0; i <= length; i++) {
    const here = i < length && holds(i)
    if (here && start < 0) start = i
    if (!here && start >= 0) {
      found.push([start, i])
      start = -1
    }
  }
  return found
}

/** A white line on a dark one, visible on any image. */
export function outline(mask: Mask, box: Box, colour = '#ffffff'): string {
  const path = outlinePath(mask, box)
  if (!path) return ''
  const line = (stroke: string, width: number): string =>
    `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="square"/>`
  return line('#000000', 1.5) + line(colour, 0.75)
}
