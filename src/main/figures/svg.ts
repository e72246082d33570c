import { shorten } from '../../core/charts/style.ts'
import { FONT_FAMILIES, textWidth } from './font.ts'
import type { FontName, FontWeight } from './font.ts'

/** One unit of every drawing is one point. */
export const POINTS_PER_CM = 72 / 2.54

export const INK = '#222222'
export const FAINT_INK = '#555555'

/** Drops what XML 1.0 cannot hold in any form. */
export function withoutControlCharacters(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '')
}

/** Text or attribute value with the characters escaped that XML reserves. */
export function escapeXml(text: string): string {
  return withoutControlCharacters(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A coordinate with at most three decimals: a thousandth of a point is far below any printer. */
export function coordinate(value: number): string {
  return String(Math.round(value * 1000) / 1000 + 0)
}

export interface TextOptions {
  readonly size: number
  readonly colour?: string
  readonly weight?: FontWeight
  /** That of the whole figure: it only measures here. `sans` by default. */
  readonly font?: FontName
  readonly anchor?: 'start' | 'middle' | 'end'
  /** Text wider than this is shortened with an ellipsis. */
  readonly maxWidth?: number
}

/** One line of text; `y` is its base line. */
export function text(content: string, x: number, y: number, options: TextOptions): string {
  const { size, colour = INK, weight = 'regular', font = 'sans', anchor = 'start', maxWidth = Infinity } = options
  const fitted = shorten(content, maxWidth, (candidate) => textWidth(candidate, size, weight, font))
  const attributes = [
    `x="${coordinate(x)}" y="${coordinate(y)}" font-size="${coordinate(size)}" fill="${colour}"`,
    weight === 'bold' ? ' font-weight="bold"' : '',
    anchor === 'start' ? '' : ` text-anchor="${anchor}"`,
  ].join('')
  return `<text ${attributes}>${escapeXml(fitted)}</text>`
}

/**
 * Breaks text at spaces into lines that fit; a word that is too wide alone, and the last line where there is more
 * text than lines, are shortened with an ellipsis.
 */
export function wrap(
  content: string,
  maxWidth: number,
  size: number,
  maxLines: number,
  font: FontName = 'sans',
): string[] {
  const measure = (candidate: string): number => textWidth(candidate, size, 'regular', font)
  const lines: string[] = []
  let line = ''
  for (const word of content.split(' ')) {
    const longer = line ? `${line} ${word}` : word
    if (!line || measure(longer) <= maxWidth || lines.length === maxLines - 1) {
      line = longer
    } else {
      lines.push(line)
      line = word
    }
  }
  lines.push(line)
  return lines.map((one) => shorten(one, maxWidth, measure))
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function rectangle(box: Box, attributes: string): string {
  return `<rect ${boxAttributes(box)} ${attributes}/>`
}

/** `attributes` begins with a space or is empty. */
export function embeddedImage(dataUri: string, box: Box, attributes: string): string {
  return `<image ${boxAttributes(box)} preserveAspectRatio="none"${attributes} xlink:href="${dataUri}"/>`
}

function boxAttributes(box: Box): string {
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(coordinate)
  return `x="${x}" y="${y}" width="${width}" height="${height}"`
}

/** A whole figure on white; width and height in points. */
export function svgDocument(
  width: number,
  height: number,
  elements: readonly string[],
  font: FontName = 'sans',
): string {
  const [w, h] = [coordinate(width), coordinate(height)]
  const [widthCm, heightCm] = [width, height].map((points) => coordinate(points / POINTS_PER_CM))
  return [
    `<svg width="${widthCm}cm" height="${heightCm}cm" xmlns="http://www.w3.org/2000/svg"` +
      ` xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" viewBox="0 0 ${w} ${h}"` +
      ` font-family="${FONT_FAMILIES[font]}">`,
    rectangle({ x: 0, y: 0, width, height }, 'fill="#ffffff"'),
    ...elements,
    '</svg>',
    '',
  ].join('\n')
}
