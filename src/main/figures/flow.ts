import { columnsOf, featureCaption } from './parts.ts'
import type { Layout } from './parts.ts'
import { FAINT_INK, INK, text, wrap } from './svg.ts'
import type { Box } from './svg.ts'
import type { FeatureLabel } from './types.ts'

/** One picture of a figure with its captions below. */
export interface FlowCell {
  /** Height by width. */
  readonly aspect: number
  readonly draw: (box: Box) => Promise<string>
  /** Plain text wraps; a feature stands on one line with its badge. */
  readonly captions: readonly (string | FeatureLabel)[]
}

const MAX_CAPTION_LINES = 3
/** Depth of letters below the base line, in font sizes. */
const HANGING = 0.3

/**
 * Cells of equal width from left to right, in as many lines as they need at the narrowest width that is still
 * legible. Returns what was drawn and where the next thing may start.
 */
export async function flowCells(
  cells: readonly FlowCell[],
  layout: Layout,
  top: number,
  columnsWanted: number,
  narrowest: number,
): Promise<{ elements: string[]; bottom: number }> {
  const { columns, cell: width } = columnsOf(layout, columnsWanted, narrowest)
  const elements: string[] = []
  let y = top
  for (let start = 0; start < cells.length; start += columns) {
    const line = cells.slice(start, start + columns)
    const height = Math.max(...line.map(({ aspect }) => aspect)) * width
    let deepest = y + height
    for (const [column, cell] of line.entries()) {
      const x = layout.margin + column * (width + layout.gap)
      elements.push(await cell.draw({ x, y, width, height: cell.aspect * width }))
      let baseLine = y + height + layout.line
      for (const [index, caption] of cell.captions.entries()) {
        const size = layout.caption
        if (typeof caption !== 'string') {
          const { element, lines } = featureCaption(caption, x, baseLine, size, width, layout.font)
          elements.push(element)
          baseLine += lines * layout.line
          continue
        }
        for (const words of wrap(caption, width, size, MAX_CAPTION_LINES, layout.font)) {
          elements.push(text(words, x, baseLine, { size, colour: index === 0 ? INK : FAINT_INK }))
          baseLine += layout.line
        }
      }
      deepest = Math.max(deepest, baseLine - layout.line + layout.caption * HANGING)
    }
    y = deepest + layout.gap
  }
  return { elements, bottom: y }
}
