import type { CustomSeriesOption, LineSeriesOption } from 'echarts'
import { describe, expect, it, vi } from 'vitest'
import { sampleIntervals, sampleLines } from '../../../core/charts/sample-checks.ts'
import type { ChartTheme } from '../../composables/use-chart-theme.ts'
import { checkChartHeight, checkOption, intervalsTooltip, linesTooltip } from './check-option.ts'

// A page that measures no text.
vi.stubGlobal('document', { createElement: () => ({ getContext: () => null }) })

const theme: ChartTheme = {
  ink: '#eeeeee',
  softInk: '#aaaaaa',
  gridLine: '#333333',
  background: '#111111',
  accent: '#4488ff',
  fontFamily: 'sans-serif',
  fontSize: 12,
  tooltip: {
    renderMode: 'richText',
    backgroundColor: '#111111',
    borderColor: '#333333',
    textStyle: { color: '#eeeeee', fontSize: 12, fontFamily: 'sans-serif' },
  },
}

describe('checkOption', () => {
  it('draws with the colours of the theme, lines wider than in print', () => {
    const { series, backgroundColor } = checkOption(sampleLines(), 600, theme)
    expect(backgroundColor).toBe('#111111')
    const widths = (series as LineSeriesOption[]).filter(({ type }) => type === 'line').map((line) => line.lineStyle?.width)
    expect(Math.max(...(widths as number[]))).toBeGreaterThan(1.4)
  })

  it('lets the pointer find the rows and not the reference', () => {
    const { series } = checkOption(sampleIntervals(), 600, theme)
    expect((series as CustomSeriesOption[]).map(({ name, silent }) => [name, silent])).toEqual([
      ['reference', true],
      ['compared', false],
      ['control', false],
    ])
  })

  it('is higher where the legend needs more lines, and with more rows', () => {
    expect(checkChartHeight(sampleLines(), 300, theme)).toBeGreaterThan(checkChartHeight(sampleLines(), 1200, theme))
    const more = { ...sampleIntervals(), rows: [...sampleIntervals().rows, ...sampleIntervals().rows] }
    expect(checkChartHeight(more, 600, theme)).toBeGreaterThan(checkChartHeight(sampleIntervals(), 600, theme))
  })

  it('tells the values under the pointer with their intervals', () => {
    const chart = sampleLines()
    const y = chart.series[0].y[2]
    const text = linesTooltip(chart, [
      { seriesType: 'custom', value: [0, 0] },
      { seriesType: 'line', seriesName: '0', value: [0.1, y] },
      { seriesType: 'line', seriesName: '3', value: [0.1, 0.07] },
    ])
    expect(text.split('\n')[0]).toBe('Threshold on the heatmap (0 to 1): 0.1')
    expect(text.split('\n')[1]).toMatch(/^0\.\d+ \(0\.\d+ to 0\.\d+\) {2}Ours/)
    expect(text.split('\n')[2]).toBe('0.07  Random map')
    expect(linesTooltip(chart, [])).toBe('')
    expect(intervalsTooltip(sampleIntervals(), 1)).toBe('Deconv+GB\n0.061 (0.05 to 0.072)')
    expect(intervalsTooltip(sampleIntervals(), 3)).toMatch(/\n0\.1$/)
  })
})
