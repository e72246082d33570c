import { describe, expect, it } from 'vitest'
import { regionOutline } from './region-outline.ts'

/** Unit edges that a path draws, each as `h row column` or `v row column`. */
function unitEdges(path: string): string[] {
  const edges: string[] = []
  for (const [, column, row, direction, to] of path.matchAll(/M(\d+) (\d+)([HV])(\d+)/g)) {
    const [from, fixed] = direction === 'H' ? [Number(column), Number(row)] : [Number(row), Number(column)]
    for (let at = from; at < Number(to); at++) edges.push(direction === 'H' ? `h ${fixed} ${at}` : `v ${at} ${fixed}`)
  }
  return edges.sort()
}

/** Every side of every pixel inside whose neighbour is outside. */
function plainEdges(height: number, width: number, inside: (row: number, column: number) => boolean): string[] {
  const at = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < height && column < width && inside(row, column)
  const edges: string[] = []
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!at(row, column)) continue
      if (!at(row - 1, column)) edges.push(`h ${row} ${column}`)
      if (!at(row + 1, column)) edges.push(`h ${row + 1} ${column}`)
      if (!at(row, column - 1)) edges.push(`v ${row} ${column}`)
      if (!at(row, column + 1)) edges.push(`v ${row} ${column + 1}`)
    }
  }
  return edges.sort()
}

describe('regionOutline', () => {
  it('joins the edges of a line', () => {
    expect(regionOutline(3, 4, (pixel) => pixel === 5 || pixel === 6)).toBe('M1 1H3M1 2H3M1 1V2M3 1V2')
  })

  it('closes the region at the border of the picture and is empty without one', () => {
    expect(regionOutline(2, 2, () => true)).toBe('M0 0H2M0 2H2M0 0V2M2 0V2')
    expect(regionOutline(2, 2, () => false)).toBe('')
  })

  it('draws each edge once and no other, for any region', () => {
    for (let seed = 1; seed < 40; seed++) {
      const [height, width] = [3 + (seed % 4), 2 + (seed % 5)]
      const inside = (pixel: number): boolean => Math.sin(pixel * 12.9898 * seed) > 0
      expect(unitEdges(regionOutline(height, width, inside))).toEqual(
        plainEdges(height, width, (row, column) => inside(row * width + column)),
      )
    }
  })
})
