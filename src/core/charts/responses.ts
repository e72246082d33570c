import type { CustomSeriesOption, EChartsOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xValueAxis, yClassAxis } from './frame.ts'
import { backgroundOf, inkOf, PALETTE, shorten, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** How one feature responds to the images of one class. */
export interface ResponsesOfClass {
  readonly name: string
  /** Of the feature for the class; 0 where it is not relevant to it. */
  readonly weight: number
  readonly images: number
  readonly mean: number
  /** Quantiles 0.05, 0.25, 0.5, 0.75, 0.95. */
  readonly quantiles: readonly [number, number, number, number, number]
}

export interface ResponsesChartData {
  /** In drawing order, from top to bottom. */
  readonly classes: readonly ResponsesOfClass[]
}

const KINDS = [
  { key: 'relevant', label: 'relevant to the class (weight)', fill: '#9cc9e3', line: PALETTE.blue },
  { key: 'other', label: 'not relevant', fill: '#e6e6e6', line: PALETTE.gray },
] as const

/** Height of a class and of all else in the drawing, in font sizes. */
const ROW = 1.7
const AROUND = 7.5
/** Share of a class's slot that its box takes, and its whiskers' caps. */
const BOX_SHARE = 0.62
const CAP_SHARE = 0.3

/** The height at which each class has room, in units of the font size. */
export function responsesHeight(classes: number): number {
  return AROUND + Math.max(3, classes) * ROW
}

/** Horizontal box plots: a box from quartile to quartile with the median, whiskers from 5 % to 95 %. */
export function responsesChart({ classes }: ResponsesChartData, style: ChartStyle): EChartsOption {
  const size = style.fontSize
  const measure = (text: string): number => style.measureText(text, size)
  const names = classes.map(({ name, weight }) => {
    const suffix = weight === 0 ? '' : ` (${signed(weight)})`
    return shorten(name, style.width * 0.38 - measure(suffix), measure) + suffix
  })
  const shown = KINDS.filter(({ key }) => classes.some((each) => kindOf(each) === key))
  const { legend, height } = legendAbove(shown.map(({ key, label }) => ({ name: key, label, icon: 'rect' })), style)
  const values = classes.flatMap(({ quantiles }) => [...quantiles])
  const low = Math.min(0, ...values)
  const high = Math.max(low, ...values)
  const x = niceTicks(low, high > low ? high : low + 1, style.width > 40 * size ? 8 : 4)
  const area = plotArea(style, {
    legendHeight: height,
    yLabels: names.length > 0 ? names : [''],
    xLabelHeight: size,
    xLabelOverhang: measure(tickLabels(x).at(-1) ?? '') / 2,
  })
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    // The names need no title: its room goes to the plot.
    grid: { ...area.grid, left: Number(area.grid.left) - 1.4 * size },
    xAxis: {
      ...xValueAxis(style, { name: 'Response per image', nameGap: area.xNameGap, ticks: x }),
      splitLine: { show: true, lineStyle: { color: style.gridLine ?? '#e3e3e3', width: 0.5 } },
    },
    yAxis: yClassAxis(style, names),
    series: shown.map(({ key, fill, line }) =>
      boxSeries(
        key,
        classes.flatMap((each, row) => (kindOf(each) === key ? [{ row, quantiles: each.quantiles }] : [])),
        { fill, line, median: inkOf(style) },
      ),
    ),
  }
}

function kindOf({ weight }: ResponsesOfClass): (typeof KINDS)[number]['key'] {
  return weight === 0 ? 'other' : 'relevant'
}

/** Three digits: the table has them all. */
function signed(weight: number): string {
  const magnitude = Math.abs(weight)
  const digits = magnitude >= 1e-3 ? String(Number(magnitude.toPrecision(3))) : magnitude.toExponential(1)
  return `${weight < 0 ? '-' : '+'}${digits}`
}

interface Box {
  readonly row: number
  readonly quantiles: ResponsesOfClass['quantiles']
}

/** echarts' own box plots would put those of two series side by side in half of the slot. */
function boxSeries(
  name: string,
  boxes: readonly Box[],
  colours: { fill: string; line: string; median: string },
): CustomSeriesOption {
  return {
    type: 'custom',
    name,
    silent: true,
    clip: true,
    color: colours.fill,
    itemStyle: { color: colours.fill, borderColor: colours.line, borderWidth: 0.7 },
    encode: { x: [0], y: 1 },
    data: boxes.map(({ row, quantiles }) => [quantiles[2], row]),
    renderItem: (params, api) => {
      const { row, quantiles } = boxes[params.dataIndex]
      const [low, lower, median, upper, high] = quantiles.map((value) => api.coord([value, row])[0])
      const y = api.coord([quantiles[2], row])[1]
      const slot = (api.size!([0, 1]) as number[])[1]
      const [half, cap] = [(slot * BOX_SHARE) / 2, (slot * CAP_SHARE) / 2]
      const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, lineWidth: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke, lineWidth },
      })
      return {
        type: 'group',
        children: [
          line(low, y, high, y, colours.line, 0.7),
          line(low, y - cap, low, y + cap, colours.line, 0.7),
          line(high, y - cap, high, y + cap, colours.line, 0.7),
          {
            type: 'rect',
            shape: { x: lower, y: y - half, width: upper - lower, height: 2 * half },
            style: { fill: colours.fill, stroke: colours.line, lineWidth: 0.7 },
          },
          line(median, y - half, median, y + half, colours.median, 1.2),
        ],
      }
    },
  }
}

/** One row per class, in drawing order. */
export function responsesTable({ classes }: ResponsesChartData): Table {
  return {
    columns: ['class', 'weight', 'images', 'mean', 'quantile_05', 'quantile_25', 'median', 'quantile_75', 'quantile_95'],
    rows: classes.map(({ name, weight, images, mean, quantiles }): Cell[] => [
      name,
      weight,
      images,
      mean,
      ...quantiles,
    ]),
  }
}
