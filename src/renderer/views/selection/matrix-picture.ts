import type { Pixels } from '../../lib/matrix-pixels.ts'
import type { PlacedMatrix } from './weight-matrix.ts'

/** The part of a matrix that is in sight, in columns and rows; right and bottom exclusive, fractions allowed. */
export interface MatrixView {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

type Rgb = readonly [number, number, number]

/** Blue and vermilion of Okabe and Ito: told apart by everybody. */
export const SIGN_COLOURS: { readonly positive: Rgb; readonly negative: Rgb } = {
  positive: [213, 94, 0],
  negative: [0, 114, 178],
}

/** The faintest weight can still be seen. */
const FAINTEST = 0.22
/** Cells of this many pixels are kept apart by a line. */
const WITH_LINES = 5

/** Opacity of a weight: the square root, since most weights are far below the largest. */
export function opacityOf(weight: number, largest: number): number {
  if (weight === 0 || largest === 0) return 0
  return FAINTEST + (1 - FAINTEST) * Math.sqrt(Math.abs(weight) / largest)
}

/** The whole matrix. */
export function wholeView({ rows, width }: PlacedMatrix): MatrixView {
  return { left: 0, right: width, top: 0, bottom: rows }
}

/**
 * Pixels of the part in sight, `[height, width]`; transparent where there is no weight. Where several cells fall on one
 * pixel, the largest magnitude is drawn.
 */
export function matrixPicture(matrix: PlacedMatrix, view: MatrixView, width: number, height: number): Pixels {
  const rgba = new Uint8ClampedArray(width * height * 4)
  const drawn = new Float64Array(width * height)
  const perColumn = width / (view.right - view.left)
  const perRow = height / (view.bottom - view.top)
  for (let row = Math.floor(view.top); row < Math.min(matrix.rows, Math.ceil(view.bottom)); row++) {
    const [top, bottom] = span((row - view.top) * perRow, perRow, height)
    for (let i = matrix.starts[row]; i < matrix.starts[row + 1]; i++) {
      const column = matrix.columns[i]
      if (column + 1 <= view.left || column >= view.right) continue
      const [left, right] = span((column - view.left) * perColumn, perColumn, width)
      const weight = matrix.weights[i]
      const [red, green, blue] = weight > 0 ? SIGN_COLOURS.positive : SIGN_COLOURS.negative
      const opacity = 255 * opacityOf(weight, matrix.largest)
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const at = y * width + x
          if (Math.abs(weight) <= drawn[at]) continue
          drawn[at] = Math.abs(weight)
          rgba[at * 4] = red
          rgba[at * 4 + 1] = green
          rgba[at * 4 + 2] = blue
          rgba[at * 4 + 3] = opacity
        }
      }
    }
  }
  return { height, width, rgba }
}

/** First and one past the last pixel of a cell, at least one pixel. */
function span(start: number, length: number, limit: number): [number, number] {
  const from = Math.min(limit - 1, Math.max(0, Math.floor(start)))
  const line = length >= WITH_LINES ? 1 : 0
  return [from, Math.min(limit, Math.max(from + 1, Math.floor(start + length) - line))]
}

/**
 * The cell with the largest magnitude within `radius` pixels of a point of the picture; the cell at the point itself
 * where there is none or where cells are wider than that.
 */
export function cellNear(
  matrix: PlacedMatrix,
  view: MatrixView,
  point: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  radius: number,
): { row: number; column: number } {
  const perColumn = point.width / (view.right - view.left)
  const perRow = point.height / (view.bottom - view.top)
  const row = clamp(Math.floor(view.top + point.y / perRow), 0, matrix.rows - 1)
  const column = clamp(Math.floor(view.left + point.x / perColumn), 0, matrix.width - 1)
  const [rows, columns] = [Math.floor(radius / perRow), Math.floor(radius / perColumn)]
  let best = { row, column }
  let strongest = 0
  for (let r = Math.max(0, row - rows); r <= Math.min(matrix.rows - 1, row + rows); r++) {
    for (let i = matrix.starts[r]; i < matrix.starts[r + 1]; i++) {
      if (Math.abs(matrix.columns[i] - column) > columns || Math.abs(matrix.weights[i]) <= strongest) continue
      strongest = Math.abs(matrix.weights[i])
      best = { row: r, column: matrix.columns[i] }
    }
  }
  return best
}

/**
 * The view after zooming by `factor` (below 1: nearer) about a place in columns and rows, within the matrix, with at
 * least so many of them in sight.
 */
export function zoomed(
  view: MatrixView,
  factor: number,
  about: { readonly column: number; readonly row: number },
  matrix: { readonly rows: number; readonly width: number },
  least: { readonly columns: number; readonly rows: number },
): MatrixView {
  const columns = clamp((view.right - view.left) * factor, Math.min(least.columns, matrix.width), matrix.width)
  const rows = clamp((view.bottom - view.top) * factor, Math.min(least.rows, matrix.rows), matrix.rows)
  const left = about.column - ((about.column - view.left) / (view.right - view.left)) * columns
  const top = about.row - ((about.row - view.top) / (view.bottom - view.top)) * rows
  return within({ left, right: left + columns, top, bottom: top + rows }, matrix)
}

/** The view moved so that it lies within the matrix. */
export function within(view: MatrixView, matrix: { readonly rows: number; readonly width: number }): MatrixView {
  const columns = Math.min(matrix.width, view.right - view.left)
  const rows = Math.min(matrix.rows, view.bottom - view.top)
  const left = clamp(view.left, 0, matrix.width - columns)
  const top = clamp(view.top, 0, matrix.rows - rows)
  return { left, right: left + columns, top, bottom: top + rows }
}

/** The view moved by as little as it takes to have a cell in sight. */
export function withCell(
  view: MatrixView,
  { row, column }: { readonly row: number; readonly column: number },
  matrix: { readonly rows: number; readonly width: number },
): MatrixView {
  const along = Math.min(0, column - view.left) + Math.max(0, column + 1 - view.right)
  const down = Math.min(0, row - view.top) + Math.max(0, row + 1 - view.bottom)
  if (along === 0 && down === 0) return view
  const { left, right, top, bottom } = view
  return within({ left: left + along, right: right + along, top: top + down, bottom: bottom + down }, matrix)
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}
