import { Resvg } from '@resvg/resvg-js'
import sharp from 'sharp'
import { fontOfFamily, textWidth } from './font.ts'

/** Help for the tests of figures: strict parsing, and where each text lies on the page. */

/** Throws unless two independent strict parsers (roxmltree and libxml2) accept the text. */
export async function parseStrictly(svg: string): Promise<void> {
  new Resvg(svg, { font: { loadSystemFonts: false } })
  await sharp(Buffer.from(svg)).metadata()
}

interface Point {
  readonly x: number
  readonly y: number
}

export interface PlacedText {
  readonly content: string
  /** Corners of the line box, in order round it. */
  readonly corners: readonly Point[]
}

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"' }
const NUMBERED = { '#38': '&', '#60': '<', '#62': '>', '#34': '"', '#39': "'" }
const ENTITIES: Record<string, string> = { ...NAMED, ...NUMBERED }

export function unescapeXml(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
}

/** Every `<text>` of a figure with the corners of its line box. */
export function placedTexts(svg: string): PlacedText[] {
  const font = fontOfFamily(/font-family[=:]"?([^">;]*)/.exec(svg)?.[1] ?? '')
  const shifts: Point[] = []
  const tokens = svg.matchAll(/<g(?: [^>]*)?>|<\/g>|<text ([^>]*)>([^<]*)<\/text>/g)
  return [...tokens].flatMap(([token, attributes = '', escaped = '']): PlacedText[] => {
    if (token.startsWith('<g')) shifts.push(shiftOf(token))
    if (token === '</g>') shifts.pop()
    if (!token.startsWith('<text')) return []
    const moved = shifts.reduce((sum, { x, y }) => ({ x: sum.x + x, y: sum.y + y }), { x: 0, y: 0 })
    const attribute = (name: string): string | undefined =>
      new RegExp(`(?:^|[ ;"])${name}(?:="|:)([^";]*)`).exec(attributes)?.[1]
    const content = unescapeXml(escaped)
    const size = parseFloat(attribute('font-size')!)
    const width = textWidth(content, size, attribute('font-weight') === 'bold' ? 'bold' : 'regular', font)
    const shift = { start: 0, middle: -width / 2, end: -width }[attribute('text-anchor') ?? 'start'] ?? 0
    const left = Number(attribute('x') ?? 0) + shift
    const central = attribute('dominant-baseline') === 'central'
    const top = Number(attribute('y') ?? 0) - size * (central ? 0.5 : 0.8)
    const [a, b, c, d, e, f] = matrixOf(attribute('transform'))
    const corner = (x: number, y: number): Point => ({
      x: a * x + c * y + e + moved.x,
      y: b * x + d * y + f + moved.y,
    })
    const [right, bottom] = [left + width, top + size]
    return [{ content, corners: [corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)] }]
  })
}

/** Groups are only ever shifted. */
function shiftOf(tag: string): Point {
  const transform = / transform="([^"]*)"/.exec(tag)?.[1]
  if (transform === undefined) return { x: 0, y: 0 }
  const [, x, y] = /^translate\((-?[\d.]+) (-?[\d.]+)\)$/.exec(transform)!
  return { x: Number(x), y: Number(y) }
}

function matrixOf(transform: string | undefined): [number, number, number, number, number, number] {
  const numbers = (transform?.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number)
  if (numbers.length === 6) return numbers as [number, number, number, number, number, number]
  if (numbers.length === 0) return [1, 0, 0, 1, 0, 0]
  if (transform!.startsWith('translate(') && numbers.length <= 3) {
    const angle = ((numbers[2] ?? 0) * Math.PI) / 180
    return [Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle), numbers[0], numbers[1]]
  }
  throw new Error(`Unknown transform ${transform}`)
}

/** Whether two convex quadrangles share more than `slack` in every direction (separating axes). */
export function overlap(one: PlacedText, other: PlacedText, slack = 0.3): boolean {
  for (const { corners } of [one, other]) {
    for (let i = 0; i < 2; i++) {
      const [from, to] = [corners[i], corners[i + 1]]
      const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
      const range = (text: PlacedText): [number, number] => {
        const along = text.corners.map(({ x, y }) => (x * (to.x - from.x) + y * (to.y - from.y)) / length)
        return [Math.min(...along), Math.max(...along)]
      }
      const [[low1, high1], [low2, high2]] = [range(one), range(other)]
      if (high1 - slack <= low2 || high2 - slack <= low1) return false
    }
  }
  return true
}

/** Faults of the layout as sentences: texts on one another, or beyond the page. */
export function layoutFaults(svg: string): string[] {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!.map(Number) as [number, number, number]
  const texts = placedTexts(svg)
  const faults: string[] = []
  texts.forEach((text, i) => {
    if (text.corners.some(({ x, y }) => x < -0.5 || y < -0.5 || x > width + 0.5 || y > height + 0.5)) {
      faults.push(`"${text.content}" leaves the page`)
    }
    for (const other of texts.slice(i + 1)) {
      if (overlap(text, other)) faults.push(`"${text.content}" lies on "${other.content}"`)
    }
  })
  return faults
}
