import { flowCells } from './flow.ts'
import { figureLegend } from './legend.ts'
import { heatmapCell } from './map-cell.ts'
import type { FlowCell } from './flow.ts'
import { outline } from './outline.ts'
import { layoutOf } from './parts.ts'
import { svgDocument } from './svg.ts'
import type { FigureOptions, IouExample, Mask } from './types.ts'

/** In font sizes of the captions. */
const NARROWEST_CELL = 8
const REGION_COLOUR = '#56b4e9'

/** What a threshold selects from a heatmap: values at or above it. */
export function thresholded(example: IouExample): Mask {
  const { height, width, data } = example.heatmap
  return { height, width, data: Uint8Array.from(data, (value) => (value >= example.threshold ? 1 : 0)) }
}

function caption({ iou, threshold }: IouExample): string {
  // No-break spaces: a line never ends within "t = 0.5".
  return `IoU ${iou.toFixed(2)} at t\u00a0=\u00a0${Number(threshold.toFixed(3))}`
}

/** Montage of heatmaps over their images, with the mask in white and the thresholded region in blue. */
export async function iouMontage(examples: readonly IouExample[], options: FigureOptions): Promise<string> {
  const layout = layoutOf(options)
  const cells = examples.map((example): FlowCell => {
    const cell = heatmapCell(
      example.heatmap,
      layout,
      [caption(example), example.name],
      { image: example.image, mask: example.mask },
    )
    return {
      ...cell,
      draw: async (box) => (await cell.draw(box)) + outline(thresholded(example), box, REGION_COLOUR),
    }
  })
  const narrowest = NARROWEST_CELL * layout.caption
  const { elements, bottom } = await flowCells(cells, layout, layout.margin, examples.length, narrowest)
  const note = 'white: mask; blue: heatmap ≥ t; colours run over the range under each map'
  const legend = figureLegend(layout, bottom, note, new Set())
  return svgDocument(layout.width, legend.bottom, [...elements, ...legend.elements], layout.font)
}
