import { createHash } from 'node:crypto'
import PDFDocument from 'pdfkit'
import svgToPdf from 'svg-to-pdfkit'
import { VebiError } from '../../shared/errors.ts'
import { FONT_FILES, fontOfFamily } from './font.ts'
import { coordinate, POINTS_PER_CM } from './svg.ts'

/**
 * The drawing of a figure of this folder (root `<svg>` with width and height in cm) as one PDF page of that size:
 * vectors stay vectors, text stays text, and the letters that it uses are embedded. The bytes depend on the drawing
 * alone: no date, and an identifier that is a hash of the drawing.
 */
export async function svgToPdfBytes(svg: string): Promise<Uint8Array> {
  const size = /^<svg ([^>]*)width="([\d.]+)cm" height="([\d.]+)cm"/.exec(svg)
  if (!size) throw new VebiError('bad-argument', 'The SVG does not begin with its width and height in cm.')
  const [width, height] = [Number(size[2]) * POINTS_PER_CM, Number(size[3]) * POINTS_PER_CM]
  // The document derives its identifier from the date that it is given here; the date is taken out again below.
  const stamp = new Date(createHash('sha256').update(svg).digest().readUIntBE(0, 5))
  const document = new PDFDocument({
    size: [width, height],
    margin: 0,
    info: { CreationDate: stamp, Producer: 'VEBI Workbench', Creator: 'VEBI Workbench' },
    font: FONT_FILES.sans.regular,
  })
  delete document.info.CreationDate
  // The XMP stream repeats the date and nothing else that is worth keeping.
  Object.assign(document, { endMetadata: () => undefined })
  const chunks: Uint8Array[] = []
  const done = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    document.on('end', resolve)
    document.on('error', reject)
  })
  const inPoints = `<svg ${size[1]}width="${coordinate(width)}" height="${coordinate(height)}"`
  svgToPdf(document, inPoints + svg.slice(size[0].length), 0, 0, {
    assumePt: true,
    fontCallback: (family, bold) => FONT_FILES[fontOfFamily(family)][bold ? 'bold' : 'regular'],
    imageCallback: (link) => link,
    // What it cannot draw would be missing from the page without a word.
    warningCallback: (sentence) => {
      throw new VebiError('internal', `A figure cannot be drawn as PDF: ${sentence}.`)
    },
  })
  document.end()
  await done
  return Buffer.concat(chunks)
}
