import { expect, test } from 'vitest'
import { maskOutline } from './mask-outline.ts'

/** Unit edges that path data goes along, as `x y x y`. */
function edgesOf(path: string): string[] {
  const edges: string[] = []
  for (const [, x, y, direction, end] of path.matchAll(/M(\d+) (\d+)([HV])(\d+)/g)) {
    for (let at = Number(direction === 'H' ? x : y); at < Number(end); at++) {
      edges.push(direction === 'H' ? `${at} ${y} ${at + 1} ${y}` : `${x} ${at} ${x} ${at + 1}`)
    }
  }
  return edges.sort()
}

test('goes along every edge between inside and outside, once', () => {
  const [height, width] = [7, 9]
  const data = Uint8Array.from({ length: height * width }, (_, i) => ((i * 7919 + 31) % 101) % 2)
  const at = (y: number, x: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : data[y * width + x]
  const expected: string[] = []
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      if (x < width && at(y, x) !== at(y - 1, x)) expected.push(`${x} ${y} ${x + 1} ${y}`)
      if (y < height && at(y, x) !== at(y, x - 1)) expected.push(`${x} ${y} ${x} ${y + 1}`)
    }
  }
  expect(edgesOf(maskOutline({ shape: [height, width], data }))).toEqual(expected.sort())
})

test('joins runs of edges; an empty mask has no border', () => {
  expect(maskOutline({ shape: [2, 3], data: Uint8Array.of(1, 1, 1, 0, 0, 0) })).toBe('M0 0H3M0 1H3M0 0V1M3 0V1')
  expect(maskOutline({ shape: [2, 2], data: new Uint8Array(4) })).toBe('')
})
