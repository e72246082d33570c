import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ablationChart } from '../../core/charts/ablation.ts'
import { classwiseChart } from '../../core/charts/classwise.ts'
import { iouChart } from '../../core/charts/iou.ts'
import { layerStatisticsChart } from '../../core/charts/layer-statistics.ts'
import { overlapChart } from '../../core/charts/overlap.ts'
import { receptiveFieldsChart } from '../../core/charts/receptive-fields.ts'
import { responsesChart } from '../../core/charts/responses.ts'
import {
  sampleAblation,
  sampleClasswise,
  sampleIou,
  sampleLayerStatistics,
  sampleOverlap,
  sampleReceptiveFields,
  sampleResponses,
} from '../../core/charts/sample-data.ts'
import type { ChartStyle } from '../../core/charts/style.ts'
import { renderChart } from './chart.ts'
import type { ChartSize } from './chart.ts'
import { pixelsOf, svgToPng } from './png.ts'
import { layoutFaults, parseStrictly, placedTexts } from './test-support.ts'

const CATS = ['<tabby & "cat">', 'tiger cat', 'Persian cat', 'Siamese cat', 'Egyptian cat', 'cougar', 'lynx', 'leopard']
const SINGLE: ChartSize = { widthCm: 8.5, heightCm: 7 }
const DOUBLE: ChartSize = { widthCm: 17.5, heightCm: 8 }

const charts = {
  ablation: (style: ChartStyle) => ablationChart(sampleAblation(), style),
  'class-wise': (style: ChartStyle) => classwiseChart(sampleClasswise(CATS), style),
  'class-wise, many long names': (style: ChartStyle) =>
    classwiseChart(sampleClasswise(Array.from({ length: 60 }, (_, i) => `class number ${i} of very many`)), style),
  'class-wise, ten digits': (style: ChartStyle) => classwiseChart(sampleClasswise([...'0123456789']), style),
  responses: (style: ChartStyle) => responsesChart(sampleResponses(CATS), style),
  'receptive fields': (style: ChartStyle) => receptiveFieldsChart(sampleReceptiveFields(9), style),
  'receptive fields of many layers': (style: ChartStyle) => receptiveFieldsChart(sampleReceptiveFields(190), style),
  overlap: (style: ChartStyle) => overlapChart(sampleOverlap(CATS), style),
  'layer statistics': (style: ChartStyle) =>
    layerStatisticsChart({ layers: sampleLayerStatistics(9), logarithmic: false }, style),
  'layer statistics over powers of ten': (style: ChartStyle) =>
    layerStatisticsChart({ layers: sampleLayerStatistics(9, 4), logarithmic: true }, style),
  'layer statistics of many layers': (style: ChartStyle) =>
    layerStatisticsChart({ layers: sampleLayerStatistics(190), logarithmic: true }, style),
  iou: (style: ChartStyle) => iouChart(sampleIou(), style),
}

describe.each(Object.entries(charts))('%s chart', (_, chart) => {
  it.each([SINGLE, DOUBLE, { ...SINGLE, fontSizePt: 9 }])('lays out its texts at %o', async (size) => {
    const svg = renderChart(chart, size)
    await parseStrictly(svg)
    expect(placedTexts(svg).length).toBeGreaterThan(10)
    expect(layoutFaults(svg)).toEqual([])
  })

  it('is the same text each time, whatever was drawn before', () => {
    const first = renderChart(chart, SINGLE)
    renderChart(charts.iou, DOUBLE)
    expect(renderChart(chart, SINGLE)).toBe(first)
    expect(first).not.toMatch(/zr\d|ecmeta|<style/)
  })
})

describe('renderChart', () => {
  it('writes the series and titles as text', () => {
    const texts = placedTexts(renderChart(charts.ablation, DOUBLE)).map(({ content }) => content)
    for (const expected of [
      'All',
      'OnlyConv',
      'Original',
      'Random for All (30 runs, 95 % band)',
      'Removed features (number)',
      'Mean class accuracy (fraction)',
    ]) {
      expect(texts).toContain(expected)
    }
  })

  it('escapes class names', () => {
    const svg = renderChart(charts['class-wise'], DOUBLE)
    expect(svg).toContain('&lt;tabby &amp; ')
    expect(placedTexts(svg).map(({ content }) => content)).toContain('<tabby & "cat">')
  })

  it('drops characters that XML cannot hold', async () => {
    await parseStrictly(renderChart((style) => classwiseChart(sampleClasswise(['a\u0007b\ud800']), style), SINGLE))
  })

  it('draws both bands, and the curves over them', () => {
    const svg = renderChart(charts.ablation, SINGLE)
    const bands = [...svg.matchAll(/<polygon points="([^"]*)" fill="(#\w+)"[^>]*opacity="0.18"/g)]
    expect(bands.map(([, , colour]) => colour)).toEqual(['#0072b2', '#d55e00'])
    const xs = bands[0][1].split(' ').filter((_, i) => i % 2 === 0).map(Number)
    expect(xs.length).toBe(60)
    // Along one edge and back along the other: the outline does not cross itself.
    expect(xs.slice(30)).toEqual(xs.slice(0, 30).reverse())
    expect(xs.slice(0, 30)).toEqual([...xs.slice(0, 30)].sort((a, b) => a - b))
    expect(svg.indexOf('stroke-dasharray')).toBeGreaterThan(bands[1].index)
  })

  it('stands each whisker on the middle of its bar, at the ends of the interval', () => {
    const data = sampleClasswise(['tabby', 'lynx'])
    const svg = renderChart((style) => classwiseChart(data, style), SINGLE)
    const bar = /<path d="M([\d.]+) ([\d.]+)l([\d.]+) 0l0 (-?[\d.]+)l[^"]*Z" fill="(?:#0072b2|#9a9a9a)"/g
    const bars = [...svg.matchAll(bar)]
      .filter(([whole]) => !whole.startsWith('<path d="M0 0'))
      .map((match) => match.slice(1).map(Number) as [number, number, number, number])
    const whiskers = [...svg.matchAll(/<path d="M([\d.]+) ([\d.]+)L\1 ([\d.]+)"[^>]*stroke-width="0.7"/g)].map(
      (match) => match.slice(1).map(Number) as [number, number, number],
    )
    // Both in the order: all bars of the class itself, then all of the random control.
    const losses = (['onClass', 'onClassRandom'] as const).flatMap((key) => data.classes.map((one) => one[key]))
    expect([bars.length, whiskers.length]).toEqual([4, 4])
    const [zero, perUnit] = [bars[0][1], bars[0][3] / losses[0].value]
    bars.forEach(([x, , width], i) => {
      const [whiskerX, top, bottom] = whiskers[i]
      expect(whiskerX).toBeCloseTo(x + width / 2, 0)
      expect(top).toBeCloseTo(zero + perUnit * losses[i].high!, 0)
      expect(bottom).toBeCloseTo(zero + perUnit * losses[i].low!, 0)
    })
  })

  it('puts boxes, medians and whiskers where the quantiles are', () => {
    const data = sampleResponses(['tabby', 'lynx', 'cougar'])
    const svg = renderChart((style) => responsesChart(data, style), SINGLE)
    const boxes = [...svg.matchAll(/<path d="M([\d.]+) ([\d.]+)l([\d.]+) 0l0 ([\d.]+)l[^"]*Z" fill="#(?:9cc9e3|e6e6e6)" stroke="#/g)]
      .map((match) => match.slice(1).map(Number) as [number, number, number, number])
    const strokes = (width: string): [number, number, number, number][] =>
      [...svg.matchAll(new RegExp(`<path d="M([\\d.]+) ([\\d.]+)L([\\d.]+) ([\\d.]+)"[^>]*stroke-width="${width}"`, 'g'))].map(
        (match) => match.slice(1).map(Number) as [number, number, number, number],
      )
    const whiskers = strokes('0.7').filter(([x1, y1, x2, y2]) => y1 === y2 && x1 !== x2)
    const medians = strokes('1.2').filter(([x1, , x2]) => x1 === x2)
    expect([boxes.length, whiskers.length, medians.length]).toEqual([3, 3, 3])
    const [zero, tenth] = [whiskers[0][0], (whiskers[0][2] - whiskers[0][0]) / data.classes[0].quantiles[4]]
    data.classes.forEach(({ quantiles: [low, lower, median, upper, high] }, i) => {
      expect(whiskers[i][0]).toBeCloseTo(zero + tenth * low, 0)
      expect(whiskers[i][2]).toBeCloseTo(zero + tenth * high, 0)
      expect(medians[i][0]).toBeCloseTo(zero + tenth * median, 0)
      expect(boxes[i][0]).toBeCloseTo(zero + tenth * lower, 0)
      expect(boxes[i][0] + boxes[i][2]).toBeCloseTo(zero + tenth * upper, 0)
      expect(boxes[i][1] + boxes[i][3] / 2).toBeCloseTo(whiskers[i][1], 0)
    })
    // From top to bottom in the order given.
    expect(whiskers.map(([, y]) => y)).toEqual(whiskers.map(([, y]) => y).toSorted((a, b) => a - b))
  })

  it('refuses a size at which nothing can be read', () => {
    expect(() => renderChart(charts.iou, { widthCm: 1, heightCm: 7 })).toThrow('too small')
  })
})

describe('svgToPng', () => {
  it.each([
    [SINGLE, 300],
    [DOUBLE, 150],
    [{ widthCm: 8.3, heightCm: 6.1 }, 144],
  ])('has the pixels of its size in cm, and says its resolution (%o at %d dpi)', async (size, dpi) => {
    const png = svgToPng(renderChart(charts.iou, size), { dpi })
    const { width, height, density } = await sharp(png).metadata()
    expect(width).toBe(Math.round((size.widthCm / 2.54) * dpi))
    expect(height).toBe(Math.round((size.heightCm / 2.54) * dpi))
    expect(density).toBe(dpi)
  })

  it('is byte-identical when drawn twice', () => {
    const draw = (): Buffer => svgToPng(renderChart(charts.ablation, SINGLE), { dpi: 150 })
    expect(draw().equals(draw())).toBe(true)
  })

  it('draws letters without any font of the machine', async () => {
    const svg = renderChart(charts.ablation, SINGLE)
    const without = svg.replace(/<text [^>]*>[^<]*<\/text>/g, '')
    const [full, bare] = await Promise.all([svg, without].map((one) => pixels(svgToPng(one, { dpi: 150 }))))
    const changed = full.reduce((count, value, i) => count + (value === bare[i] ? 0 : 1), 0)
    // About 180 letters of some 15 x 10 pixels, a fifth of them ink.
    expect(changed).toBeGreaterThan(3000)
    expect(bare.some((value) => value < 128)).toBe(true)
  })

  it('refuses absurd sizes and foreign files', () => {
    expect(() => svgToPng('<svg width="10" height="10"/>', { dpi: 100 })).toThrow('in cm')
    expect(() => svgToPng(renderChart(charts.iou, SINGLE), { dpi: 5 })).toThrow('5 dpi')
    const poster = renderChart(charts.iou, { widthCm: 100, heightCm: 100 })
    expect(() => svgToPng(poster, { dpi: 600 })).toThrow('lower the dpi')
    expect(pixelsOf(2.54, 300)).toBe(300)
  })
})

/** Gray values of a PNG. */
async function pixels(png: Buffer): Promise<Buffer> {
  return sharp(png).toColourspace('b-w').raw().toBuffer()
}
