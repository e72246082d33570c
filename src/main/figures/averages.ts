import { flowCells } from './flow.ts'
import { figureLegend } from './legend.ts'
import { heatmapCell, imageCell } from './map-cell.ts'
import { featureCaption, frame, layoutOf, LINE_HEIGHT, shortNumber } from './parts.ts'
import type { Layout } from './parts.ts'
import { imageElement, montage } from './raster.ts'
import { FAINT_INK, rectangle, svgDocument, text, wrap } from './svg.ts'
import type { Box } from './svg.ts'
import type { AverageCell, AverageGridData, FeaturePageData, FigureOptions } from './types.ts'

/** In font sizes of the captions: "channel 1234" fits. */
const NARROWEST_CELL = 7
const MONTAGE_COLUMNS = 10

/** The features of a class that the grid shows, heaviest first; ties keep their order. */
export function heaviestFirst(cells: readonly AverageCell[], atMost = Infinity): AverageCell[] {
  return [...cells].sort((a, b) => b.weight - a.weight).slice(0, atMost)
}

/** One row per class: the average images of its relevant features, heaviest first (paper, Fig. 1 and 3). */
export async function averageImageGrid(data: AverageGridData, options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const rows = data.classes.map(({ name, cells }) => ({
    name,
    total: cells.length,
    cells: heaviestFirst(cells, data.featuresPerClass),
  }))
  const longest = Math.max(1, ...rows.map(({ cells }) => cells.length))
  const elements: string[] = []
  let y = layout.margin
  for (const { name, total, cells } of rows) {
    const count = cells.length < total ? `${cells.length} heaviest of ${total} features` : `${total} features`
    elements.push(
      text(name, layout.margin, y + layout.size, {
        size: layout.size,
        weight: 'bold',
        maxWidth: layout.width - 2 * layout.margin,
      }),
      text(count, layout.margin, y + layout.size + layout.line, { size: layout.caption, colour: FAINT_INK }),
    )
    const drawn = cells.map(({ feature, weight, average, distinctImages, patches }) =>
      imageCell(average, [feature, `w = ${shortNumber(weight)}`, `${patches} patches, ${images(distinctImages)}`]),
    )
    const top = y + layout.size + layout.line + layout.caption * 0.8
    const flowed = await flowCells(drawn, layout, top, longest, NARROWEST_CELL * layout.caption)
    elements.push(...flowed.elements)
    y = flowed.bottom + layout.gap * 0.5
  }
  const kinds = new Set(rows.flatMap(({ cells }) => cells.map(({ feature }) => feature.layerKind)))
  const legend = figureLegend(layout, y, null, kinds)
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements])
}

function images(count: number): string {
  return count === 1 ? '1 image' : `${count} images`
}

/**
 * One feature: its average image, the spread over the patches, the average of random patches as control, and the
 * patches themselves.
 */
export async function featurePage(data: FeaturePageData, options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const inner = layout.width - 2 * layout.margin
  const count = data.patches.length
  const { height: fieldHeight, width: fieldWidth } = data.receptiveField
  const heading = featureCaption(data.feature, layout.margin, layout.margin + layout.size, layout.size, inner)
  const below = layout.margin + heading.lines * layout.size * LINE_HEIGHT + layout.line * 0.8
  const elements = [
    heading.element,
    text(
      `class ${data.className}, weight ${shortNumber(data.weight)}, receptive field ${fieldHeight} × ${fieldWidth} px`,
      layout.margin,
      below,
      { size: layout.caption, colour: FAINT_INK, maxWidth: inner },
    ),
  ]
  const cells = [
    imageCell(data.average, ['average', `of ${count} patches from ${images(data.distinctImages)}`]),
    heatmapCell(data.spread, layout, ['spread', 'standard deviation, grey levels (0 to 255):']),
    imageCell(data.randomAverage, ['random control', `average of ${data.randomPatches} random patches, same layer`]),
  ]
  const top = below + layout.caption * 0.8
  const panels = await flowCells(cells, layout, top, cells.length, (inner - 2 * layout.gap) / 3 - 0.01)
  elements.push(...panels.elements)

  const patches = await drawPatches(data, layout, panels.bottom)
  elements.push(...patches.elements)
  const note = 'colours run over the range under the spread'
  const legend = figureLegend(layout, patches.bottom, note, new Set([data.feature.layerKind]))
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements])
}

async function drawPatches(
  data: FeaturePageData,
  layout: Layout,
  top: number,
): Promise<{ elements: string[]; bottom: number }> {
  const width = layout.width - 2 * layout.margin
  const { height: patchHeight, width: patchWidth } = data.patches[0] ?? { height: 1, width: 1 }
  const gap = Math.max(1, Math.round(patchWidth * 0.05))
  const sheet = montage(data.patches, MONTAGE_COLUMNS, gap)
  // Fewer patches than columns keep the size that a full row would have.
  const scale = width / (MONTAGE_COLUMNS * (patchWidth + gap) - gap)
  const box: Box = { x: layout.margin, y: top, width: sheet.width * scale, height: sheet.height * scale }
  const marks = data.clipped.map((index) => {
    const x = box.x + (index % MONTAGE_COLUMNS) * (patchWidth + gap) * scale
    const y = box.y + Math.floor(index / MONTAGE_COLUMNS) * (patchHeight + gap) * scale
    const patch = { x, y, width: patchWidth * scale, height: patchHeight * scale }
    return rectangle(patch, 'fill="none" stroke="#e69f00" stroke-width="0.9"')
  })
  const clippedNote =
    data.clipped.length > 0 ? `; orange: receptive field cut at the image border (${data.clipped.length})` : ''
  const note = `the ${data.patches.length} patches with the strongest response, strongest first${clippedNote}`
  const lines = wrap(note, width, layout.caption, 3)
  const firstLine = top + box.height + layout.line
  return {
    elements: [
      await imageElement(sheet, box),
      frame(box),
      ...marks,
      ...lines.map((words, i) =>
        text(words, layout.margin, firstLine + i * layout.line, { size: layout.caption, colour: FAINT_INK }),
      ),
    ],
    bottom: firstLine + (lines.length - 1) * layout.line + layout.gap,
  }
}
