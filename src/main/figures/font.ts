import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Paths of the TrueType files with which figures are measured, rasterised and embedded, whatever the machine has. */
export const FONT_FILES = {
  sans: {
    regular: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
    bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
  },
  serif: {
    regular: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSerif.ttf'),
    bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSerif-Bold.ttf'),
  },
} as const

export type FontName = keyof typeof FONT_FILES
export type FontWeight = keyof (typeof FONT_FILES)[FontName]

/** The family written into every SVG. The fallbacks are narrower, so a layout measured in DejaVu still fits. */
export const FONT_FAMILIES: Readonly<Record<FontName, string>> = {
  sans: 'DejaVu Sans, Helvetica, Arial, sans-serif',
  serif: 'DejaVu Serif, Times New Roman, Times, serif',
}

/** The font that a `font-family` as above begins with. */
export function fontOfFamily(family: string): FontName {
  return /^["']?DejaVu Serif/.test(family) ? 'serif' : 'sans'
}

interface Metrics {
  readonly unitsPerEm: number
  /** Advance width per code point, font units. */
  readonly advance: (codePoint: number) => number
}

const loaded = new Map<string, Metrics>()

/** Advance width of one line of text, in the unit of the size, without kerning. */
export function textWidth(
  text: string,
  size: number,
  weight: FontWeight = 'regular',
  font: FontName = 'sans',
): number {
  const file = FONT_FILES[font][weight]
  let metrics = loaded.get(file)
  if (!metrics) loaded.set(file, (metrics = readMetrics(readFileSync(file))))
  let width = 0
  for (const letter of text) width += metrics.advance(letter.codePointAt(0)!)
  return (width * size) / metrics.unitsPerEm
}

/** Reads the tables head, hhea, hmtx and cmap (OpenType specification 1.9) of a TrueType file. */
function readMetrics(file: Buffer): Metrics {
  const tables = new Map<string, Buffer>()
  for (let i = 0; i < file.readUInt16BE(4); i++) {
    const record = 12 + i * 16
    const offset = file.readUInt32BE(record + 8)
    const end = offset + file.readUInt32BE(record + 12)
    tables.set(file.toString('latin1', record, record + 4), file.subarray(offset, end))
  }
  const [head, hhea, hmtx, cmap] = ['head', 'hhea', 'hmtx', 'cmap'].map((tag) => tables.get(tag)!) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  const lastMetric = hhea.readUInt16BE(34) - 1
  const glyphs = readGlyphIndices(cmap)
  return {
    unitsPerEm: head.readUInt16BE(18),
    advance: (codePoint) => hmtx.readUInt16BE(Math.min(glyphs.get(codePoint) ?? 0, lastMetric) * 4),
  }
}

/** Code point to glyph, from the format 12 subtable (the whole of Unicode). */
function readGlyphIndices(cmap: Buffer): Map<number, number> {
  const glyphs = new Map<number, number>()
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + i * 8 + 4))
    if (table.readUInt16BE(0) !== 12) continue
    for (let group = 0; group < table.readUInt32BE(12); group++) {
      const [first, last, glyph] = [0, 4, 8].map((at) => table.readUInt32BE(16 + group * 12 + at)) as [
        number,
        number,
        number,
      ]
      for (let codePoint = first; codePoint <= last; codePoint++) glyphs.set(codePoint, glyph + codePoint - first)
    }
  }
  return glyphs
}
