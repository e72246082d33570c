import { describe, expect, it } from 'vitest'
import type { LegendComponentOption, LineSeriesOption } from 'echarts'
import { ablationChart, ablationTable } from './ablation.ts'
import { classwiseChart, classwiseTable } from './classwise.ts'
import { iouChart, iouTable } from './iou.ts'
import { sampleAblation, sampleClasswise, sampleIou } from './sample-data.ts'
import { shorten } from './style.ts'
import type { ChartStyle } from './style.ts'
import { tickLabels } from './frame.ts'
import { niceTicks } from './ticks.ts'

const style: ChartStyle = {
  width: 240,
  height: 180,
  fontFamily: 'sans-serif',
  fontSize: 7,
  measureText: (text, size) => text.length * size * 0.6,
}

interface Series {
  readonly type: string
  readonly name?: string
  readonly data: readonly unknown[]
}

function seriesOf(option: { series?: unknown }): Series[] {
  return option.series as Series[]
}

describe('niceTicks', () => {
  it('encloses the range in 1-2-5 steps', () => {
    expect(niceTicks(0, 1, 5)).toEqual({ min: 0, max: 1, interval: 0.2, decimals: 1 })
    expect(niceTicks(0.63, 0.99, 5)).toEqual({ min: 0.6, max: 1, interval: 0.1, decimals: 1 })
    expect(niceTicks(0, 278, 5)).toEqual({ min: 0, max: 300, interval: 100, decimals: 0 })
    expect(niceTicks(-0.029, 0.235, 5)).toEqual({ min: -0.1, max: 0.3, interval: 0.1, decimals: 1 })
    expect(niceTicks(0, 3, 8, 1)).toEqual({ min: 0, max: 3, interval: 1, decimals: 0 })
    expect(niceTicks(0.981, 0.99, 5)).toEqual({ min: 0.98, max: 0.99, interval: 0.002, decimals: 3 })
  })

  it('always encloses, with few ticks, and writes each exactly', () => {
    for (const low of [-7, -0.3, 0, 0.02, 5]) {
      for (const span of [1e-4, 0.013, 0.3, 1, 9, 1234]) {
        const ticks = niceTicks(low, low + span)
        expect(ticks.min).toBeLessThanOrEqual(low + 1e-9 * ticks.interval + 1e-12)
        expect(ticks.max).toBeGreaterThanOrEqual(low + span - 1e-6 * ticks.interval)
        const labels = tickLabels(ticks)
        expect(labels.length).toBeLessThanOrEqual(8)
        expect(new Set(labels).size).toBe(labels.length)
        labels.forEach((label, i) => expect(Number(label)).toBeCloseTo(ticks.min + i * ticks.interval, 9))
      }
    }
  })

  it('survives an empty range', () => {
    expect(niceTicks(0, 0).max).toBeGreaterThanOrEqual(0)
    expect(niceTicks(1, 1).interval).toBeGreaterThan(0)
  })
})

describe('shorten', () => {
  const measure = (text: string): number => [...text].length

  it('keeps what fits and ends in an ellipsis otherwise', () => {
    expect(shorten('tabby', 5, measure)).toBe('tabby')
    expect(shorten('tiger cat', 7, measure)).toBe('tiger…')
    expect(shorten('tabby', 0, measure)).toBe('')
    expect(shorten('😀😀😀', 2, measure)).toBe('😀…')
  })
})

describe('ablationChart', () => {
  it('draws every curve, and a band for each random curve', () => {
    const drawn = seriesOf(ablationChart(sampleAblation(), style))
    expect(drawn.map(({ type, name }) => name ?? type)).toEqual([
      'custom',
      'custom',
      'all',
      'all-random',
      'onlyconv',
      'onlyconv-random',
      'original',
    ])
    const all = drawn.find(({ name }) => name === 'all')!
    const { removed, accuracy } = sampleAblation().all!.selected
    expect(all.data).toEqual(removed.map((n, i) => [n, accuracy[i]]))
    expect(drawn.at(-1)!.data).toEqual([[0, 0.99], [290, 0.99]])
    expect((drawn.at(-1) as LineSeriesOption).lineStyle!.type).not.toBe('solid')
  })

  it('switches series off, band included', () => {
    const drawn = seriesOf(ablationChart(sampleAblation(), style, ['onlyconv', 'original']))
    expect(drawn.map(({ name }) => name)).toEqual(['onlyconv', 'original'])
    expect(ablationTable(sampleAblation(), ['original']).rows).toEqual([
      ['original', 0, 0.99, null, null],
      ['original', 290, 0.99, null, null],
    ])
  })

  it('is never animated', () => {
    expect(ablationChart(sampleAblation(), style).animation).toBe(false)
    expect(iouChart(sampleIou(), style).animation).toBe(false)
    expect(classwiseChart(sampleClasswise(['a']), style).animation).toBe(false)
  })

  it('tabulates what it draws', () => {
    const { columns, rows } = ablationTable(sampleAblation())
    expect(columns).toEqual(['series', 'removed_features', 'mean_class_accuracy', 'band95_low', 'band95_high'])
    expect(rows.length).toBe(30 + 30 + 12 + 12 + 2)
    const { random } = sampleAblation().all!
    expect(rows[33]).toEqual(['all-random', 30, random!.mean[3], random!.low[3], random!.high[3]])
  })
})

describe('classwiseChart', () => {
  it('draws three bars per class and whiskers where there is an interval', () => {
    const data = sampleClasswise(['tabby', 'lynx'])
    const drawn = seriesOf(classwiseChart(data, style))
    expect(drawn.slice(0, 3).map(({ data: values }) => values)).toEqual([
      data.classes.map(({ onClass }) => onClass.value),
      data.classes.map(({ onOthers }) => onOthers.value),
      data.classes.map(({ onClassRandom }) => onClassRandom.value),
    ])
    expect(drawn.slice(3).map(({ data: whiskers }) => whiskers.length)).toEqual([2, 0, 2])
  })

  it('tabulates intervals, empty where there is none', () => {
    const data = sampleClasswise(['tabby'])
    const { onClass, onClassRandom } = data.classes[0]
    expect(classwiseTable(data).rows).toEqual([
      ['tabby', onClass.value, onClass.low, onClass.high, 0.004, null, null].concat([
        onClassRandom.value,
        onClassRandom.low!,
        onClassRandom.high!,
      ]),
    ])
  })
})

describe('iouChart', () => {
  it('names the area of each method in the legend', () => {
    const option = iouChart(sampleIou(), style)
    const legends = option.legend as LegendComponentOption[]
    const labels = legends.flatMap((legend) =>
      (legend.data as { name: string }[]).map(({ name }) => (legend.formatter as (name: string) => string)(name)),
    )
    expect(labels).toEqual(sampleIou().curves.map(({ method, area }) => `${method} (area ${area.toFixed(3)})`))
  })

  it('tells methods apart by colour and dash', () => {
    const lines = seriesOf(iouChart(sampleIou(), style)).filter(({ type }) => type === 'line') as LineSeriesOption[]
    const looks = lines.map(({ lineStyle }) => JSON.stringify([lineStyle!.color, lineStyle!.type, lineStyle!.width]))
    expect(new Set(looks).size).toBe(lines.length)
  })

  it('tabulates each threshold of each method', () => {
    const { rows } = iouTable(sampleIou())
    expect(rows.length).toBe(7 * 21)
    expect(rows[21]).toEqual(['Deconv+GB', 0, 0, sampleIou().curves[1].iou[0], null, null, 0.186])
  })
})
