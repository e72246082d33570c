import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleCheck, sampleIntervals, sampleLines } from '../../core/charts/sample-checks.ts'
import { decodeNpy } from '../../core/npy.ts'
import { analysisDefaults, specsOf } from '../../shared/analysis.ts'
import { checkSpecOf } from '../../shared/check-list.ts'
import type { CheckSpec, IntervalsChart } from '../../shared/checks.ts'
import { layoutFaults, parseStrictly, placedTexts } from '../figures/test-support.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  inProject,
  newProject,
  quiet,
  type Ingredients,
} from '../testing/projects.ts'
import { runCheck } from './checks/index.ts'
import { extract } from './extraction.ts'
import { describeCheck, drawCheck, drawnCheck } from './figure-checks.ts'
import type { DrawnFigure } from './figure-drawn.ts'
import { figureFiles } from './figure-files.ts'
import { select } from './selection.ts'

const options = analysisDefaults('paper')
const [selection] = specsOf(options).selections
const spec = checkSpecOf('iou', selection, options)
const style = { widthCm: 8.5, font: 'sans', fontSizePt: 7, dpi: 100 } as const

describe('drawnCheck', () => {
  it.each([8.5, 17.5, 5])('lays out its texts on %d cm', async (widthCm) => {
    for (const chart of sampleCheck().charts) {
      for (const fontSizePt of [7, 9]) {
        const { svg } = drawnCheck(spec, sampleCheck(), chart, { ...style, widthCm, fontSizePt })
        await parseStrictly(svg)
        expect(layoutFaults(svg)).toEqual([])
      }
    }
  })

  it('says in its caption what is drawn, what came out, and with what settings', () => {
    const { caption } = drawnCheck(spec, sampleCheck(), sampleLines(), style)
    expect(caption).toBe(
      'Intersection over union of the heatmaps with the masks at each threshold. Bands are 95 % intervals. '
      + 'Gray: controls. '
      + 'The combined heatmap overlaps the masks more than every control: area 0.225, 95 % interval 0.217 to 0.233; '
      + 'the best control, the centre box, reaches 0.092. '
      + '240 images; 3 strongest features of All, stride correction of convolutions and pooling; '
      + 'preset paper, μ = 10, true labels, seed 1.',
    )
    expect(drawnCheck(spec, sampleCheck(), sampleIntervals(), style).caption).toContain(
      'Whiskers are 95 % intervals. The dashed line stands at 0, the value that means nothing.',
    )
    const plain: IntervalsChart = {
      ...sampleIntervals(),
      reference: null,
      rows: [{ name: 'a', control: false, value: 1, low: null, high: null }],
    }
    expect(drawnCheck(spec, sampleCheck(), plain, style).caption).not.toMatch(/95 % intervals|dashed|Gray/)
  })

  it('counts draws and leaves explanation settings out where the selection is checked', () => {
    const stability = checkSpecOf('stability', selection, options)
    expect(describeCheck(stability, { images: 1 })).toBe(
      '1 image; 100 half-samples of the training images; features of All; preset paper, μ = 10, true labels, seed 1.',
    )
  })

  it('says how many rows it leaves out', () => {
    const rows = Array.from({ length: 75 }, (_, i) => ({ name: `r${i}`, control: false, value: i, low: null, high: null }))
    const { svg, table } = drawnCheck(spec, sampleCheck(), { ...sampleIntervals(), rows }, style)
    expect(placedTexts(svg).map(({ content }) => content)).toContain('60 of 75 rows; the table has all')
    expect(layoutFaults(svg)).toEqual([])
    expect(table.rows).toHaveLength(75)
  })

  it('keeps the numbers in its files, equal names apart', async () => {
    const [first] = sampleLines().series
    const chart = { ...sampleLines(), series: [first, { ...first, low: undefined!, high: undefined! }] }
    const drawn = drawnCheck(spec, sampleCheck(), chart, style)
    const files = await figureFiles({ name: 'check', style, formats: ['csv', 'npy', 'svg'], caption: '' }, drawn)
    expect(new Set(files.map(({ name }) => name)).size).toBe(4)
    const npy = files.find(({ name }) => name.endsWith('.npy'))!
    const { shape, data } = decodeNpy(npy.bytes, npy.name)
    expect(shape).toEqual([21, 4])
    expect([...data.slice(4, 8)]).toEqual([first.x[1], first.y[1], first.low![1], first.high![1]])
  })

  it('is the same each time', () => {
    const draw = (): string => drawnCheck(spec, sampleCheck(), sampleIntervals(), style).svg
    const first = draw()
    drawnCheck(spec, sampleCheck(), sampleLines(), style)
    expect(draw()).toBe(first)
  })
})

describe('drawCheck', () => {
  let from: Ingredients
  let folder: string
  const permutation = { ...checkSpecOf('permutation', selection, options), repeats: 20 }
  const draw = (check: CheckSpec, chart: string): Promise<DrawnFigure> =>
    inProject(folder, (project) => drawCheck(project, { kind: 'check', check, chart }, style))

  beforeAll(async () => {
    from = await folderIngredients({ train: 30, test: 12 })
    folder = await newProject(from, 'project')
    await inProject(folder, async (project) => {
      await extract(project, specsOf(options).extraction, quiet())
      await select(project, selection, quiet())
    })
  }, 60_000)

  afterAll(() => discard(from))

  it('draws what is stored and computes nothing', async () => {
    expect((await failureOf(draw(permutation, 'residuals'))).code).toBe('not-ready')
    const result = await inProject(folder, (project) => runCheck(project, permutation, quiet()))
    for (const chart of result.charts) {
      const drawn = await draw(permutation, chart.id)
      expect(drawn.caption).toContain(result.sentence)
      expect(drawn.caption).toContain('20 permutations of the labels')
      expect(layoutFaults(drawn.svg)).toEqual([])
    }
    const { code, sentence } = await failureOf(draw(permutation, 'nonsense'))
    expect(code).toBe('bad-argument')
    expect(sentence).toBe('The check "permutation" has no chart "nonsense": choose one of its own.')
  }, 60_000)
})
