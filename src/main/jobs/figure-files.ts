import { encodeNpy } from '../../core/npy.ts'
import type { FigureFile, FigureFormat, FigurePreview, FigureRecipe } from '../../shared/figures.ts'
import { tableCsv } from '../figures/files.ts'
import { latexFigure } from '../figures/latex.ts'
import { svgToPdfBytes } from '../figures/pdf.ts'
import { svgToPngAside } from '../figures/png.ts'
import type { DrawnFigure } from './figure-drawn.ts'

const MIMES: Readonly<Record<FigureFormat, string>> = {
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
  png: 'image/png',
  csv: 'text/csv',
  npy: 'application/octet-stream',
  tex: 'application/x-tex',
}

const FORMATS: readonly FigureFormat[] = ['svg', 'pdf', 'png', 'csv', 'npy', 'tex']

type Setting = Pick<FigureRecipe, 'name' | 'style' | 'formats' | 'caption'>

/** The files of a drawn figure in the formats it is wanted in; each format once, always in the same order. */
export async function figureFiles(setting: Setting, drawn: DrawnFigure): Promise<FigureFile[]> {
  const files: FigureFile[] = []
  for (const format of FORMATS) {
    if (!setting.formats.includes(format)) continue
    for (const [name, bytes] of await contentsOf(format, setting, drawn)) {
      files.push({ name, mime: MIMES[format], bytes })
    }
  }
  return files
}

async function contentsOf(
  format: FigureFormat,
  setting: Setting,
  drawn: DrawnFigure,
): Promise<[name: string, bytes: Uint8Array][]> {
  const { name, style } = setting
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
  switch (format) {
    case 'svg':
      return [[`${name}.svg`, utf8(drawn.svg)]]
    case 'pdf':
      return [[`${name}.pdf`, await svgToPdfBytes(drawn.svg)]]
    case 'png':
      return [[`${name}.png`, await svgToPngAside(drawn.svg, { dpi: style.dpi })]]
    case 'csv':
      return [[`${name}.csv`, utf8(tableCsv(name, drawn.table.columns, drawn.table.rows))]]
    case 'npy':
      return drawn.arrays.map(({ name: end, matrix }) => [`${name}.${end}.npy`, encodeNpy(matrix)])
    case 'tex':
      return [[`${name}.tex`, utf8(latexOf(setting, drawn))]]
  }
}

function latexOf({ name, style, caption }: Setting, drawn: DrawnFigure): string {
  return latexFigure({ name, widthCm: style.widthCm, caption: caption || drawn.caption })
}

export function previewOf(setting: Setting, drawn: DrawnFigure): FigurePreview {
  const [, widthCm, heightCm] = /^<svg width="([\d.]+)cm" height="([\d.]+)cm"/.exec(drawn.svg)!
  return {
    svg: drawn.svg,
    widthCm: Number(widthCm),
    heightCm: Number(heightCm),
    caption: drawn.caption,
    latex: latexOf(setting, drawn),
  }
}
