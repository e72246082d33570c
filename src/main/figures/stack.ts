import { layoutOf } from './parts.ts'
import { coordinate, FAINT_INK, POINTS_PER_CM, svgDocument, text, wrap } from './svg.ts'
import type { FigureOptions } from './types.ts'

export interface Panel {
  readonly title: string
  /** Said below the title; empty for nothing. */
  readonly note: string
  /** A whole figure as wide as this one. */
  readonly svg: string
}

/** Figures of one width as the panels of a single one, from top to bottom, each with its title. */
export function stackPanels(panels: readonly Panel[], options: FigureOptions): string {
  const layout = layoutOf(options)
  const inner = layout.width - 2 * layout.margin
  const elements: string[] = []
  let y = layout.margin
  for (const [index, { title, note, svg }] of panels.entries()) {
    const { body, height } = contentOf(svg, index)
    if (title) {
      y += layout.size
      elements.push(
        text(title, layout.margin, y, { size: layout.size, weight: 'bold', font: layout.font, maxWidth: inner }),
      )
    }
    for (const words of note ? wrap(note, inner, layout.caption, 2, layout.font) : []) {
      y += layout.line
      elements.push(text(words, layout.margin, y, { size: layout.caption, colour: FAINT_INK }))
    }
    if (title || note) y += layout.size * 0.5
    elements.push(`<g transform="translate(0 ${coordinate(y)})">${body}</g>`)
    y += height + (index < panels.length - 1 ? layout.gap : 0)
  }
  return svgDocument(layout.width, y, elements, layout.font)
}

/** The elements of a figure, its identifiers made different from those of the other panels. */
function contentOf(svg: string, index: number): { body: string; height: number } {
  const [root] = /^<svg [^>]*>/.exec(svg)!
  const height = Number(/height="([\d.]+)cm"/.exec(root)![1]) * POINTS_PER_CM
  const body = svg
    .slice(root.length, svg.lastIndexOf('</svg>'))
    .trim()
    .replace(/( id="|url\(#)/g, `$1panel-${index}-`)
  return { body, height }
}
