import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nearDuplicates } from './feature-groups.ts'
import { randomIndex, randomStream } from './random.ts'

const stored = new URL('../../scripts/golden/statistics-of-checks.json', import.meta.url)
const { groups: golden } = JSON.parse(readFileSync(stored, 'utf8')) as {
  groups: { rows: number[]; first: number[] }
}

/** Statistics of `[images, size]` rows. */
function statisticsOf(rows: readonly number[], size: number) {
  const images = rows.length / size
  const sums = new Float64Array(size)
  const gram = new Float64Array(size * size)
  for (let image = 0; image < images; image++) {
    for (let k = 0; k < size; k++) {
      sums[k] += rows[image * size + k]
      for (let l = 0; l < size; l++) gram[k * size + l] += rows[image * size + k] * rows[image * size + l]
    }
  }
  return { gram, sums, images }
}

const groupsOf = (rows: readonly number[], size: number, threshold?: number): number[] => {
  const { gram, sums, images } = statisticsOf(rows, size)
  return [...nearDuplicates(gram, sums, images, threshold)]
}

describe('nearDuplicates', () => {
  it('are the connected components of SciPy: a scaled copy, a mirror image, and what hangs on them', () => {
    expect(groupsOf(golden.rows, golden.first.length)).toEqual(golden.first)
  })

  it('are the definition, written out', () => {
    const size = 9
    for (let round = 0; round < 30; round++) {
      const random = randomStream(6, round)
      const common = Array.from({ length: 12 }, () => randomIndex(random, 20))
      const rows = common.flatMap((value) =>
        Array.from({ length: size }, (_, k) => randomIndex(random, k % 3 === 0 ? 20 : 6) + (k % 3 === 0 ? 0 : value)),
      )
      const column = (k: number): number[] => common.map((_, image) => rows[image * size + k])
      const correlation = (a: number[], b: number[]): number => {
        const mean = (values: number[]): number => values.reduce((x, y) => x + y) / values.length
        const [p, q] = [mean(a), mean(b)]
        const sum = (f: (i: number) => number): number => a.reduce((total, _, i) => total + f(i), 0)
        return (
          sum((i) => (a[i] - p) * (b[i] - q)) / Math.sqrt(sum((i) => (a[i] - p) ** 2) * sum((i) => (b[i] - q) ** 2))
        )
      }
      const expected = Array.from({ length: size }, (_, k) => {
        const reached = new Set([k])
        for (const from of reached) {
          for (let to = 0; to < size; to++) if (Math.abs(correlation(column(from), column(to))) > 0.9) reached.add(to)
        }
        return Math.min(...reached)
      })
      expect(groupsOf(rows, size, 0.9)).toEqual(expected)
    }
  })

  it('leave constant features alone, though float32 products give them a variance', () => {
    const rows = Array.from({ length: 20 }, (_, i) => [Math.fround(0.1) + (i % 3) * 1e-9, 0, 0.1, i, 2 * i]).flat()
    expect(groupsOf(rows, 5)).toEqual([0, 1, 2, 3, 3])
  })
})
