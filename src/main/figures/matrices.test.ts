import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { HeatmapDisplay } from '../../shared/figures.ts'
import type { Matrix } from '../../shared/matrix.ts'
import { methodsFigure } from './methods.ts'
import type { MethodsFigureData } from './methods.ts'
import { blend } from './raster.ts'
import { sampleFeature, sampleHeatmap, sampleImage } from './sample-data.ts'
import { selectionMatrixFigure, strongestOf } from './selection-matrix.ts'
import type { SelectionMatrixData } from './selection-matrix.ts'
import { svgToPng } from './png.ts'
import { layoutFaults, parseStrictly, placedTexts } from './test-support.ts'

const SIZES = [
  { widthCm: 8.5, fontSizePt: 7, font: 'sans' },
  { widthCm: 17.5, fontSizePt: 9, font: 'serif' },
  { widthCm: 8.5, fontSizePt: 10, font: 'serif' },
] as const

function matrix(classes: number, columns: number): SelectionMatrixData {
  const data = Float64Array.from({ length: classes * columns }, (_, i) => (i % 7 === 0 ? Math.sin(i) : 0))
  const layers = [0.1, 0.3, 0.02, 0.58].map((share, i) => ({
    number: i * 3 + 1,
    name: `layer ${i}`,
    columns: Math.round(share * columns),
  }))
  return {
    classes: Array.from({ length: classes }, (_, i) => `class ${i} with <a rather> long & name`),
    layers,
    weights: { shape: [classes, columns], data },
  }
}

describe('strongestOf', () => {
  it('keeps the weight of largest magnitude of each merged field', () => {
    const [height, width, rows, columns] = [11, 17, 4, 5]
    const data = Float64Array.from({ length: height * width }, (_, i) => Math.sin(i * 12.9) * (i % 3))
    const merged = strongestOf({ shape: [height, width], data }, rows, columns)
    expect(merged.shape).toEqual([rows, columns])
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const field = [...data].filter(
          (_, i) =>
            Math.floor((Math.floor(i / width) * rows) / height) === r &&
            Math.floor(((i % width) * columns) / width) === c,
        )
        const strongest = field.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
        expect(merged.data[r * columns + c]).toBe(strongest)
      }
    }
  })

  it('loses no lonely weight among 1000 classes', () => {
    const data = new Float64Array(1000 * 3000)
    data[777 * 3000 + 1234] = -3
    const merged = strongestOf({ shape: [1000, 3000], data }, 500, 400)
    expect(merged.data.filter((weight) => weight === -3)).toHaveLength(1)
  })
})

describe('selectionMatrixFigure', () => {
  it.each(SIZES)('lays out 3, 40 and 1000 classes at %o', async (options) => {
    for (const classes of [3, 40, 1000]) {
      const svg = await selectionMatrixFigure(matrix(classes, 100), options)
      await parseStrictly(svg)
      expect(layoutFaults(svg)).toEqual([])
      const texts = placedTexts(svg).map(({ content }) => content)
      expect(texts.join(' ')).toContain(`${classes} classes by 100 relevant features`)
      const named = texts.filter((text) => text.startsWith('class ')).length
      expect(named).toBeLessThanOrEqual(classes)
      expect(named).toBeGreaterThan(2)
      if (named < classes) expect(texts.join(' ')).toMatch(/every \d+(st|nd|rd|th) class is named/)
    }
  })

  it('stays small and quick with 1000 classes and 12 000 features', async () => {
    const data = matrix(1000, 12_000)
    const began = performance.now()
    const svg = await selectionMatrixFigure(data, { widthCm: 17.5 })
    expect(performance.now() - began).toBeLessThan(5000)
    expect(svg.length).toBeLessThan(3_000_000)
  })

  it('colours weights above 0 alone by viridis, from 0', async () => {
    const data = { ...matrix(3, 10), weights: { shape: [3, 10], data: new Float64Array(30).fill(0.5, 3, 6) } }
    const svg = await selectionMatrixFigure(data, { widthCm: 8.5 })
    expect(svg).toContain('colour-map-viridis')
    const texts = placedTexts(svg).map(({ content }) => content)
    expect(texts).toContain('0')
    expect(texts).toContain('0.5')
  })
})

const DISPLAY: HeatmapDisplay = { colourMap: 'cividis', opacity: 0.6, threshold: 0.1, smooth: true, scaleMax: null }

function methods(features: number, display: HeatmapDisplay = DISPLAY): MethodsFigureData {
  const map = (max: number): Matrix<Float32Array> => ({ shape: [28, 28], data: sampleHeatmap(28, 0.4, max).data })
  return {
    name: 'a very long/name of an image & of its folder/that goes on and on.png',
    image: sampleImage(28, 1),
    facts: ['true class: <tabby & "cat">', 'predicted: lynx (99.3 %)'],
    methods: ['Ours (stride corrected)', 'Deconv+GB', 'Upsampled activations'].map((name, m) => ({
      name,
      combined: map(1),
      features: Array.from({ length: features }, (_, i) => ({
        feature: sampleFeature(i),
        contribution: 0.1 / (i + 1),
        map: i === 1 ? { shape: [28, 28], data: new Float32Array(784).fill(m) } : map(0.01 * (i + 1)),
      })),
    })),
    display,
  }
}

describe('methodsFigure', () => {
  it.each(SIZES)('lays out 0, 3 and 10 features at %o', async (options) => {
    for (const features of [0, 3, 10]) {
      const svg = await methodsFigure(methods(features), options)
      await parseStrictly(svg)
      expect(layoutFaults(svg)).toEqual([])
      expect(svg.match(/<image /g)).toHaveLength(1 + 3 * (1 + features))
    }
  })

  it('says which maps are flat, what their range is, and what the colours stand for', async () => {
    const own = placedTexts(await methodsFigure(methods(3), { widthCm: 17.5 })).map(({ content }) => content)
    expect(own.filter((text) => text.startsWith('flat: '))).toEqual(['flat: 0', 'flat: 1', 'flat: 2'])
    expect(own).toContain('largest')
    const common = await methodsFigure(methods(3, { ...DISPLAY, scaleMax: 0.02 }), { widthCm: 17.5 })
    const texts = placedTexts(common).map(({ content }) => content)
    expect(texts).toContain('0.02')
    expect(texts.join(' ')).toContain('cut at 0.02')
    expect(texts.join(' ')).toContain('maps of features from 0 to 0.02')
  })

  it('draws what the display asks for', async () => {
    const draw = async (change: Partial<HeatmapDisplay>): Promise<string> =>
      methodsFigure(methods(2, { ...DISPLAY, ...change }), { widthCm: 8.5 })
    const usual = await draw({})
    expect(await draw({})).toBe(usual)
    for (const change of [
      { colourMap: 'jet' },
      { opacity: 0.9 },
      { threshold: 0.5 },
      { smooth: false },
      { scaleMax: 0.01 },
    ] as const) {
      const images = (svg: string): string[] => svg.match(/base64,[^"]*/g)!
      expect(images(await draw(change))).not.toEqual(images(usual))
    }
  })

  it('says that there is nothing to show for a class without features', async () => {
    const texts = placedTexts(await methodsFigure(methods(0), { widthCm: 17.5 })).map(({ content }) => content)
    expect(texts.filter((text) => text.startsWith('no relevant'))).toHaveLength(3)
  })

  it('becomes a PNG with its colours', async () => {
    const { channels } = await sharp(svgToPng(await methodsFigure(methods(3), { widthCm: 8.5 }), { dpi: 100 })).stats()
    expect(Math.min(...channels.slice(0, 3).map(({ stdev }) => stdev))).toBeGreaterThan(20)
  })
})

it('blends by opacity', () => {
  const grey = { height: 1, width: 3, channels: 1, data: Uint8Array.of(100, 100, 100) } as const
  const rgba = Uint8ClampedArray.of(200, 0, 100, 255, 200, 0, 100, 0, 200, 0, 100, 51)
  expect([...blend(grey, rgba).data]).toEqual([200, 0, 100, 100, 100, 100, 120, 80, 100])
})
