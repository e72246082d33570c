import type { BarSeriesOption, EChartsOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xClassAxis, yValueAxis } from './frame.ts'
import { whiskerSeries } from './shapes.ts'
import { backgroundOf, inkOf, PALETTE, shorten, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** A loss of accuracy, a fraction, with the ends of its 95 % interval where there is one. */
export interface Loss {
  readonly value: number
  readonly low?: number
  readonly high?: number
}

export interface ClasswiseChartData {
  /** In drawing order. Losses after removing only the features of this class. */
  readonly classes: readonly {
    readonly name: string
    readonly onClass: Loss
    readonly onOthers: Loss
    /** On the class itself, with as many random features of the same layers removed. */
    readonly onClassRandom: Loss
  }[]
}

const SERIES = [
  { key: 'onClass', label: 'its features removed: the class itself', colour: PALETTE.blue },
  { key: 'onOthers', label: 'its features removed: other classes', colour: PALETTE.orange },
  { key: 'onClassRandom', label: 'random features removed: the class itself', colour: '#9a9a9a' },
] as const

/** Share of a class's slot that its group of bars takes, and of a bar that a whisker's cap takes. */
const GROUP_SHARE = 0.78
const CAP_SHARE = 0.45

/** Grouped bars of the loss of accuracy per class, with 95 % intervals. */
export function classwiseChart(data: ClasswiseChartData, style: ChartStyle): EChartsOption {
  const size = style.fontSize
  const losses = data.classes.flatMap((one) => SERIES.map(({ key }) => one[key]))
  const ends = losses.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
  const y = niceTicks(Math.min(0, ...ends), Math.max(0.01, ...ends), 5)
  const { legend, height } = legendAbove(SERIES.map(({ key, label }) => ({ name: key, label, icon: 'rect' })), style)

  const yLabels = tickLabels(y)
  const measure = (text: string): number => style.measureText(text, size)
  const roughWidth = style.width - 4 * size - Math.max(...yLabels.map(measure))
  const slot = roughWidth / Math.max(1, data.classes.length)
  const names = data.classes.map(({ name }) => shorten(name, style.height * 0.3, measure))
  const longest = Math.max(0, ...names.map(measure))
  const rotate = longest < slot * 0.92 ? 0 : slot > 1.7 * size ? 45 : 90
  const every = rotate === 90 ? Math.ceil((size * 1.15) / slot) : 1
  const xLabelHeight = rotate === 0 ? size : longest * Math.sin((rotate * Math.PI) / 180) + size * 0.6
  const area = plotArea(style, { legendHeight: height, yLabels, xLabelHeight, xLabelOverhang: 0 })

  const plotWidth = style.width - Number(area.grid.left) - Number(area.grid.right)
  const barWidth = (plotWidth / Math.max(1, data.classes.length)) * (GROUP_SHARE / SERIES.length)
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    grid: area.grid,
    xAxis: xClassAxis(style, { name: 'Class', nameGap: area.xNameGap, names, rotate, every }),
    yAxis: yValueAxis(style, { name: 'Loss of accuracy (fraction)', nameGap: area.yNameGap, ticks: y }),
    series: [
      ...SERIES.map(({ key, colour }, index): BarSeriesOption => ({
        type: 'bar',
        name: key,
        silent: true,
        color: colour,
        barWidth,
        barGap: '0%',
        data: data.classes.map((one) => one[key].value),
        ...(index === 0 && y.min < 0
          ? {
              markLine: {
                silent: true,
                symbol: 'none',
                label: { show: false },
                lineStyle: { color: inkOf(style), width: 0.6, type: 'solid' },
                data: [{ yAxis: 0 }],
              },
            }
          : {}),
      })),
      ...SERIES.map(({ key }, seriesIndex) =>
        whiskerSeries(
          data.classes.flatMap((one, index) => {
            const { low, high } = one[key]
            if (low === undefined || high === undefined) return []
            return [{ index, offset: (seriesIndex - (SERIES.length - 1) / 2) * barWidth, low, high }]
          }),
          inkOf(style),
          barWidth * CAP_SHARE,
        ),
      ),
    ],
  }
}

/**
 * The classes that lose most by the removal of their own features, at most so many, in their order: a chart of 1000
 * classes has bars thinner than ink.
 */
export function mostAffected(data: ClasswiseChartData, most: number): ClasswiseChartData {
  if (data.classes.length <= most) return data
  const positions = [...data.classes.keys()].sort(
    (a, b) => data.classes[b].onClass.value - data.classes[a].onClass.value || a - b,
  )
  return { classes: positions.slice(0, most).sort((a, b) => a - b).map((position) => data.classes[position]) }
}

export function classwiseTable(data: ClasswiseChartData): Table {
  const prefixes = ['loss_on_class', 'loss_on_others', 'loss_on_class_random']
  return {
    columns: ['class', ...prefixes.flatMap((prefix) => [prefix, `${prefix}_band95_low`, `${prefix}_band95_high`])],
    rows: data.classes.map((one): Cell[] => [
      one.name,
      ...SERIES.flatMap(({ key }) => [one[key].value, one[key].low ?? null, one[key].high ?? null]),
    ]),
  }
}
