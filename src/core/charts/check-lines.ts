import type { EChartsOption, LineSeriesOption } from 'echarts'
import type { LinesChart } from '../../shared/checks.ts'
import { axisTitle, ticksAround } from './check-range.ts'
import { legendAbove, plotArea, tickLabels, xValueAxis, yValueAxis } from './frame.ts'
import { bandSeries } from './shapes.ts'
import { backgroundOf, DASHES, lineType, PALETTE, textStyle } from './style.ts'
import type { ChartStyle, Dash } from './style.ts'
import type { Cell, Table } from './table.ts'

type Series = LinesChart['series'][number]

const COLOURS = [PALETTE.blue, PALETTE.vermilion, PALETTE.green, PALETTE.purple, PALETTE.orange, PALETTE.skyBlue]
const DASHES_OF_METHODS: readonly Dash[] = [DASHES.solid, DASHES.dashDotted, DASHES.dashed]
const CONTROL_COLOURS = [PALETTE.gray, '#a8705f']
const DASHES_OF_CONTROLS: readonly Dash[] = [DASHES.dotted, DASHES.dashed, DASHES.longDashed, DASHES.dashDotted]

interface Look {
  readonly colour: string
  readonly dash: Dash
  readonly width: number
}

/** Looks of the series, in their order: controls thin and gray, told apart by their dashes. */
function looksOf(series: readonly Pick<Series, 'control'>[]): Look[] {
  const counters = { method: 0, control: 0 }
  return series.map(({ control }) => {
    if (!control) {
      const index = counters.method++
      return {
        colour: COLOURS[index % COLOURS.length],
        dash: DASHES_OF_METHODS[index % DASHES_OF_METHODS.length],
        width: 1.4,
      }
    }
    const index = counters.control++
    const round = Math.floor(index / DASHES_OF_CONTROLS.length)
    return {
      colour: CONTROL_COLOURS[round % CONTROL_COLOURS.length],
      dash: DASHES_OF_CONTROLS[index % DASHES_OF_CONTROLS.length],
      width: 0.9,
    }
  })
}

/** The points of a series that are numbers. */
function pointsOf({ x, y }: Series): [number, number][] {
  return x.flatMap((value, i): [number, number][] => {
    const point: [number, number] = [value, y[i] ?? NaN]
    return point.every(Number.isFinite) ? [point] : []
  })
}

/** Bands of more controls than these would lie over each other and over everything else. */
const MOST_CONTROL_BANDS = 2

/** Whether the bands of controls are drawn; the table has them in any case. */
export function drawsControlBands({ series }: LinesChart): boolean {
  return series.filter((each) => each.control && each.low !== undefined).length <= MOST_CONTROL_BANDS
}

/** The 95 % band, where it is known. */
function bandOf({ x, low, high }: Series): { x: number[]; low: number[]; high: number[] } | null {
  if (!low || !high) return null
  const known = x.flatMap((value, i) => {
    const point = { x: value, low: low[i] ?? NaN, high: high[i] ?? NaN }
    return Object.values(point).every(Number.isFinite) ? [point] : []
  })
  if (known.length === 0) return null
  return { x: known.map((each) => each.x), low: known.map((each) => each.low), high: known.map((each) => each.high) }
}

function legendOf({ series }: LinesChart, style: ChartStyle): ReturnType<typeof legendAbove> {
  return legendAbove(
    series.map(({ name }, index) => ({ name: String(index), label: name })),
    style,
  )
}

/** Room that the legend takes above the plot, in units of the drawing; the height of the style has no say in it. */
export function linesLegendHeight(chart: LinesChart, style: Omit<ChartStyle, 'height'>): number {
  return legendOf(chart, { ...style, height: 0 }).height
}

/** Lines of a check with their 95 % bands. */
export function linesChart(chart: LinesChart, style: ChartStyle): EChartsOption {
  const looks = looksOf(chart.series)
  const withControls = drawsControlBands(chart)
  const lines = chart.series.map((series, i) => ({
    series,
    points: pointsOf(series),
    band: series.control && !withControls ? null : bandOf(series),
    ...looks[i],
  }))
  const x = ticksAround(
    lines.flatMap(({ points }) => points.map(([at]) => at)),
    style.width > 40 * style.fontSize ? 8 : 5,
  )
  const y = ticksAround(
    lines.flatMap(({ points, band }) => [
      ...points.map(([, value]) => value),
      ...(band?.low ?? []),
      ...(band?.high ?? []),
    ]),
    5,
  )
  const { legend, height } = legendOf(chart, style)
  const plot = plotArea(style, {
    legendHeight: height,
    yLabels: tickLabels(y),
    xLabelHeight: style.fontSize,
    xLabelOverhang: style.measureText(tickLabels(x).at(-1) ?? '', style.fontSize) / 2,
  })
  const [width, tall] = [
    style.width - Number(plot.grid.left) - Number(plot.grid.right),
    style.height - Number(plot.grid.top) - Number(plot.grid.bottom),
  ]
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    grid: plot.grid,
    xAxis: xValueAxis(style, { name: axisTitle(chart.xTitle, width, style), nameGap: plot.xNameGap, ticks: x }),
    yAxis: yValueAxis(style, {
      name: axisTitle(chart.yTitle, tall, style),
      nameGap: plot.yNameGap,
      ticks: y,
    }),
    series: [
      ...lines.flatMap(({ band, colour }) => (band ? [bandSeries(band, colour)] : [])),
      ...lines.map(({ series, points, colour, dash, width: lineWidth }, index): LineSeriesOption => ({
        type: 'line',
        name: String(index),
        silent: true,
        // A line of one point is no line.
        symbol: points.length === 1 ? 'circle' : 'none',
        symbolSize: style.fontSize * 0.6,
        z: series.control ? 2 : 3,
        color: colour,
        lineStyle: { color: colour, width: lineWidth, type: lineType(dash) },
        data: points,
      })),
    ],
  }
}

/** One row for each point; no value where it is not a number. */
export function linesTable({ series }: LinesChart): Table {
  const cell = (value: number | undefined): Cell => (value !== undefined && Number.isFinite(value) ? value : null)
  return {
    columns: ['series', 'control', 'x', 'y', 'interval95_low', 'interval95_high'],
    rows: series.flatMap(({ name, control, x, y, low, high }) =>
      x.map((at, i): Cell[] => [name, control ? 1 : 0, cell(at), cell(y[i]), cell(low?.[i]), cell(high?.[i])]),
    ),
  }
}
