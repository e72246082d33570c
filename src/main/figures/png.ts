import { crc32 } from 'node:zlib'
import { renderAsync, Resvg } from '@resvg/resvg-js'
import type { ResvgRenderOptions } from '@resvg/resvg-js'
import { VebiError } from '../../shared/errors.ts'
import { FONT_FILES } from './font.ts'

const CM_PER_INCH = 2.54
const INCHES_PER_METRE = 39.3701
const MAX_PIXELS = 100_000_000

/** Pixels of a length at a resolution in dots per inch. */
export function pixelsOf(cm: number, dpi: number): number {
  return Math.round((cm / CM_PER_INCH) * dpi)
}

/**
 * Rasterises a figure of this folder (root `<svg>` with width and height in cm) on white, with the fonts that
 * come with the program. The PNG says its resolution, so that it is placed at the same size as the SVG.
 */
export function svgToPng(svg: string, options: { dpi: number }): Buffer {
  const { drawing, settings } = rasterisation(svg, options.dpi)
  return withResolution(new Resvg(drawing, settings).render().asPng(), options.dpi)
}

/** The same without holding the thread: a large figure takes a second. */
export async function svgToPngAside(svg: string, options: { dpi: number }): Promise<Buffer> {
  const { drawing, settings } = rasterisation(svg, options.dpi)
  return withResolution((await renderAsync(drawing, settings)).asPng(), options.dpi)
}

function rasterisation(svg: string, dpi: number): { drawing: string; settings: ResvgRenderOptions } {
  if (!(dpi >= 10 && dpi <= 2400)) {
    throw new VebiError('bad-argument', `A figure cannot be drawn at ${dpi} dpi: choose between 10 and 2400.`)
  }
  const size = /^<svg ([^>]*)width="([\d.]+)cm" height="([\d.]+)cm"/.exec(svg)
  if (!size) throw new VebiError('bad-argument', 'The SVG does not begin with its width and height in cm.')
  const width = pixelsOf(Number(size[2]), dpi)
  const height = pixelsOf(Number(size[3]), dpi)
  if (width * height > MAX_PIXELS) {
    throw new VebiError('bad-argument', `A figure of ${width} x ${height} pixels is too large: lower the dpi.`)
  }
  const inPixels = `<svg ${size[1]}preserveAspectRatio="none" width="${width}" height="${height}"`
  return {
    drawing: inPixels + svg.slice(size[0].length),
    settings: {
      font: {
        loadSystemFonts: false,
        fontFiles: Object.values(FONT_FILES).flatMap((files) => Object.values(files)),
        defaultFontFamily: 'DejaVu Sans',
        sansSerifFamily: 'DejaVu Sans',
        serifFamily: 'DejaVu Serif',
      },
      background: '#ffffff',
    },
  }
}

/** Puts a pHYs chunk (PNG specification, 11.3.4.3) behind the header. */
function withResolution(png: Buffer, dpi: number): Buffer {
  const headerEnd = 8 + 25
  const body = Buffer.alloc(13)
  body.write('pHYs', 'latin1')
  const perMetre = Math.round(dpi * INCHES_PER_METRE)
  body.writeUInt32BE(perMetre, 4)
  body.writeUInt32BE(perMetre, 8)
  body.writeUInt8(1, 12)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(9)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([png.subarray(0, headerEnd), length, body, check, png.subarray(headerEnd)])
}
