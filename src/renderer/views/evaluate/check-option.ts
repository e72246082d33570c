import type { CustomSeriesOption, EChartsOption, LineSeriesOption } from 'echarts'
import { intervalsChart, intervalsHeight } from '../../../core/charts/check-intervals.ts'
import { linesChart, linesLegendHeight } from '../../../core/charts/check-lines.ts'
import type { ChartStyle } from '../../../core/charts/style.ts'
import type { CheckChart, IntervalsChart, LinesChart } from '../../../shared/checks.ts'
import { measureText, type ChartTheme } from '../../composables/use-chart-theme.ts'
import { formatNumber } from '../../lib/format.ts'
import { SCREEN_WIDTH } from './iou-option.ts'

/** Of the plot of a chart of lines, CSS pixels. */
const PLOT_HEIGHT = 280

function styleOf(width: number, height: number, theme: ChartTheme): ChartStyle {
  const { fontFamily, fontSize, ink, gridLine, background } = theme
  return {
    width,
    height,
    fontFamily,
    fontSize,
    measureText: (text, size) => measureText(text, size, fontFamily),
    ink,
    gridLine,
    background,
  }
}

/** Height at which a chart of this width has room for all that it shows, CSS pixels. */
export function checkChartHeight(chart: CheckChart, width: number, theme: ChartTheme): number {
  const style = styleOf(width, 0, theme)
  return chart.kind === 'lines'
    ? PLOT_HEIGHT + linesLegendHeight(chart, style)
    : Math.ceil(intervalsHeight(chart, style))
}

/** A chart of a check as in print, with the values under the pointer. */
export function checkOption(chart: CheckChart, width: number, theme: ChartTheme): EChartsOption {
  const style = styleOf(width, checkChartHeight(chart, width, theme), theme)
  return chart.kind === 'lines' ? linesOption(chart, style, theme) : intervalsOption(chart, style, theme)
}

function linesOption(chart: LinesChart, style: ChartStyle, theme: ChartTheme): EChartsOption {
  const option = linesChart(chart, style)
  return {
    ...option,
    series: (option.series as (LineSeriesOption | CustomSeriesOption)[]).map((series) =>
      series.type === 'line'
        ? { ...series, lineStyle: { ...series.lineStyle, width: Number(series.lineStyle?.width ?? 1) * SCREEN_WIDTH } }
        : series,
    ),
    tooltip: {
      ...theme.tooltip,
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: theme.softInk, type: 'solid', width: 1 } },
      formatter: (items: unknown) => linesTooltip(chart, items),
    },
  }
}

/** The values of all lines near one place, as they stand in the legend. */
export function linesTooltip({ series, xTitle }: LinesChart, items: unknown): string {
  const points = (items as { seriesType?: string; seriesName?: string; value?: unknown }[]).filter(
    ({ seriesType }) => seriesType === 'line',
  )
  const [first] = points
  if (!first) return ''
  const valueOf = (value: unknown, at: 0 | 1): number => (value as [number, number])[at]
  return [
    `${xTitle}: ${formatNumber(valueOf(first.value, 0))}`,
    ...points.map(({ seriesName, value }) => {
      const line = series[Number(seriesName)]
      const at = line?.x.indexOf(valueOf(value, 0)) ?? -1
      const [low, high] = [line?.low?.[at], line?.high?.[at]]
      return `${formatNumber(valueOf(value, 1))}${rangeOf(low, high)}  ${line?.name ?? ''}`
    }),
  ].join('\n')
}

function intervalsOption(chart: IntervalsChart, style: ChartStyle, theme: ChartTheme): EChartsOption {
  const option = intervalsChart(chart, style)
  return {
    ...option,
    series: (option.series as CustomSeriesOption[]).map((series) =>
      series.name === 'reference' ? series : { ...series, silent: false },
    ),
    tooltip: {
      ...theme.tooltip,
      trigger: 'item',
      formatter: (item: unknown) => intervalsTooltip(chart, (item as { value: [number, number] }).value[1]),
    },
  }
}

/** One row; `position` among those that are drawn. */
export function intervalsTooltip({ rows }: IntervalsChart, position: number): string {
  const row = rows.filter(({ value }) => Number.isFinite(value))[position]
  if (!row) return ''
  return `${row.name}\n${formatNumber(row.value)}${rangeOf(row.low ?? undefined, row.high ?? undefined)}`
}

function rangeOf(low: number | undefined, high: number | undefined): string {
  if (low === undefined || high === undefined) return ''
  return ` (${formatNumber(low)} to ${formatNumber(high)})`
}
