import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SelectionMatrix } from '../../shared/results.ts'
import { likeness, overlapOf, type Overlap } from './overlap-data.ts'

const stored = new URL('../../../scripts/golden/overlap.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as {
  /** Layer and channel of each feature. */
  places: [number, number][]
  /** `[2][classes][features]`, 1: relevant. */
  masks: number[][][]
  any: Overlap
  perClass: Overlap[]
  shares: (number | null)[]
}

/** Features that are relevant to some class, in another order and with other columns for each selection. */
function matrixOf(mask: number[][], { backwards, offset }: { backwards: boolean; offset: number }): SelectionMatrix {
  const used = golden.places.flatMap((_, k) => (mask.some((row) => row[k] === 1) ? [k] : []))
  if (backwards) used.reverse()
  const rows = mask.map((row) => used.flatMap((k, column) => (row[k] === 1 ? [column] : [])))
  const starts = [0]
  for (const row of rows) starts.push(starts.at(-1)! + row.length)
  return {
    features: used.map((k) => ({
      feature: offset + k,
      layerNumber: golden.places[k][0],
      layerName: `conv${golden.places[k][0]}`,
      layerKind: 'convolutional',
      channel: golden.places[k][1],
    })),
    starts: Int32Array.from(starts),
    columns: Int32Array.from(rows.flat()),
    weights: new Float64Array(rows.flat().length).fill(1),
  }
}

const first = matrixOf(golden.masks[0], { backwards: false, offset: 0 })
const second = matrixOf(golden.masks[1], { backwards: true, offset: 100 })

describe('the overlap of two selections', () => {
  it('is what NumPy and scikit-learn say, whatever the columns of each are called', () => {
    const { any, perClass } = overlapOf(first, second)
    expect(any).toEqual(golden.any)
    expect(perClass).toEqual(golden.perClass)
    perClass.forEach((overlap, j) => {
      const share = golden.shares[j]
      if (share === null) expect(likeness(overlap)).toBeNull()
      else expect(likeness(overlap)).toBeCloseTo(share, 12)
    })
  })

  it('counts each feature once: by the definition', () => {
    const { perClass } = overlapOf(first, second)
    golden.masks[0].forEach((row, j) => {
      const counts = { onlyFirst: 0, both: 0, onlySecond: 0 }
      row.forEach((one, k) => {
        const other = golden.masks[1][j][k]
        if (one === 1 && other === 1) counts.both++
        else if (one === 1) counts.onlyFirst++
        else if (other === 1) counts.onlySecond++
      })
      expect(perClass[j]).toEqual(counts)
    })
  })

  it('of a selection with itself is all of it', () => {
    expect(overlapOf(first, first).any).toEqual({ onlyFirst: 0, both: first.features.length, onlySecond: 0 })
  })
})
