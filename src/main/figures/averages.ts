import { flowCells } from './flow.ts'
import { figureLegend } from './legend.ts'
import { heatmapCell, imageCell } from './map-cell.ts'
import { featureCaption, frame, layoutOf, LINE_HEIGHT, shortNumber } from './parts.ts'
import type { Layout } from './parts.ts'
import { imageElement, montage } from './raster.ts'
import { FAINT_INK, rectangle, svgDocument, text, wrap } from './svg.ts'
import type { Box } from './svg.ts'
import type { AverageGridData, FeaturePageData, FigureOptions } from './types.ts'

/** In font sizes of the captions: "channel 1234" fits. */
const NARROWEST_CELL = 7
const MONTAGE_COLUMNS = 10

/** One row per class: the average images of its relevant features (paper, Fig. 1 and 3). */
export async function averageImageGrid(data: AverageGridData, options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const rows = data.classes
  const inner = layout.width - 2 * layout.margin
  const longest = Math.max(1, ...rows.map(({ cells }) => cells.length))
  // Without negative weights a sign says nothing.
  const signed = rows.some(({ cells }) => cells.some(({ weight }) => weight < 0))
  const elements: string[] = []
  let y = layout.margin
  for (const { name, total, order, cells } of rows) {
    const all = total === 1 ? '1 feature' : `${total} features`
    const count = cells.length < total ? `${cells.length} of ${all}` : all
    const notes = wrap(cells.length > 1 ? `${count}, ${order}` : count, inner, layout.caption, 2, layout.font)
    elements.push(
      text(name, layout.margin, y + layout.size, {
        size: layout.size,
        weight: 'bold',
        font: layout.font,
        maxWidth: inner,
      }),
      ...notes.map((words, i) =>
        text(words, layout.margin, y + layout.size + (i + 1) * layout.line, {
          size: layout.caption,
          colour: FAINT_INK,
        }),
      ),
    )
    const drawn = cells.map(({ feature, weight, className, average, distinctImages, patches }) => {
      const w = `w = ${signed && weight > 0 ? '+' : ''}${shortNumber(weight)}`
      return imageCell(average, [
        feature,
        className === undefined ? w : `${w} for ${className}`,
        `${patches} patches, ${images(distinctImages)}`,
      ])
    })
    const top = y + layout.size + notes.length * layout.line + layout.caption * 0.8
    const flowed = await flowCells(drawn, layout, top, longest, NARROWEST_CELL * layout.caption)
    elements.push(...flowed.elements)
    y = flowed.bottom + layout.gap * 0.5
  }
  const kinds = new Set(rows.flatMap(({ cells }) => cells.map(({ feature }) => feature.layerKind)))
  const legend = figureLegend(layout, y, null, kinds)
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements], layout.font)
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
  const count = data.averagedPatches ?? data.patches.length
  const { height: fieldHeight, width: fieldWidth } = data.receptiveField
  const { margin, size, font } = layout
  const heading = featureCaption(data.feature, margin, margin + size, size, inner, font)
  let below = layout.margin + heading.lines * layout.size * LINE_HEIGHT + layout.line * 0.8
  const elements = [
    heading.element,
  ]
  const facts = `${relevance(data)}; receptive field ${fieldHeight} × ${fieldWidth} px${data.pinned ? '; pinned' : ''}`
  for (const words of [
    ...wrap(facts, inner, layout.caption, 3, layout.font),
    ...(data.note ? wrap(`note: ${oneLine(data.note)}`, inner, layout.caption, 6, layout.font) : []),
  ]) {
    elements.push(text(words, layout.margin, below, { size: layout.caption, colour: FAINT_INK }))
    below += layout.line
  }
  below -= layout.line
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
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements], layout.font)
}

const MOST_NAMED_CLASSES = 3

function relevance({ relevantTo }: FeaturePageData): string {
  if (relevantTo.length === 0) return 'relevant to no class'
  const named = relevantTo
    .slice(0, MOST_NAMED_CLASSES)
    .map(({ className, weight }) => `${className} (weight ${shortNumber(weight)})`)
  const more = relevantTo.length - named.length
  return `relevant to ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
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
  const lines = wrap(note, width, layout.caption, 3, layout.font)
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
