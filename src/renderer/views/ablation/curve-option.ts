import type { EChartsOption, LineSeriesOption } from 'echarts'
import { ablationChart, ORIGINAL_CURVE, RANDOM_CURVES, type AblationChartData } from '../../../core/charts/ablation.ts'
import { DASHES, type ChartStyle } from '../../../core/charts/style.ts'
import { measureText, type ChartTheme } from '../../composables/use-chart-theme.ts'
import { formatShare } from '../../lib/format.ts'
import { nearestNumber, removedNumbers, valueAt, type CurveValue } from './curve-data.ts'

/** Thinnest line, in CSS pixels. */
const SCREEN_LINE = 1.4
/** Dots of printed lines are a point wide, which fades on a screen, most of all on a dark one. */
const SCREEN_DOTS = { width: 2, type: [2, 3] }
/** Share of white in a colour of printed paper on a dark screen. */
const LIGHTENED = 0.35

/** A colour `#rrggbb` of printed paper, lighter where the screen is dark: the palette is made for white. */
export function screenColour(colour: string, { background }: Pick<ChartTheme, 'background'>): string {
  const isDark = parseInt(background.slice(1, 3), 16) < 128
  if (!isDark) return colour
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
  return `#${channels.map((value) => hex(value + (255 - value) * LIGHTENED)).join('')}`
}

function hex(value: number): string {
  return Math.round(value).toString(16).padStart(2, '0')
}

/** The style of a chart of core/charts on the screen. */
export function screenStyle(theme: ChartTheme, size: { readonly width: number; readonly height: number }): ChartStyle {
  const { fontFamily, fontSize, ink, gridLine, background } = theme
  return {
    width: size.width,
    height: size.height,
    fontFamily,
    fontSize,
    ink,
    gridLine,
    background,
    measureText: (text, textSize) => measureText(text, textSize, fontFamily),
  }
}

/**
 * The curves with their values under the pointer. The buttons above the chart are its legend. `marked`: a number of
 * removed features to show with a line.
 */
export function curveOption(
  data: AblationChartData,
  hidden: readonly string[],
  theme: ChartTheme,
  size: { readonly width: number; readonly height: number },
  marked: number | null,
): EChartsOption {
  const option = ablationChart(data, screenStyle(theme, size), hidden)
  const numbers = removedNumbers(data)
  const series = [option.series ?? []].flat().map((one) => {
    if (one.type !== 'line') return one
    const printed = typeof one.color === 'string' ? one.color : theme.ink
    const color = one.name === ORIGINAL_CURVE ? theme.ink : screenColour(printed, theme)
    const width = Math.max(SCREEN_LINE, one.lineStyle?.width ?? 0)
    const dotted = String(one.lineStyle?.type) === String(DASHES.dotted)
    return { ...one, color, lineStyle: { ...one.lineStyle, color, width, ...(dotted ? SCREEN_DOTS : {}) } }
  })
  const first = series.findIndex(({ type }) => type === 'line')
  if (marked !== null && first >= 0) {
    series[first] = {
      ...(series[first] as LineSeriesOption),
      markLine: {
        silent: true,
        symbol: 'none',
        label: { show: false },
        lineStyle: { color: theme.softInk, width: 1, type: 'dotted' },
        data: [{ xAxis: marked }],
      },
    }
  }
  return {
    ...option,
    legend: { show: false },
    grid: { ...(option.grid as object), top: theme.fontSize },
    tooltip: {
      ...theme.tooltip,
      trigger: 'axis',
      axisPointer: { type: 'line', snap: true, lineStyle: { color: theme.softInk, type: 'dotted' } },
      formatter: (found: unknown) => {
        const [pointed] = found as { axisValue: number }[]
        const number = pointed ? nearestNumber(numbers, pointed.axisValue) : null
        return number === null ? '' : readingText(data, hidden, number)
      },
    },
    series: series,
  }
}

/** All shown curves at a number of removed features, a line for each. */
export function readingText(data: AblationChartData, hidden: readonly string[], removed: number): string {
  const lines = [`${removed} removed ${removed === 1 ? 'feature' : 'features'}`]
  for (const curve of data.curves) {
    if (hidden.includes(curve.name)) continue
    const value = valueAt(curve, removed)
    if (!value) continue
    lines.push(`${curve.name}: ${accuracyText(value)}`)
    if (value.random && !hidden.includes(RANDOM_CURVES)) {
      lines.push(`${RANDOM_CURVES} for ${curve.name}: ${randomText(value)}`)
    }
  }
  if (!hidden.includes(ORIGINAL_CURVE)) lines.push(`${ORIGINAL_CURVE}: ${formatShare(data.original)}`)
  return lines.join('\n')
}

/** With `≈` where it is read between two measured numbers. */
export function accuracyText({ accuracy, measured }: CurveValue): string {
  return `${measured ? '' : '≈ '}${formatShare(accuracy)}`
}

/** Mean and the band that holds 95 % of the random sets. */
export function randomText({ random, measured }: CurveValue): string {
  if (!random) return '–'
  const [mean, low, high] = [random.mean, random.low, random.high].map((share) => (share * 100).toFixed(1))
  return `${measured ? '' : '≈ '}${mean} (${low}–${high}) %`
}
