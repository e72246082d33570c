import { describe, expect, it } from 'vitest'
import { cellNear, matrixPicture, opacityOf, SIGN_COLOURS, wholeView, within, withCell, zoomed } from './matrix-picture.ts'
import type { PlacedMatrix } from './weight-matrix.ts'

function placed(rows: readonly (readonly number[])[]): PlacedMatrix {
  const starts = [0]
  const columns: number[] = []
  const weights: number[] = []
  for (const row of rows) {
    for (const [column, weight] of row.entries()) {
      if (weight === 0) continue
      columns.push(column)
      weights.push(weight)
    }
    starts.push(columns.length)
  }
  return {
    rows: rows.length,
    width: rows[0].length,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    weights: Float64Array.from(weights),
    largest: Math.max(...weights.map(Math.abs)),
  }
}

const MATRIX = placed([
  [4, 0, -1, 0],
  [0, 0, 0, 2],
])

/** Opacity of each pixel, with the sign of its weight. */
function signed(rgba: Uint8ClampedArray): number[] {
  return Array.from({ length: rgba.length / 4 }, (_, i) => {
    const sign = rgba[i * 4] === SIGN_COLOURS.positive[0] ? 1 : -1
    return rgba[i * 4 + 3] === 0 ? 0 : sign * rgba[i * 4 + 3]
  })
}
const shade = (weight: number): number => Math.sign(weight) * Math.round(255 * opacityOf(weight, 4))

describe('the picture of a matrix', () => {
  it('has a pixel for each cell', () => {
    const { rgba } = matrixPicture(MATRIX, wholeView(MATRIX), 4, 2)
    expect(signed(rgba)).toEqual([shade(4), 0, shade(-1), 0, 0, 0, 0, shade(2)])
  })

  it('fills the pixels of larger cells', () => {
    const { rgba } = matrixPicture(MATRIX, wholeView(MATRIX), 8, 2)
    expect(signed(rgba).slice(0, 8)).toEqual([shade(4), shade(4), 0, 0, shade(-1), shade(-1), 0, 0])
  })

  it('shows the largest magnitude where cells share a pixel', () => {
    const { rgba } = matrixPicture(MATRIX, wholeView(MATRIX), 2, 1)
    expect(signed(rgba)).toEqual([shade(4), shade(2)])
    const negative = placed([[1, -3, 2]])
    expect(signed(matrixPicture(negative, wholeView(negative), 1, 1).rgba)[0]).toBeLessThan(0)
  })

  it('shows the part in sight only', () => {
    const { rgba } = matrixPicture(MATRIX, { left: 2, right: 4, top: 0, bottom: 2 }, 2, 2)
    expect(signed(rgba)).toEqual([shade(-1), 0, 0, shade(2)])
  })

  it('keeps large cells apart by a line', () => {
    const one = placed([[1, 1]])
    const { rgba } = matrixPicture(one, wholeView(one), 12, 6)
    expect(signed(rgba).slice(0, 12).map(Boolean)).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0].map(Boolean))
    expect(signed(rgba).slice(60).every((value) => value === 0)).toBe(true)
  })

  it('is fast for 1000 classes and 12,000 features', () => {
    const each = 60
    const large: PlacedMatrix = {
      rows: 1000,
      width: 12_000,
      starts: Int32Array.from({ length: 1001 }, (_, j) => j * each),
      columns: Int32Array.from({ length: 1000 * each }, (_, i) => (i % each) * 200 + (i % 197)),
      weights: Float64Array.from({ length: 1000 * each }, (_, i) => 1 + (i % 7)),
      largest: 7,
    }
    const start = performance.now()
    matrixPicture(large, wholeView(large), 1600, 800)
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('the cell at a point', () => {
  const size = { width: 40, height: 20 }

  it('is the one below it', () => {
    expect(cellNear(MATRIX, wholeView(MATRIX), { x: 35, y: 15, ...size }, 2)).toEqual({ row: 1, column: 3 })
    expect(cellNear(MATRIX, wholeView(MATRIX), { x: 12, y: 15, ...size }, 2)).toEqual({ row: 1, column: 1 })
    expect(cellNear(MATRIX, wholeView(MATRIX), { x: 40, y: 20, ...size }, 2)).toEqual({ row: 1, column: 3 })
  })

  it('is the strongest near by where cells are smaller than a pixel', () => {
    expect(cellNear(MATRIX, wholeView(MATRIX), { x: 1, y: 0, width: 2, height: 1 }, 2)).toEqual({ row: 0, column: 0 })
  })
})

describe('a view', () => {
  const matrix = { rows: 100, width: 1000 }
  const whole = { left: 0, right: 1000, top: 0, bottom: 100 }
  const least = { columns: 10, rows: 5 }

  it('zooms about a place, which stays where it was', () => {
    const view = zoomed(whole, 0.5, { column: 250, row: 50 }, matrix, least)
    expect(view).toEqual({ left: 125, right: 625, top: 25, bottom: 75 })
    expect(zoomed(view, 2, { column: 250, row: 50 }, matrix, least)).toEqual(whole)
  })

  it('shows neither more than the matrix nor fewer cells than asked', () => {
    expect(zoomed(whole, 3, { column: 0, row: 0 }, matrix, least)).toEqual(whole)
    const near = zoomed(whole, 1e-6, { column: 999, row: 99 }, matrix, least)
    expect([near.right - near.left, near.bottom - near.top]).toEqual([10, 5])
    expect(zoomed({ left: 0, right: 4, top: 0, bottom: 2 }, 0.5, { column: 0, row: 0 }, { rows: 2, width: 4 }, least))
      .toEqual({ left: 0, right: 4, top: 0, bottom: 2 })
  })

  it('stays within the matrix', () => {
    expect(within({ left: -50, right: 50, top: 90, bottom: 110 }, matrix)).toEqual({
      left: 0,
      right: 100,
      top: 80,
      bottom: 100,
    })
  })

  it('follows a cell by as little as it takes', () => {
    const view = { left: 10, right: 20, top: 10, bottom: 20 }
    expect(withCell(view, { row: 15, column: 12 }, matrix)).toBe(view)
    expect(withCell(view, { row: 20, column: 8 }, matrix)).toEqual({ left: 8, right: 18, top: 11, bottom: 21 })
  })
})
