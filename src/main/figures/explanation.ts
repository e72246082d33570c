import { flowCells } from './flow.ts'
import type { FlowCell } from './flow.ts'
import { figureLegend } from './legend.ts'
import { heatmapCell, imageCell, missingCell, OVERLAY_OPACITY } from './map-cell.ts'
import { layoutOf, shortNumber } from './parts.ts'
import type { Layout } from './parts.ts'
import { FAINT_INK, svgDocument, text } from './svg.ts'
import type { ComparisonFigureData, ExplanationFigureData, ExplanationRow, FigureOptions } from './types.ts'

/** In font sizes of the captions: "channel 1234" fits. */
const NARROWEST_CELL = 7

function barNote(overlay: boolean): string {
  const over = overlay ? `, laid over the image at ${OVERLAY_OPACITY * 100} %` : ''
  return `colours run over the raw range under each map${over}`
}

/**
 * One row per image: the input, the combined heatmap and the heatmap of each relevant feature, with its layer,
 * channel, contribution and raw range (paper, Fig. 1 and 6).
 */
export async function explanationFigure(data: ExplanationFigureData, options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const overlay = data.show === 'overlay'
  const mostCells = 2 + Math.max(0, ...data.rows.map(({ features }) => features.length))
  const elements: string[] = []
  let y = layout.margin
  for (const row of data.rows) {
    elements.push(text(rowTitle(row), layout.margin, y + layout.size, {
      size: layout.size,
      weight: 'bold',
      font: layout.font,
      maxWidth: layout.width - 2 * layout.margin,
    }))
    elements.push(nameLine(row.name, layout, y + layout.size + layout.line))
    const over = { ...(overlay ? { image: row.image } : {}), ...(row.mask ? { mask: row.mask } : {}) }
    const cells: FlowCell[] = [
      imageCell(row.image, [row.mask ? 'input, mask outlined' : 'input'], row.mask),
      heatmapCell(row.combined, layout, ['combined'], over),
      ...row.features.map(({ feature, contribution, heatmap }) =>
        heatmapCell(heatmap, layout, [feature, `r = ${shortNumber(contribution)}`], over),
      ),
    ]
    const top = y + layout.size + layout.line + layout.caption * 0.8
    const flowed = await flowCells(cells, layout, top, mostCells, NARROWEST_CELL * layout.caption)
    elements.push(...flowed.elements)
    y = flowed.bottom + layout.gap * 0.5
  }
  const kinds = new Set(data.rows.flatMap(({ features }) => features.map(({ feature }) => feature.layerKind)))
  const legend = figureLegend(layout, y, barNote(overlay), kinds)
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements], layout.font)
}

function rowTitle({ trueClass, predictedClass, confidence }: ExplanationRow): string {
  const predicted = `predicted ${predictedClass} (${(confidence * 100).toFixed(1)} %)`
  return trueClass === null ? predicted : `true ${trueClass}, ${predicted}`
}

function nameLine(name: string, layout: Layout, y: number): string {
  return text(name, layout.margin, y, {
    size: layout.caption,
    colour: FAINT_INK,
    font: layout.font,
    maxWidth: layout.width - 2 * layout.margin,
  })
}

/** One row per image: the input and the heatmap of each method beside it. */
export async function comparisonFigure(data: ComparisonFigureData, options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const overlay = data.show === 'overlay'
  const elements: string[] = []
  let y = layout.margin
  for (const row of data.rows) {
    elements.push(nameLine(row.name, layout, y + layout.caption))
    const over = { ...(overlay ? { image: row.image } : {}), ...(row.mask ? { mask: row.mask } : {}) }
    const cells: FlowCell[] = [
      imageCell(row.image, [row.mask ? 'input, mask outlined' : 'input'], row.mask),
      ...row.maps.map((map, index) => {
        const method = data.methods[index] ?? `method ${index + 1}`
        if (typeof map !== 'string') return heatmapCell(map, layout, [method], over)
        return missingCell(row.image.height / row.image.width, layout, [method], map)
      }),
    ]
    const top = y + layout.caption * 1.6
    const flowed = await flowCells(cells, layout, top, data.methods.length + 1, NARROWEST_CELL * layout.caption)
    elements.push(...flowed.elements)
    y = flowed.bottom + layout.gap * 0.5
  }
  const legend = figureLegend(layout, y, barNote(overlay), new Set())
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements], layout.font)
}
