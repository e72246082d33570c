import { expect, it } from 'vitest'
import { outline, outlinePath } from './outline.ts'
import type { Mask } from './types.ts'

function maskOf(...rows: string[]): Mask {
  return { height: rows.length, width: rows[0].length, data: Uint8Array.from(rows.join(''), Number) }
}

/** Every unit edge between a 1 and a 0, straight from the definition. */
function edges(mask: Mask): string[] {
  const at = (y: number, x: number): number =>
    y < 0 || x < 0 || y >= mask.height || x >= mask.width ? 0 : mask.data[y * mask.width + x]
  const found: string[] = []
  for (let y = -1; y <= mask.height; y++) {
    for (let x = -1; x <= mask.width; x++) {
      if (at(y, x) !== at(y + 1, x)) found.push(`h ${y + 1} ${x}`)
      if (at(y, x) !== at(y, x + 1)) found.push(`v ${y} ${x + 1}`)
    }
  }
  return found.sort()
}

/** The unit edges of path data drawn at one unit per pixel. */
function drawnEdges(path: string): string[] {
  return [...path.matchAll(/M([\d.]+) ([\d.]+)([HV])([\d.]+)/g)]
    .flatMap(([, x = '', y = '', direction, end]) => {
      const from = Number(direction === 'H' ? x : y)
      return Array.from({ length: Number(end) - from }, (_, i) =>
        direction === 'H' ? `h ${y} ${from + i}` : `v ${from + i} ${x}`,
      )
    })
    .sort()
}

it.each([
  [maskOf('000', '010', '000')],
  [maskOf('11', '11')],
  [maskOf('10110', '11010', '00111')],
  [maskOf('101', '010', '101')],
])('draws each edge between inside and outside once', (mask) => {
  const path = outlinePath(mask, { x: 0, y: 0, width: mask.width, height: mask.height })
  expect(drawnEdges(path)).toEqual(edges(mask))
})

it('joins runs and fits the box', () => {
  const path = outlinePath(maskOf('11', '11'), { x: 10, y: 20, width: 40, height: 30 })
  expect(path).toBe('M10 20H50M10 50H50M10 20V50M50 20V50')
})

it('draws nothing for an empty mask', () => {
  expect(outline(maskOf('00'), { x: 0, y: 0, width: 2, height: 1 })).toBe('')
})
