import type { LegendComponentOption, LineSeriesOption } from 'echarts'
import { describe, expect, it } from 'vitest'
import type { IntervalsChart, LinesChart } from '../../shared/checks.ts'
import { intervalsChart, intervalsHeight, intervalsTable, leftOutIntervals, MOST_INTERVALS } from './check-intervals.ts'
import { linesChart, linesTable } from './check-lines.ts'
import { linesOfName, ticksAround } from './check-range.ts'
import { sampleIntervals, sampleLines } from './sample-checks.ts'
import type { ChartStyle } from './style.ts'

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

function legendTexts(option: { legend?: unknown }): string[] {
  return (option.legend as LegendComponentOption[]).flatMap((legend) =>
    (legend.data as { name: string }[]).map(({ name }) => (legend.formatter as (name: string) => string)(name)),
  )
}

describe('ticksAround', () => {
  it('begins at zero unless the values lie far above it', () => {
    expect(ticksAround([0.2, 0.5], 5).min).toBe(0)
    expect(ticksAround([0.9, 0.99], 5).min).toBe(0.9)
    expect(ticksAround([-0.5, -0.1], 5)).toMatchObject({ min: -0.5, max: 0 })
    expect(ticksAround([0, 3], 8)).toMatchObject({ min: 0, max: 3, interval: 1 })
  })

  it('survives values that are none, all equal or no numbers', () => {
    expect(ticksAround([], 5)).toMatchObject({ min: 0, max: 1 })
    expect(ticksAround([NaN, Infinity], 5)).toMatchObject({ min: 0, max: 1 })
    for (const value of [0, 0.3, 1, -2]) {
      const { min, max } = ticksAround([value, value], 5)
      expect(min).toBeLessThanOrEqual(value)
      expect(max).toBeGreaterThanOrEqual(value)
      expect(max).toBeGreaterThan(min)
    }
  })
})

describe('linesOfName', () => {
  const letters = { fontSize: 1, measureText: (text: string) => [...text].length }

  it('breaks a long name once, between words', () => {
    expect(linesOfName('abc', 5, letters)).toEqual(['abc'])
    expect(linesOfName('one two three', 8, letters)).toEqual(['one two', 'three'])
    expect(linesOfName('one two three four', 8, letters)).toEqual(['one two', 'three f…'])
    expect(linesOfName('abcdefghijkl', 5, letters)).toEqual(['abcd…'])
  })
})

describe('linesChart', () => {
  it('draws every series over its band and names them in the legend', () => {
    const chart = sampleLines()
    const option = linesChart(chart, style)
    const drawn = seriesOf(option)
    expect(drawn.map(({ type }) => type)).toEqual(['custom', ...chart.series.map(() => 'line')])
    expect(drawn[1]?.data).toEqual(chart.series[0].x.map((x, i) => [x, chart.series[0].y[i]]))
    const texts = legendTexts(option)
    expect(texts).toHaveLength(chart.series.length)
    expect(texts[1]).toBe('Deconv+GB')
    expect(option.animation).toBe(false)
  })

  it('tells series apart, controls gray and thinner than all others', () => {
    const many: LinesChart = {
      ...sampleLines(),
      series: Array.from({ length: 14 }, (_, i) => ({ name: `s${i}`, control: i >= 6, x: [0, 1], y: [0, i] })),
    }
    const lines = seriesOf(linesChart(many, style)) as LineSeriesOption[]
    const looks = lines.map(({ lineStyle }) => JSON.stringify([lineStyle!.color, lineStyle!.type]))
    expect(new Set(looks).size).toBe(lines.length)
    const widths = lines.map(({ lineStyle }) => lineStyle!.width as number)
    expect(Math.max(...widths.slice(6))).toBeLessThan(Math.min(...widths.slice(0, 6)))
    expect(lines[6].lineStyle!.color).toBe('#7f7f7f')
  })

  it('leaves out what is not a number, band included, and marks a single point', () => {
    const series = { name: 'a', control: false, x: [0, 1, 2], y: [NaN, 2, NaN], low: [NaN, 1, 0], high: [1, 3, NaN] }
    const drawn = seriesOf(linesChart({ ...sampleLines(), series: [series] }, style))
    expect(drawn).toHaveLength(2)
    expect(drawn[1].data).toEqual([[1, 2]])
    expect((drawn[1] as LineSeriesOption).symbol).toBe('circle')
    const none = { ...series, low: [NaN, NaN, NaN] }
    expect(seriesOf(linesChart({ ...sampleLines(), series: [none] }, style)).map(({ type }) => type)).toEqual(['line'])
  })

  it('draws bands of one or two controls, of more none', () => {
    const control = { name: 'c', control: true, x: [0, 1], y: [1, 2], low: [0, 1], high: [2, 3] }
    const method = { ...control, name: 'm', control: false }
    const bands = (controls: number): number => {
      const chart = { ...sampleLines(), series: [method, ...Array.from({ length: controls }, () => control)] }
      return seriesOf(linesChart(chart, style)).filter(({ type }) => type === 'custom').length
    }
    expect([0, 1, 2, 3].map(bands)).toEqual([1, 2, 3, 1])
  })

  it('keeps the axis titles within their axes', () => {
    const long = { ...sampleLines(), xTitle: 'x'.repeat(200), yTitle: 'y'.repeat(200) }
    const { xAxis, yAxis } = linesChart(long, style) as { xAxis: { name: string }; yAxis: { name: string } }
    expect(xAxis.name.length * 7 * 0.6).toBeLessThan(240)
    expect(yAxis.name.length * 7 * 0.6).toBeLessThan(180)
    expect(xAxis.name).toMatch(/…$/)
  })

  it('tabulates each point with its interval', () => {
    const { columns, rows } = linesTable(sampleLines())
    expect(columns).toEqual(['series', 'control', 'x', 'y', 'interval95_low', 'interval95_high'])
    expect(rows).toHaveLength(7 * 21)
    const { y } = sampleLines().series[0]
    expect(rows[3]).toEqual([sampleLines().series[0].name, 0, 0.15, y[3], y[3] - 0.02, y[3] + 0.03])
    expect(rows[3 * 21]).toEqual(['Random map', 1, 0, sampleLines().series[3].y[0], null, null])
  })
})

describe('intervalsChart', () => {
  it('draws the reference, then methods, then controls, each in its row', () => {
    const drawn = seriesOf(intervalsChart(sampleIntervals(), style))
    expect(drawn.map(({ name, data }) => [name, data])).toEqual([
      ['reference', [[0, 0]]],
      ['compared', [[-0.012, 0], [0.061, 1]]],
      ['control', [[0.163, 2], [0.1, 3]]],
    ])
  })

  it('encloses the intervals and the reference', () => {
    const { min, max } = intervalsChart(sampleIntervals(), style).xAxis as { min: number; max: number }
    expect(min).toBeLessThanOrEqual(-0.021)
    expect(max).toBeGreaterThanOrEqual(0.176)
    const far = { ...sampleIntervals(), reference: 2 }
    expect((intervalsChart(far, style).xAxis as { max: number }).max).toBeGreaterThanOrEqual(2)
  })

  it('needs a legend only where there are controls beside others', () => {
    expect(legendTexts(intervalsChart(sampleIntervals(), style))).toEqual(['compared', 'control'])
    const alike: IntervalsChart = { ...sampleIntervals(), rows: sampleIntervals().rows.slice(0, 2), reference: null }
    expect(legendTexts(intervalsChart(alike, style))).toEqual([])
    expect(seriesOf(intervalsChart(alike, style)).map(({ name }) => name)).toEqual(['compared'])
  })

  it('draws the first rows of very many, and grows with them', () => {
    const many: IntervalsChart = {
      ...sampleIntervals(),
      rows: Array.from({ length: 200 }, (_, i) => ({ name: `row ${i}`, control: false, value: i, low: null, high: null })),
    }
    expect(seriesOf(intervalsChart(many, style))[1].data).toHaveLength(MOST_INTERVALS)
    expect(leftOutIntervals(many)).toBe(140)
    expect(leftOutIntervals(sampleIntervals())).toBe(0)
    const some = { ...many, rows: many.rows.slice(0, 10) }
    const more = { ...many, rows: many.rows.slice(0, 20) }
    expect(intervalsHeight(more, style) - intervalsHeight(some, style)).toBeCloseTo(16 * 7, 9)
    expect(intervalsHeight(more, { ...style, width: 60 })).toBeGreaterThan(intervalsHeight(more, style))
    expect(intervalsTable(many).rows).toHaveLength(200)
  })

  it('leaves out what is not a number', () => {
    const rows = [{ name: 'a', control: false, value: NaN, low: null, high: null }]
    const chart: IntervalsChart = { ...sampleIntervals(), rows, reference: null }
    expect(seriesOf(intervalsChart(chart, style))).toEqual([])
    expect(intervalsTable(chart).rows).toEqual([['a', 0, null, null, null]])
  })

  it('tabulates every row', () => {
    expect(intervalsTable(sampleIntervals()).rows.slice(0, 2)).toEqual([
      ['Upsampled activations', 0, -0.012, -0.021, -0.003],
      ['Deconv+GB', 0, 0.061, 0.05, 0.072],
    ])
  })
})
