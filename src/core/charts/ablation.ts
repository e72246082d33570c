import type { EChartsOption, LineSeriesOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xValueAxis, yValueAxis } from './frame.ts'
import { bandSeries } from './shapes.ts'
import type { Band } from './shapes.ts'
import { DASHES, lineType, PALETTE, textStyle } from './style.ts'
import type { ChartStyle, Dash } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** Mean class accuracy, a fraction, after removing each number of features; `[points]` each. */
export interface AblationCurve {
  readonly removed: readonly number[]
  readonly accuracy: readonly number[]
}

/** Random removals of the same number from the same layers: mean and 95 % band; `[points]` each. */
export interface RandomCurve {
  readonly removed: readonly number[]
  readonly mean: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly repeats: number
}

export interface AblationChartData {
  readonly all?: { readonly selected: AblationCurve; readonly random?: RandomCurve }
  readonly onlyConv?: { readonly selected: AblationCurve; readonly random?: RandomCurve }
  /** Mean class accuracy, a fraction, of the whole network. */
  readonly original: number
}

export const ABLATION_SERIES = ['all', 'all-random', 'onlyconv', 'onlyconv-random', 'original'] as const
export type AblationSeries = (typeof ABLATION_SERIES)[number]

interface DrawnSeries {
  readonly id: AblationSeries
  readonly label: string
  readonly suffix?: string
  readonly colour: string
  readonly dash: Dash
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly band?: Band
}

function drawnSeries(data: AblationChartData, shown: readonly AblationSeries[]): DrawnSeries[] {
  const series: DrawnSeries[] = []
  const pairs = [
    { id: 'all', label: 'All', colour: PALETTE.blue, set: data.all },
    { id: 'onlyconv', label: 'OnlyConv', colour: PALETTE.vermilion, set: data.onlyConv },
  ] as const
  for (const { id, label, colour, set } of pairs) {
    if (!set) continue
    series.push({ id, label, colour, dash: DASHES.solid, x: set.selected.removed, y: set.selected.accuracy })
    if (!set.random) continue
    const { removed: x, mean, low, high, repeats } = set.random
    series.push({
      id: `${id}-random`,
      label: `Random for ${label}`,
      suffix: ` (${repeats} runs, 95 % band)`,
      colour,
      dash: DASHES.dotted,
      x,
      y: mean,
      band: { x, low, high },
    })
  }
  const furthest = Math.max(0, ...series.flatMap(({ x }) => x))
  series.push({
    id: 'original',
    label: 'Original',
    colour: PALETTE.black,
    dash: DASHES.dashed,
    x: [0, furthest],
    y: [data.original, data.original],
  })
  return series.filter(({ id }) => shown.includes(id))
}

/** Mean class accuracy against the number of removed features (paper, Fig. 4). */
export function ablationChart(
  data: AblationChartData,
  style: ChartStyle,
  shown: readonly AblationSeries[] = ABLATION_SERIES,
): EChartsOption {
  const series = drawnSeries(data, shown)
  const values = series.flatMap(({ y, band }) => [...y, ...(band?.low ?? []), ...(band?.high ?? [])])
  const lowest = Math.min(1, ...values)
  const y = niceTicks(lowest > 0.5 ? lowest : 0, Math.max(lowest, ...values), 5)
  const x = niceTicks(0, Math.max(1, ...series.flatMap((one) => one.x)), style.width > 40 * style.fontSize ? 8 : 5, 1)
  const { legend, height } = legendAbove(
    series.map(({ id, label, suffix = '' }) => ({ name: id, label, suffix })),
    style,
  )
  const area = plotArea(style, {
    legendHeight: height,
    yLabels: tickLabels(y),
    xLabelHeight: style.fontSize,
    xLabelOverhang: style.measureText(String(x.max), style.fontSize) / 2,
  })
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: textStyle(style),
    legend,
    grid: area.grid,
    xAxis: xValueAxis(style, { name: 'Removed features (number)', nameGap: area.xNameGap, ticks: x }),
    yAxis: yValueAxis(style, { name: 'Mean class accuracy (fraction)', nameGap: area.yNameGap, ticks: y }),
    series: [
      ...series.flatMap(({ band, colour }) => (band ? [bandSeries(band, colour)] : [])),
      ...series.map((one): LineSeriesOption => ({
        type: 'line',
        name: one.id,
        silent: true,
        symbol: 'none',
        z: 3,
        color: one.colour,
        lineStyle: { color: one.colour, width: one.dash === DASHES.solid ? 1.4 : 1, type: lineType(one.dash) },
        data: one.x.map((value, i) => [value, one.y[i]]),
      })),
    ],
  }
}

/** One row per drawn point; the band's ends only where the series has a band. */
export function ablationTable(
  data: AblationChartData,
  shown: readonly AblationSeries[] = ABLATION_SERIES,
): Table {
  return {
    columns: ['series', 'removed_features', 'mean_class_accuracy', 'band95_low', 'band95_high'],
    rows: drawnSeries(data, shown).flatMap(({ id, x, y, band }) =>
      x.map((removed, i): Cell[] => [id, removed, y[i], band?.low[i] ?? null, band?.high[i] ?? null]),
    ),
  }
}
