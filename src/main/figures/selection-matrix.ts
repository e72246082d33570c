import type { Matrix } from '../../shared/matrix.ts'
import type { RawImage } from '../data/types.ts'
import { applyColourMap } from '../../core/colour-maps.ts'
import type { ColourMapName } from '../../core/colour-maps.ts'
import { colourBar, frame, layoutOf, shortNumber } from './parts.ts'
import { imageElement } from './raster.ts'
import { coordinate, FAINT_INK, INK, svgDocument, text, wrap } from './svg.ts'
import { textWidth } from './font.ts'
import type { FigureOptions } from './types.ts'

export interface SelectionMatrixData {
  readonly classes: readonly string[]
  /** Layer of each column, in the order of the columns: columns of one layer stand together. */
  readonly layers: readonly { readonly number: number; readonly name: string; readonly columns: number }[]
  /** `[C, columns]`. */
  readonly weights: Matrix<Float64Array>
}

/** Cells drawn for each point of the page; more are merged, fewer are enlarged. */
const CELLS_PER_POINT = 2
/** Heights in font sizes. */
const TALLEST_ROW = 1.6
const SHORTEST_ROW_WITH_NAME = 1.15
/** In widths of the figure. */
const TALLEST_MATRIX = 1.1

/** Weights as colours: a row for each class, a column for each feature that is relevant to some class. */
export async function selectionMatrixFigure(data: SelectionMatrixData, options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const { size, caption, line, margin, width, font } = layout
  const [rows, columns] = data.weights.shape as [number, number]
  const top = margin + caption * 0.4
  const rowHeight = Math.min(caption * TALLEST_ROW, (width * TALLEST_MATRIX) / Math.max(1, rows))
  const every = Math.max(1, Math.ceil((caption * SHORTEST_ROW_WITH_NAME) / rowHeight))
  const named = data.classes.map((name, row) => ({ name, row })).filter(({ row }) => row % every === 0)
  const most = width * 0.3
  const nameWidth = Math.min(most, Math.max(0, ...named.map(({ name }) => textWidth(name, caption, 'regular', font))))
  const box = {
    x: margin + nameWidth + size * 0.5,
    y: top,
    width: width - 2 * margin - nameWidth - size * 0.5,
    height: Math.max(1, rows) * rowHeight,
  }
  const largest = data.weights.data.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
  const negative = data.weights.data.some((weight) => weight < 0)
  const colours: ColourMapName = negative ? 'coolwarm' : 'viridis'
  const elements: string[] = []
  if (columns > 0) {
    const reduced = strongestOf(
      data.weights,
      Math.min(rows, Math.ceil(box.height * CELLS_PER_POINT)),
      Math.min(columns, Math.ceil(box.width * CELLS_PER_POINT)),
    )
    elements.push(await imageElement(coloured(reduced, colours, negative ? -largest : 0, largest), box))
  }
  elements.push(frame(box))
  for (const { name, row } of named) {
    const y = box.y + (row + 0.5) * rowHeight + caption * 0.36
    elements.push(
      text(name, box.x - size * 0.4, y, { size: caption, font, anchor: 'end', maxWidth: nameWidth, colour: INK }),
    )
  }
  let y = box.y + box.height
  elements.push(...layerMarks(data, layout, box))
  y += caption * 1.7
  const skipped = every > 1 ? `; every ${ordinal(every)} class is named` : ''
  const note = `${rows} classes by ${columns} relevant features, by layer number${skipped}`
  for (const words of wrap(note, width - 2 * margin, caption, 3, font)) {
    y += line
    elements.push(text(words, margin, y, { size: caption, colour: FAINT_INK }))
  }
  y += line * 0.6
  const ends = [negative ? shortNumber(-largest) : '0', shortNumber(largest)] as const
  const barX = margin + textWidth(`weight  ${ends[0]}`, caption, 'regular', font) + caption
  elements.push(
    text('weight', margin, y + caption, { size: caption, colour: FAINT_INK }),
    colourBar(colours, { x: barX, y: y + caption * 0.1, width: caption * 11, height: caption }, ends, caption),
  )
  return svgDocument(width, y + caption * 1.4 + margin, elements, font)
}

/** A line between layers and the layer's number below its columns, where there is room for it. */
function layerMarks(
  { layers, weights }: SelectionMatrixData,
  { caption, font }: ReturnType<typeof layoutOf>,
  box: { x: number; y: number; width: number; height: number },
): string[] {
  const columns = weights.shape[1]
  const marks: string[] = []
  const baseLine = box.y + box.height + caption * 1.25
  let before = 0
  let free = box.x - caption
  for (const { number, columns: count } of layers) {
    const left = box.x + (before / columns) * box.width
    const right = box.x + ((before + count) / columns) * box.width
    before += count
    if (before < columns) {
      const x = coordinate(right)
      marks.push(
        `<path d="M${x} ${coordinate(box.y)}V${coordinate(box.y + box.height + caption * 0.3)}" fill="none"` +
          ' stroke="#9a9a9a" stroke-width="0.4"/>',
      )
    }
    const middle = (left + right) / 2
    const half = textWidth(String(number), caption, 'regular', font) / 2
    if (middle - half < free) continue
    free = middle + half + caption * 0.4
    marks.push(text(String(number), middle, baseLine, { size: caption, anchor: 'middle', colour: INK }))
  }
  return marks
}

/** Merges cells to a coarser grid: each shows its weight of largest magnitude, so that none vanishes. */
export function strongestOf(matrix: Matrix<Float64Array>, rows: number, columns: number): Matrix<Float64Array> {
  const [height, width] = matrix.shape as [number, number]
  if (rows === height && columns === width) return matrix
  const data = new Float64Array(rows * columns)
  for (let y = 0; y < height; y++) {
    const into = Math.floor((y * rows) / height) * columns
    for (let x = 0; x < width; x++) {
      const cell = into + Math.floor((x * columns) / width)
      const weight = matrix.data[y * width + x]
      if (Math.abs(weight) > Math.abs(data[cell])) data[cell] = weight
    }
  }
  return { shape: [rows, columns], data }
}

function coloured(matrix: Matrix<Float64Array>, name: ColourMapName, min: number, max: number): RawImage {
  const [height, width] = matrix.shape as [number, number]
  return { height, width, channels: 3, data: applyColourMap(name, matrix.data, min, max).rgb }
}

function ordinal(count: number): string {
  const ends: Record<number, string> = { 1: 'st', 2: 'nd', 3: 'rd' }
  const end = count % 100 >= 11 && count % 100 <= 13 ? 'th' : (ends[count % 10] ?? 'th')
  return `${count}${end}`
}
