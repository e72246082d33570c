import type { EChartsOption, LineSeriesOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xValueAxis, yValueAxis } from './frame.ts'
import { bandSeries } from './shapes.ts'
import type { Band } from './shapes.ts'
import { backgroundOf, DASHES, lineType, PALETTE, textStyle } from './style.ts'
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
  /** One for each layer set, in the order of their colours. */
  readonly curves: readonly {
    readonly name: string
    readonly selected: AblationCurve
    readonly random?: RandomCurve
  }[]
  /** Accuracy, a fraction, of the whole network. */
  readonly original: number
  /** The class whose accuracy is drawn; mean class accuracy where absent. */
  readonly className?: string
}

/** Besides names of layer sets, what can be left out of the chart. */
export const RANDOM_CURVES = 'Random'
export const ORIGINAL_CURVE = 'Original'

interface DrawnSeries {
  readonly id: string
  readonly label: string
  readonly suffix?: string
  readonly colour: string
  readonly dash: Dash
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly band?: Band
}

/** Of the layer sets, in their order. */
export const CURVE_COLOURS = [
  PALETTE.blue,
  PALETTE.vermilion,
  PALETTE.green,
  PALETTE.purple,
  PALETTE.orange,
  PALETTE.skyBlue,
]

function drawnSeries(data: AblationChartData, hidden: readonly string[], ink: string = PALETTE.black): DrawnSeries[] {
  const series: DrawnSeries[] = []
  for (const [index, { name, selected, random }] of data.curves.entries()) {
    // A curve keeps its colour whatever else is hidden.
    const colour = CURVE_COLOURS[index % CURVE_COLOURS.length]
    if (hidden.includes(name)) continue
    series.push({ id: name, label: name, colour, dash: DASHES.solid, x: selected.removed, y: selected.accuracy })
    if (!random || hidden.includes(RANDOM_CURVES)) continue
    const { removed: x, mean, low, high, repeats } = random
    const label = `${RANDOM_CURVES} for ${name}`
    const suffix = ` (${repeats} runs, 95 % band)`
    series.push({ id: label, label, suffix, colour, dash: DASHES.dotted, x, y: mean, band: { x, low, high } })
  }
  if (hidden.includes(ORIGINAL_CURVE)) return series
  const furthest = Math.max(0, ...data.curves.flatMap(({ selected }) => selected.removed))
  series.push({
    id: ORIGINAL_CURVE,
    label: ORIGINAL_CURVE,
    colour: ink,
    dash: DASHES.dashed,
    x: [0, furthest],
    y: [data.original, data.original],
  })
  return series
}

/**
 * Accuracy against the number of removed features (paper, Fig. 4). `hidden` names what is left out: layer sets,
 * `Random`, `Original`.
 */
export function ablationChart(
  data: AblationChartData,
  style: ChartStyle,
  hidden: readonly string[] = [],
): EChartsOption {
  const series = drawnSeries(data, hidden, style.ink)
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
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    grid: area.grid,
    xAxis: xValueAxis(style, { name: 'Removed features (number)', nameGap: area.xNameGap, ticks: x }),
    yAxis: yValueAxis(style, { name: accuracyTitle(data), nameGap: area.yNameGap, ticks: y }),
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

function accuracyTitle({ className }: AblationChartData): string {
  return className === undefined ? 'Mean class accuracy (fraction)' : 'Accuracy of the class (fraction)'
}

/** One row per drawn point; the band's ends only where the series has a band. */
export function ablationTable(
  data: AblationChartData,
  hidden: readonly string[] = [],
): Table {
  return {
    columns: [
      'series',
      'removed_features',
      data.className === undefined ? 'mean_class_accuracy' : 'class_accuracy',
      'band95_low',
      'band95_high',
    ],
    rows: drawnSeries(data, hidden).flatMap(({ id, x, y, band }) =>
      x.map((removed, i): Cell[] => [id, removed, y[i], band?.low[i] ?? null, band?.high[i] ?? null]),
    ),
  }
}
