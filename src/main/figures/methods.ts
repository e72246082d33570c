import { heatmapPixels } from '../../core/heatmap-pixels.ts'
import type { HeatmapPixels } from '../../core/heatmap-pixels.ts'
import type { HeatmapDisplay } from '../../shared/figures.ts'
import type { Matrix } from '../../shared/matrix.ts'
import type { RawImage } from '../data/types.ts'
import { textWidth } from './font.ts'
import { flowCells } from './flow.ts'
import type { FlowCell } from './flow.ts'
import { badgeLegend, colourBar, columnsOf, frame, layoutOf, shortNumber } from './parts.ts'
import type { Layout } from './parts.ts'
import { blend, enlarge, imageElement } from './raster.ts'
import { coordinate, FAINT_INK, svgDocument, text, wrap } from './svg.ts'
import type { FeatureLabel, FigureOptions, LayerKind } from './types.ts'

/** One image, explained by one or several methods. */
export interface MethodsFigureData {
  readonly name: string
  /** As the network sees it. */
  readonly image: RawImage
  /** Sentences beside the image. */
  readonly facts: readonly string[]
  readonly methods: readonly {
    readonly name: string
    /** `[height, width]`, 0..1. */
    readonly combined: Matrix<Float32Array>
    /** Raw signals; largest contribution first. */
    readonly features: readonly {
      readonly feature: FeatureLabel
      readonly contribution: number
      readonly map: Matrix<Float32Array>
    }[]
  }[]
  readonly display: HeatmapDisplay
}

/** In font sizes of the captions: "channel 1234" fits. */
const NARROWEST_CELL = 7
/** A lonely map does not fill the figure. */
const FEWEST_COLUMNS = 3
/** About 220 dpi: maps are as coarse as the network's input. */
const PIXELS_PER_POINT = 3
/** Between methods beside one another, in font sizes. */
const PANEL_GAP = 1.6
const LARGEST_FACTOR = 16
/** Combined maps are scaled to [0, 1] before they are joined, whatever the scale of the raw maps. */
const COMBINED_SCALE = 1

/**
 * The image with what is known of it, and below it for each method the combined heatmap and those of the strongest
 * features, with layer, channel, contribution and raw range (paper, Fig. 6 and 8).
 */
export async function methodsFigure(data: MethodsFigureData, options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const { size, caption, line, margin, gap, font } = layout
  const inner = layout.width - 2 * margin
  const most = Math.max(FEWEST_COLUMNS, ...data.methods.map(({ features }) => 1 + features.length))
  // As many methods beside one another as fit with legible maps: one below the other they outgrow a page.
  const narrowest = most * (NARROWEST_CELL * caption + gap) - gap
  const sideBySide = Math.max(
    1,
    Math.min(data.methods.length, Math.floor((inner + PANEL_GAP * size) / (narrowest + PANEL_GAP * size))),
  )
  const panel: Layout = {
    ...layout,
    width: (inner - (sideBySide - 1) * PANEL_GAP * size) / sideBySide + 2 * margin,
  }
  const { cell } = columnsOf(panel, most, NARROWEST_CELL * caption)
  const side = Math.min(cell, inner * 0.3)
  const picture = { x: margin, y: margin, width: side, height: (side * data.image.height) / data.image.width }
  const elements = [await imageElement(data.image, picture), frame(picture)]
  const beside = inner - side - gap
  let y = margin + size
  elements.push(text(data.name, margin + side + gap, y, { size, weight: 'bold', font, maxWidth: beside }))
  for (const words of data.facts.flatMap((fact) => wrap(fact, beside, caption, 4, font))) {
    y += line
    elements.push(text(words, margin + side + gap, y, { size: caption, colour: FAINT_INK }))
  }
  y = Math.max(y + caption * 0.4, picture.y + picture.height) + gap
  for (let start = 0; start < data.methods.length; start += sideBySide) {
    const row = data.methods.slice(start, start + sideBySide)
    const panels = await Promise.all(row.map((method) => methodPanel(data, method, panel, y, most)))
    panels.forEach(({ elements: drawn }, i) => {
      const shift = coordinate(i * (panel.width - 2 * margin + PANEL_GAP * size))
      elements.push(`<g transform="translate(${shift} 0)">${drawn.join('')}</g>`)
    })
    y = Math.max(...panels.map(({ bottom }) => bottom))
  }
  const legend = legendOf(data, layout, y)
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements], font)
}

/** A method's name and its maps. */
async function methodPanel(
  { image, display }: MethodsFigureData,
  { name, combined, features }: MethodsFigureData['methods'][number],
  layout: Layout,
  top: number,
  columns: number,
): Promise<{ elements: string[]; bottom: number }> {
  const { size, caption, margin, font, width } = layout
  const title = text(name, margin, top + size, { size, weight: 'bold', font, maxWidth: width - 2 * margin })
  const cells = [
    mapCell(image, combined, { ...display, scaleMax: COMBINED_SCALE }, [
      'combined',
      ...(features.length === 0 ? ['no relevant feature speaks for this class'] : []),
    ]),
    ...features.map(({ feature, contribution, map }) =>
      mapCell(image, map, display, [feature, `r = ${shortNumber(contribution)}`]),
    ),
  ]
  const { elements, bottom } = await flowCells(cells, layout, top + size * 1.5, columns, NARROWEST_CELL * caption)
  return { elements: [title, ...elements], bottom }
}

function mapCell(
  image: RawImage,
  map: Matrix<Float32Array>,
  display: HeatmapDisplay,
  captions: readonly (string | FeatureLabel)[],
): FlowCell {
  const [height, width] = map.shape as [number, number]
  const shown = { height, width, data: map.data }
  const raw = heatmapPixels(shown, display)
  return {
    aspect: image.height / image.width,
    captions: [...captions, rangeOf(raw, display)],
    draw: async (box) => {
      const factor = Math.min(LARGEST_FACTOR, Math.max(1, Math.floor((box.width * PIXELS_PER_POINT) / width)))
      const pixels = factor > 1 ? heatmapPixels(shown, display, factor) : raw
      return (await imageElement(blend(enlarge(image, factor), pixels.rgba), box)) + frame(box)
    },
  }
}

/** Raw range of a map, whether it is flat, and whether values lie beyond the given scale. */
function rangeOf({ range, clamped }: HeatmapPixels, { scaleMax }: HeatmapDisplay): string {
  if (range.flat) return `flat: ${shortNumber(range.max)}`
  const beyond = clamped > 0 && scaleMax !== null ? `, cut at ${shortNumber(scaleMax)}` : ''
  return `${shortNumber(range.min)} … ${shortNumber(range.max)}${beyond}`
}

function legendOf(
  { display, methods }: MethodsFigureData,
  layout: Layout,
  top: number,
): { elements: string[]; bottom: number } {
  const { caption: size, font, margin } = layout
  const ends = ['0', display.scaleMax === null ? 'largest' : shortNumber(display.scaleMax)] as const
  let y = top + size
  const barX = margin + textWidth(ends[0], size, 'regular', font) + size * 0.4
  const bar = { x: barX, y: y - size * 0.85, width: size * 11, height: size }
  const elements = [colourBar(display.colourMap, bar, ends, size)]
  const kinds = new Set<LayerKind>(methods.flatMap(({ features }) => features.map(({ feature }) => feature.layerKind)))
  const x = barX + bar.width + size * 2 + textWidth(ends[1], size, 'regular', font)
  const badges = badgeLegend(kinds, x, y, size, font)
  if (x + badges.width > layout.width && kinds.size > 0) {
    y += layout.line * 1.15
    elements.push(badgeLegend(kinds, margin, y, size, font).element)
  } else {
    elements.push(badges.element)
  }
  for (const words of wrap(scaleNote(display), layout.width - 2 * margin, size, 4, font)) {
    y += layout.line
    elements.push(text(words, margin, y, { size, colour: FAINT_INK }))
  }
  return { elements, bottom: y + size * 0.35 + margin }
}

function scaleNote({ scaleMax, opacity, threshold, smooth }: HeatmapDisplay): string {
  const scale =
    scaleMax === null
      ? 'magnitudes, each map from 0 to its own largest'
      : `magnitudes, maps of features from 0 to ${shortNumber(scaleMax)}, combined maps from 0 to 1`
  const cut = threshold > 0 ? `, nothing below ${percent(threshold)} of the scale` : ''
  return `${scale}${cut}; raw range under each map; ${percent(opacity)} opaque, ${smooth ? 'smoothed' : 'not smoothed'}`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
