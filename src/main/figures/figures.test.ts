import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { averageImageGrid, featurePage } from './averages.ts'
import { comparisonFigure, explanationFigure } from './explanation.ts'
import { iouMontage, thresholded } from './iou-examples.ts'
import { shortNumber } from './parts.ts'
import { pixelsOf, svgToPng } from './png.ts'
import {
  sampleAverages,
  sampleComparison,
  sampleExplanation,
  sampleFeaturePage,
  sampleIouExamples,
} from './sample-data.ts'
import { comparisonTable, averageGridTable, explanationTable, featurePageTable, iouMontageTable } from './tables.ts'
import { layoutFaults, parseStrictly, placedTexts } from './test-support.ts'
import type { FigureOptions } from './types.ts'
import { wrap } from './svg.ts'

const SPECIAL = '<tabby & "cat">'

const figures: Record<string, (options: FigureOptions) => Promise<string>> = {
  averages: (options) => averageImageGrid(sampleAverages([SPECIAL, 'lynx'], 7), options),
  'feature page': (options) => featurePage(sampleFeaturePage(23), options),
  explanation: (options) => explanationFigure(sampleExplanation(SPECIAL), options),
  overlay: (options) => explanationFigure({ ...sampleExplanation(SPECIAL), show: 'overlay' }, options),
  comparison: (options) => comparisonFigure(sampleComparison(), options),
  'iou examples': (options) => iouMontage(sampleIouExamples(5), options),
}

describe.each(Object.entries(figures))('%s', (_, draw) => {
  it.each([{ widthCm: 8.5 }, { widthCm: 17.5 }, { widthCm: 8.5, fontSizePt: 9 }])('lays out at %o', async (options) => {
    const svg = await draw(options)
    await parseStrictly(svg)
    expect(svg.startsWith(`<svg width="${options.widthCm}cm"`)).toBe(true)
    expect(layoutFaults(svg)).toEqual([])
  })

  it('is byte-identical when drawn twice, as SVG and as PNG of the right size', async () => {
    const options: FigureOptions = { widthCm: 8.5 }
    const [first, second] = [await draw(options), await draw(options)]
    expect(second).toBe(first)
    const png = svgToPng(first, { dpi: 100 })
    expect(svgToPng(second, { dpi: 100 }).equals(png)).toBe(true)
    const { width, height } = await sharp(png).metadata()
    const heightCm = Number(/height="([\d.]+)cm"/.exec(first)![1])
    expect([width, height]).toEqual([pixelsOf(8.5, 100), pixelsOf(heightCm, 100)])
    const { channels } = await sharp(png).stats()
    expect(Math.min(...channels.slice(0, 3).map(({ stdev }) => stdev))).toBeGreaterThan(20)
  })
})

async function contents(svg: Promise<string>): Promise<string[]> {
  return placedTexts(await svg).map(({ content }) => content)
}

describe('averageImageGrid', () => {
  it('names layer, channel, weight and distinct images, in the order given', async () => {
    const texts = await contents(averageImageGrid(sampleAverages([SPECIAL], 3), { widthCm: 17.5 }))
    expect(texts).toEqual([
      SPECIAL,
      '3 features, largest weight first',
      ...['2', 'conv2d_1/Relu / 0', 'w = 0.123', '100 patches, 1 image'],
      ...['5', 'block5_conv3_with_a_long_name / 113', 'w = 0.0615', '100 patches, 83 images'],
      ...['8', 'fc6 / 226', 'w = 0.041', '100 patches, 83 images'],
      'convolutional layer',
      'fully connected layer',
    ])
  })

  it('colours numbers of convolutional layers green and of fully connected ones pink', async () => {
    const svg = await averageImageGrid(sampleAverages(['a'], 3), { widthCm: 17.5 })
    const badges = [...svg.matchAll(/rx="[\d.]+" fill="(#\w+)"\/><text [^>]*>(\d+)</g)]
    expect(badges.map(([, colour, number]) => [number, colour])).toEqual([
      ['2', '#2e9e4f'],
      ['5', '#2e9e4f'],
      ['8', '#f58fb8'],
    ])
  })

  it('says how many features it leaves out, and keeps their order', async () => {
    const [{ cells, ...row }] = sampleAverages(['a'], 5).classes
    const data = { classes: [{ ...row, cells: [cells[1], cells[0]], order: 'in a chosen order' }] }
    expect(await contents(averageImageGrid(data, { widthCm: 8.5 }))).toContain('2 of 5 features, in a chosen order')
    expect(averageGridTable(data).rows.map(([, rank, number]) => [rank, number])).toEqual([
      [1, 5],
      [2, 2],
    ])
  })

  it('writes signs where a weight is negative', async () => {
    const [{ cells, ...row }] = sampleAverages(['a'], 3).classes
    const data = { classes: [{ ...row, cells: cells.map((cell, i) => (i === 1 ? { ...cell, weight: -0.02 } : cell)) }] }
    const texts = await contents(averageImageGrid(data, { widthCm: 17.5 }))
    expect(texts.filter((text) => text.startsWith('w = '))).toEqual(['w = +0.123', 'w = -0.02', 'w = +0.041'])
  })
})

describe('featurePage', () => {
  it('marks the clipped patches', async () => {
    const svg = await featurePage(sampleFeaturePage(23), { widthCm: 17.5 })
    expect(svg.match(/stroke="#e69f00"/g)?.length).toBe(2)
    expect((await contents(Promise.resolve(svg))).join(' ')).toContain('cut at the image border (2)')
    expect(featurePageTable(sampleFeaturePage(23)).rows[0].slice(0, 9)).toEqual([
      ...['tabby', 5, 'block5_conv3_with_a_long_name', 'convolutional', 113, 0.0371, 23, 83, 2],
    ])
  })
})

describe('explanationFigure', () => {
  it('states classes, confidence, contributions and raw ranges; a flat map is called flat', async () => {
    const texts = await contents(explanationFigure(sampleExplanation(SPECIAL), { widthCm: 17.5 }))
    for (const expected of [
      `true lynx, predicted ${SPECIAL} (97.3 %)`,
      `predicted ${SPECIAL} (97.3 %)`,
      'r = 0.0123',
      '0 … 3.4e-4',
      'flat: 0',
    ]) {
      expect(texts).toContain(expected)
    }
  })

  it('outlines the mask where there is one', async () => {
    const svg = await explanationFigure(sampleExplanation('a'), { widthCm: 8.5 })
    // Input, combined and three maps of the first row; a dark and a white line each.
    expect(svg.match(/stroke-linecap="square"/g)?.length).toBe(5 * 2)
  })

  it('lays maps over the image only where asked', async () => {
    const data = sampleExplanation('a')
    const count = async (show: 'alone' | 'overlay'): Promise<number> =>
      (await explanationFigure({ ...data, show }, { widthCm: 8.5 })).match(/<image /g)!.length
    expect(await count('alone')).toBe(10)
    expect(await count('overlay')).toBe(18)
  })

  it('tabulates one row per map', () => {
    const { columns, rows } = explanationTable(sampleExplanation(SPECIAL))
    expect(rows.length).toBe(8)
    expect(rows.every((row) => row.length === columns.length)).toBe(true)
    expect(rows[2].slice(1, 10)).toEqual([
      ...['lynx', SPECIAL, 0.9731, 2, 5, 'block5_conv3_with_a_long_name', 'convolutional', 113, 0.00615],
    ])
  })
})

describe('comparisonFigure', () => {
  it('says why a method has no map', async () => {
    const words = (await contents(comparisonFigure(sampleComparison(), { widthCm: 8.5 }))).join(' ')
    expect(words).toContain('not defined for fully connected layers')
    expect(comparisonTable(sampleComparison()).rows.at(-1)!.slice(1)).toEqual([
      ...['Upsampled activations', null, null, 'not defined for fully connected layers'],
    ])
  })
})

describe('iouMontage', () => {
  it('thresholds at or above', () => {
    const [example] = sampleIouExamples(1)
    const heatmap = { height: 1, width: 3, data: Float32Array.of(0.49, 0.5, 0.51), min: 0, max: 1 }
    expect([...thresholded({ ...example, heatmap }).data]).toEqual([0, 1, 1])
    expect(iouMontageTable([example]).rows).toEqual([['class0_img30_p1_r2.jpg', 0.5, 0.61]])
  })
})

it('refuses impossible widths and font sizes', async () => {
  await expect(figures['averages']({ widthCm: 2 })).rejects.toThrow('2 cm wide')
  await expect(figures['averages']({ widthCm: 8.5, fontSizePt: 1 })).rejects.toThrow('1 pt')
})

it('writes numbers short', () => {
  expect([0, 0.12345, -3, 1234.6, 12345, 1.23e-5, -4e-10].map(shortNumber)).toEqual([
    ...['0', '0.123', '-3', '1230', '1.2e4', '1.2e-5', '-4.0e-10'],
  ])
})

it('wraps at spaces and shortens what cannot wrap', () => {
  expect(wrap('a b', 100, 7, 3)).toEqual(['a b'])
  expect(wrap('one two three', 30, 7, 3)).toEqual(['one two', 'three'])
  expect(wrap('one two three four', 20, 7, 2)).toEqual(['one', 'two…'])
  expect(wrap('incomprehensibility', 30, 7, 3)).toEqual(['incom…'])
})
