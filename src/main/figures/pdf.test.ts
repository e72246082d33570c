import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ablationChart } from '../../core/charts/ablation.ts'
import { classwiseChart } from '../../core/charts/classwise.ts'
import { sampleAblation, sampleClasswise } from '../../core/charts/sample-data.ts'
import { averageImageGrid } from './averages.ts'
import { renderChart } from './chart.ts'
import { explanationFigure } from './explanation.ts'
import { svgToPdfBytes } from './pdf.ts'
import { svgToPng } from './png.ts'
import { sampleAverages, sampleExplanation } from './sample-data.ts'
import { stackPanels } from './stack.ts'
import { placedTexts } from './test-support.ts'

const NAMES = ['<tabby & "cat">', 'Tüpfelhyäne', 'lynx']
const figures: Record<string, () => string | Promise<string>> = {
  'a chart': () => renderChart((style) => ablationChart(sampleAblation(), style), { widthCm: 8.5, heightCm: 7 }),
  panels: () => {
    const svg = renderChart((style) => classwiseChart(sampleClasswise(NAMES), style), {
      widthCm: 17.5, heightCm: 6, font: 'serif',
    })
    return stackPanels(['All', 'OnlyConv'].map((title) => ({ title, note: '', svg })), { widthCm: 17.5, font: 'serif' })
  },
  'a grid of images': () => averageImageGrid(sampleAverages(NAMES, 4), { widthCm: 8.5, font: 'serif' }),
  'heatmaps over images': () => explanationFigure({ ...sampleExplanation('a'), show: 'overlay' }, { widthCm: 17.5 }),
}

describe.each(Object.entries(figures))('%s as PDF', (_, draw) => {
  it('is one page of the size of the drawing', async () => {
    const svg = await draw()
    const pdf = latin(await svgToPdfBytes(svg))
    const [, widthCm, heightCm] = /^<svg width="([\d.]+)cm" height="([\d.]+)cm"/.exec(svg)!.map(Number)
    const boxes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)]
    expect(boxes).toHaveLength(1)
    expect(Number(boxes[0][1])).toBeCloseTo((widthCm * 72) / 2.54, 1)
    expect(Number(boxes[0][2])).toBeCloseTo((heightCm * 72) / 2.54, 1)
  })

  it('embeds its fonts and keeps text as text', async () => {
    const svg = await draw()
    const bytes = await svgToPdfBytes(svg)
    const pdf = latin(bytes)
    const fonts = pdf.match(/\/Type \/FontDescriptor/g)!.length
    expect(fonts).toBeGreaterThan(0)
    expect(pdf.match(/\/FontFile2 /g)).toHaveLength(fonts)
    expect(pdf.includes('DejaVuSerif')).toBe(svg.includes('DejaVu Serif'))
    expect(/\/FontName \/\w+\+DejaVu\w+-Bold/.test(pdf)).toBe(svg.includes('font-weight="bold"'))
    expect(pdf).not.toMatch(/\/BaseFont \/(Helvetica|Times|Courier)/)
    const wanted = placedTexts(svg).map(({ content }) => content.replace(/\s/g, ''))
    const found = textOf(bytes).replace(/\s/g, '')
    for (const words of wanted) expect(found).toContain(words)
  })

  it('has no date and the same bytes each time', async () => {
    const svg = await draw()
    const first = await svgToPdfBytes(svg)
    expect(latin(first)).not.toMatch(/CreationDate|ModDate|\(D:\d|CreateDate/)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(Buffer.from(await svgToPdfBytes(svg)).equals(first)).toBe(true)
  })

  it.skipIf(spawnSync('pdftoppm', ['-v']).error)('looks like the PNG (needs pdftoppm of Poppler)', async () => {
    const svg = await draw()
    const folder = mkdtempSync(join(tmpdir(), 'vebi-pdf-'))
    try {
      writeFileSync(join(folder, 'figure.pdf'), await svgToPdfBytes(svg))
      execFileSync('pdftoppm', ['-r', '100', '-png', '-singlefile', 'figure.pdf', 'figure'], { cwd: folder })
      const [png, pdf] = await Promise.all([svgToPng(svg, { dpi: 100 }), readFileSync(join(folder, 'figure.png'))].map(coarse))
      const differences = png.map((value, i) => Math.abs(value - pdf[i]))
      // Letters are hinted differently; a missing or shifted part would differ by far more.
      expect(Math.max(...differences)).toBeLessThan(75)
      expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(5)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

it('panels keep their identifiers apart', async () => {
  const svg = await figures['panels']()
  const made = [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  expect(made.length).toBeGreaterThan(0)
  expect(new Set(made).size).toBe(made.length)
  for (const [, id] of svg.matchAll(/url\(#([^)]*)\)/g)) expect(made).toContain(id)
})

it('says so where there is no drawing', async () => {
  await expect(svgToPdfBytes('<svg/>')).rejects.toThrow('width and height in cm')
})

/** Luminance of 60 by 60 fields. */
async function coarse(png: Buffer): Promise<number[]> {
  const { data } = await sharp(png)
    .flatten({ background: '#ffffff' })
    .toColourspace('b-w')
    .resize(60, 60, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return [...data]
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/** The text of a file of pdfkit, through the fonts' own maps from glyphs to characters. */
function textOf(bytes: Uint8Array): string {
  const pdf = latin(bytes)
  const streamOf = (id: string): string => {
    const at = pdf.indexOf(`\n${id} 0 obj`)
    const begin = pdf.indexOf('stream\n', at) + 'stream\n'.length
    return latin(inflateSync(Buffer.from(pdf.slice(begin, pdf.indexOf('\nendstream', begin)), 'latin1')))
  }
  const maps = new Map<string, string[]>()
  for (const [, name, id] of pdf.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const font = pdf.slice(pdf.indexOf(`\n${id} 0 obj`), pdf.indexOf('endobj', pdf.indexOf(`\n${id} 0 obj`)))
    const table = streamOf(/\/ToUnicode (\d+) 0 R/.exec(font)![1])
    const ranges = [...table.matchAll(/\[([^\]]*)\]/g)].flatMap(([, list]) => list.match(/<[^>]*>/g) ?? [])
    maps.set(name, ranges.map((hex) => Buffer.from(hex.slice(1, -1).replace(/ /g, ''), 'hex').swap16().toString('utf16le')))
  }
  const content = streamOf(/\/Contents (\d+) 0 R/.exec(pdf)![1])
  let font = ''
  let text = ''
  for (const [token, name, hex] of content.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9a-f]+)>|T[Jj]/g)) {
    if (name) font = name
    else if (hex) for (let i = 0; i < hex.length; i += 4) text += maps.get(font)![parseInt(hex.slice(i, i + 4), 16)]
    else if (token.startsWith('T')) text += ' '
  }
  return text
}
