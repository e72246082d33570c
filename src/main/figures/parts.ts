import { hexAt } from '../../core/colour-maps.ts'
import type { ColourMapName } from '../../core/colour-maps.ts'
import { VebiError } from '../../shared/errors.ts'
import { textWidth } from './font.ts'
import type { FontName } from './font.ts'
import { coordinate, FAINT_INK, INK, POINTS_PER_CM, rectangle, text } from './svg.ts'
import type { Box } from './svg.ts'
import type { FeatureLabel, FigureOptions, Heatmap, LayerKind } from './types.ts'

/** Distance of base lines in font sizes. */
export const LINE_HEIGHT = 1.3

/** Lengths of one figure, in points. */
export interface Layout {
  readonly width: number
  readonly size: number
  readonly caption: number
  readonly line: number
  readonly gap: number
  readonly margin: number
  readonly font: FontName
  readonly colourMap: ColourMapName
}

export function layoutOf(options: FigureOptions): Layout {
  const { widthCm, fontSizePt = 7, font = 'sans', colourMap = 'inferno' } = options
  if (!(widthCm >= 5 && widthCm <= 100)) {
    throw new VebiError('bad-argument', `A figure cannot be ${widthCm} cm wide: choose between 5 and 100 cm.`)
  }
  if (!(fontSizePt >= 4 && fontSizePt <= 24)) {
    throw new VebiError('bad-argument', `Text of ${fontSizePt} pt does not fit a figure: choose between 4 and 24 pt.`)
  }
  const caption = (fontSizePt * 6) / 7
  return {
    width: widthCm * POINTS_PER_CM,
    size: fontSizePt,
    caption,
    line: caption * LINE_HEIGHT,
    gap: fontSizePt * 0.7,
    margin: fontSizePt * 0.3,
    font,
    colourMap,
  }
}

/** How many cells of at least `narrowest` points stand side by side, and how wide they then are. */
export function columnsOf(layout: Layout, wanted: number, narrowest: number): { columns: number; cell: number } {
  const available = layout.width - 2 * layout.margin
  const fitting = Math.max(1, Math.floor((available + layout.gap) / (narrowest + layout.gap)))
  const columns = Math.max(1, Math.min(wanted, fitting))
  return { columns, cell: (available - (columns - 1) * layout.gap) / columns }
}

const BADGE_COLOURS: Record<LayerKind, { fill: string; ink: string }> = {
  convolutional: { fill: '#2e9e4f', ink: '#ffffff' },
  'fully-connected': { fill: '#f58fb8', ink: '#000000' },
}

/**
 * The layer's number on green or pink, then `name / channel`. Where that does not fit, the channel takes a second
 * line and the name is shortened. `y` is the base line of the first line.
 */
export function featureCaption(
  label: FeatureLabel,
  x: number,
  y: number,
  size: number,
  maxWidth: number,
  font: FontName = 'sans',
): { element: string; lines: number } {
  const number = String(label.layerNumber)
  const { fill, ink } = BADGE_COLOURS[label.layerKind]
  const badgeWidth = Math.max(textWidth(number, size, 'bold', font) + size * 0.6, size * 1.25)
  const badgeBox = { x, y: y - size * 0.95, width: badgeWidth, height: size * 1.2 }
  const badge =
    rectangle(badgeBox, `rx="${coordinate(size * 0.2)}" fill="${fill}"`) +
    text(number, x + badgeWidth / 2, y, { size, weight: 'bold', colour: ink, anchor: 'middle' })
  const nameX = x + badgeWidth + size * 0.35
  const room = x + maxWidth - nameX
  const whole = `${label.layerName} / ${label.channel}`
  if (textWidth(whole, size, 'regular', font) <= room) return { element: badge + text(whole, nameX, y, { size }), lines: 1 }
  const name = text(label.layerName, nameX, y, { size, font, maxWidth: room })
  const channel = text(`channel ${label.channel}`, x, y + size * LINE_HEIGHT, { size })
  return { element: badge + name + channel, lines: 2 }
}

/** Explains the badge colours that a figure uses. */
export function badgeLegend(
  kinds: ReadonlySet<LayerKind>,
  x: number,
  y: number,
  size: number,
  font: FontName = 'sans',
): { element: string; width: number } {
  let at = x
  const parts: string[] = []
  for (const kind of ['convolutional', 'fully-connected'] as const) {
    if (!kinds.has(kind)) continue
    const square = { x: at, y: y - size * 0.8, width: size * 0.9, height: size * 0.9 }
    const label = `${kind.replace('-', ' ')} layer`
    parts.push(
      rectangle(square, `rx="${coordinate(size * 0.2)}" fill="${BADGE_COLOURS[kind].fill}"`),
      text(label, at + size * 1.25, y, { size, colour: FAINT_INK }),
    )
    at += size * 2.4 + textWidth(label, size, 'regular', font)
  }
  return { element: parts.join(''), width: at - x }
}

/** Three significant digits, as short as they go. */
export function shortNumber(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-3 && magnitude < 1e4) return String(Number(value.toPrecision(3)))
  return value.toExponential(1).replace('e+', 'e')
}

/** The raw range that a map's colours stand for, or that there is nothing to stretch. */
export function rangeNote(map: Heatmap, flat: boolean): string {
  return flat ? `flat: ${shortNumber(map.min)}` : `${shortNumber(map.min)} … ${shortNumber(map.max)}`
}

/** A horizontal colour bar with a text at each end. */
export function colourBar(name: ColourMapName, box: Box, ends: readonly [string, string], size: number): string {
  const id = `colour-map-${name}`
  const stops = Array.from({ length: 33 }, (_, i) => {
    const position = i / 32
    return `<stop offset="${position}" stop-color="${hexAt(name, position)}"/>`
  })
  const baseLine = box.y + box.height / 2 + size * 0.36
  return [
    `<defs><linearGradient id="${id}">${stops.join('')}</linearGradient></defs>`,
    rectangle(box, `fill="url(#${id})" stroke="${INK}" stroke-width="0.4"`),
    text(ends[0], box.x - size * 0.4, baseLine, { size, colour: FAINT_INK, anchor: 'end' }),
    text(ends[1], box.x + box.width + size * 0.4, baseLine, { size, colour: FAINT_INK }),
  ].join('')
}

/** A thin frame, so that a black or white image does not run into the page. */
export function frame(box: Box): string {
  return rectangle(box, 'fill="none" stroke="#9a9a9a" stroke-width="0.4"')
}
