import { textWidth } from './font.ts'
import { badgeLegend, colourBar } from './parts.ts'
import type { Layout } from './parts.ts'
import { FAINT_INK, text, wrap } from './svg.ts'
import type { LayerKind } from './types.ts'

const BAR_ENDS = ['low', 'high'] as const

/**
 * Bottom of a figure: the colour bar (where `barNote` says what its ends mean), the meaning of the badges beside
 * it, or below where the figure is narrow, and the note.
 */
export function figureLegend(
  layout: Layout,
  top: number,
  barNote: string | null,
  kinds: ReadonlySet<LayerKind>,
): { elements: string[]; bottom: number } {
  const size = layout.caption
  const elements: string[] = []
  let baseLine = top + size
  let x = layout.margin
  if (barNote !== null) {
    const width = size * 11
    x += textWidth(BAR_ENDS[0], size, 'regular', layout.font) + size * 0.4
    elements.push(colourBar(layout.colourMap, { x, y: baseLine - size * 0.85, width, height: size }, BAR_ENDS, size))
    x += width + size * 2 + textWidth(BAR_ENDS[1], size, 'regular', layout.font)
  }
  if (kinds.size > 0) {
    const { width } = badgeLegend(kinds, 0, 0, size, layout.font)
    if (barNote !== null && x + width > layout.width) {
      x = layout.margin
      baseLine += layout.line * 1.15
    }
    elements.push(badgeLegend(kinds, x, baseLine, size, layout.font).element)
  }
  if (barNote !== null) {
    for (const words of wrap(barNote, layout.width - 2 * layout.margin, size, 3, layout.font)) {
      baseLine += layout.line
      elements.push(text(words, layout.margin, baseLine, { size, colour: FAINT_INK }))
    }
  }
  return { elements, bottom: baseLine + size * 0.35 + layout.margin }
}
