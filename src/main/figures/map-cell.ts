import { isFlatRange } from '../../core/colour-maps.ts'
import type { RawImage } from '../data/types.ts'
import type { FlowCell } from './flow.ts'
import { outline } from './outline.ts'
import { frame, rangeNote } from './parts.ts'
import type { Layout } from './parts.ts'
import { colourHeatmap, imageElement, toGray } from './raster.ts'
import { FAINT_INK, rectangle, text, wrap } from './svg.ts'
import type { FeatureLabel, Heatmap, Mask } from './types.ts'

/** Opacity of a heatmap over its image. */
export const OVERLAY_OPACITY = 0.65

type Captions = readonly (string | FeatureLabel)[]

export function imageCell(image: RawImage, captions: Captions, mask?: Mask): FlowCell {
  return {
    aspect: image.height / image.width,
    captions,
    draw: async (box) => (await imageElement(image, box)) + frame(box) + (mask ? outline(mask, box) : ''),
  }
}

/** A heatmap, over its image where one is given; its raw range is the last caption. */
export function heatmapCell(
  map: Heatmap,
  layout: Layout,
  captions: Captions,
  over?: { image?: RawImage; mask?: Mask },
): FlowCell {
  const { image, mask } = over ?? {}
  return {
    aspect: image ? image.height / image.width : map.height / map.width,
    captions: [...captions, rangeNote(map, isFlatRange(map.min, map.max))],
    draw: async (box) => {
      const coloured = colourHeatmap(map, layout.colourMap)
      return [
        image ? await imageElement(toGray(image), box) : '',
        await imageElement(coloured, box, image ? ` opacity="${OVERLAY_OPACITY}"` : ''),
        frame(box),
        mask ? outline(mask, box) : '',
      ].join('')
    },
  }
}

/** An empty cell that says why there is no map. */
export function missingCell(aspect: number, layout: Layout, captions: Captions, reason: string): FlowCell {
  return {
    aspect,
    captions,
    draw: async (box) => {
      const lines = wrap(reason, box.width - layout.caption, layout.caption, 6, layout.font)
      const firstLine = box.y + box.height / 2 - ((lines.length - 1) / 2 - 0.35) * layout.line
      return [
        rectangle(box, 'fill="#f2f2f2"'),
        frame(box),
        ...lines.map((words, i) =>
          text(words, box.x + box.width / 2, firstLine + i * layout.line, {
            size: layout.caption,
            colour: FAINT_INK,
            anchor: 'middle',
          }),
        ),
      ].join('')
    },
  }
}
