import type { CustomSeriesOption, EChartsOption, XAXisComponentOption, YAXisComponentOption } from 'echarts'
import type { IntervalsChart } from '../../shared/checks.ts'
import { axisTitle, linesOfName, ticksAround } from './check-range.ts'
import { legendAbove, plotArea, tickLabels, xValueAxis, yClassAxis } from './frame.ts'
import { backgroundOf, gridLineOf, inkOf, PALETTE, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Cell, Table } from './table.ts'
import type { Ticks } from './ticks.ts'

type Row = IntervalsChart['rows'][number]

/** Rows that are drawn; a table holds the others. */
export const MOST_INTERVALS = 60

/** Height of a row, where a name has two lines, and of all else in the drawing, in font sizes. */
const ROW = 1.6
const ROW_OF_TWO = 2.7
const LINE = 1.15
const AROUND = 5.5
const LEGEND = 1.5

const KINDS = [
  { key: 'compared', label: 'compared', control: false, colour: PALETTE.blue },
  { key: 'control', label: 'control', control: true, colour: PALETTE.gray },
] as const

function drawnRows({ rows }: IntervalsChart): readonly Row[] {
  return rows.filter(({ value }) => Number.isFinite(value)).slice(0, MOST_INTERVALS)
}

/** How many rows a drawing leaves out. */
export function leftOutIntervals(chart: IntervalsChart): number {
  return chart.rows.length - drawnRows(chart).length
}

function kindsOf(rows: readonly Row[]): (typeof KINDS)[number][] {
  return KINDS.filter(({ control }) => rows.some((row) => row.control === control))
}

/** Share of the width that the names take at most. */
const NAMES = 0.4

type Widths = Pick<ChartStyle, 'width' | 'fontSize' | 'measureText'>

function namesOf(rows: readonly Row[], style: Widths): string[][] {
  return rows.map(({ name }) => linesOfName(name, style.width * NAMES, style))
}

/** The height at which each row has room, in units of the drawing. */
export function intervalsHeight(chart: IntervalsChart, style: Widths): number {
  const rows = drawnRows(chart)
  const row = namesOf(rows, style).some((lines) => lines.length > 1) ? ROW_OF_TWO : ROW
  return (AROUND + (kindsOf(rows).length > 1 ? LEGEND : 0) + Math.max(2, rows.length) * row) * style.fontSize
}

/** One row for each thing that is compared, from top to bottom: a point and the whiskers of its 95 % interval. */
export function intervalsChart(chart: IntervalsChart, style: ChartStyle): EChartsOption {
  const size = style.fontSize
  const measure = (text: string): number => style.measureText(text, size)
  const rows = drawnRows(chart)
  const names = namesOf(rows, style)
  const kinds = kindsOf(rows)
  const { legend, height } = legendAbove(
    kinds.length > 1 ? kinds.map(({ key, label }) => ({ name: key, label, icon: 'rect' })) : [],
    style,
  )
  const x = ticksAround(
    [
      ...rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]),
      ...(chart.reference === null ? [] : [chart.reference]),
    ],
    style.width > 40 * size ? 8 : 4,
  )
  const area = plotArea(style, {
    legendHeight: height,
    yLabels: names.length > 0 ? names.flat() : [''],
    xLabelHeight: size,
    xLabelOverhang: measure(tickLabels(x).at(-1) ?? '') / 2,
  })
  // The names need no title: its room goes to the plot.
  const left = Number(area.grid.left) - 1.4 * size
  const length = style.width - left - Number(area.grid.right)
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    grid: { ...area.grid, left },
    xAxis: {
      ...xTitleBelow(chart.xTitle, { length, left, gap: area.xNameGap, ticks: x }, style),
      splitLine: { show: true, lineStyle: { color: gridLineOf(style), width: 0.5 } },
    },
    yAxis: nameAxis(names, style),
    series: [
      ...(chart.reference === null ? [] : [referenceSeries(chart.reference, rows.length, inkOf(style))]),
      ...kinds.map(({ key, control, colour }) =>
        pointSeries(
          key,
          rows.flatMap((row, index) => (row.control === control ? [{ ...row, index }] : [])),
          { colour, background: backgroundOf(style), size, control },
        ),
      ),
    ],
  }
}

function nameAxis(names: readonly (readonly string[])[], style: ChartStyle): YAXisComponentOption {
  const axis = yClassAxis(style, names.map((lines) => lines.join('\n')))
  const axisLabel = { ...axis.axisLabel, lineHeight: style.fontSize * LINE } as NonNullable<typeof axis.axisLabel>
  return { ...axis, axisLabel } as YAXisComponentOption
}

/** The axis with its title in the middle or, where it is longer than the axis, ending where the axis ends. */
function xTitleBelow(
  title: string,
  { length, left, gap, ticks }: { length: number; left: number; gap: number; ticks: Ticks },
  style: ChartStyle,
): XAXisComponentOption {
  const size = style.fontSize
  if (style.measureText(title, size) <= length) return xValueAxis(style, { name: title, nameGap: gap, ticks })
  return {
    ...xValueAxis(style, { name: axisTitle(title, left + length - size * 0.4, style), nameGap: 0, ticks }),
    nameLocation: 'end',
    nameTextStyle: { ...textStyle(style), align: 'right', verticalAlign: 'top', padding: [gap, 0, 0, 0] },
  }
}

/** A dashed line across all rows. */
function referenceSeries(at: number, rows: number, colour: string): CustomSeriesOption {
  return {
    type: 'custom',
    name: 'reference',
    silent: true,
    clip: true,
    z: 1,
    encode: { x: 0, y: 1 },
    data: [[at, 0]],
    renderItem: (_params, api) => {
      const [x, first] = api.coord([at, 0]) as [number, number]
      const [, last] = api.coord([at, Math.max(0, rows - 1)]) as [number, number]
      const half = ((api.size!([0, 1]) as number[])[1] ?? 0) / 2
      return {
        type: 'line',
        shape: { x1: x, y1: first - half, x2: x, y2: last + half },
        style: { stroke: colour, lineWidth: 0.8, lineDash: [4, 2] },
      }
    },
  }
}

/** Methods are full circles with whiskers, controls hollow ones with thinner whiskers. */
function pointSeries(
  name: string,
  rows: readonly (Row & { readonly index: number })[],
  { colour, background, size, control }: { colour: string; background: string; size: number; control: boolean },
): CustomSeriesOption {
  const stroke = control ? 0.7 : 1.2
  return {
    type: 'custom',
    name,
    silent: true,
    clip: true,
    z: 3,
    color: colour,
    itemStyle: { color: colour },
    encode: { x: 0, y: 1 },
    data: rows.map(({ value, index }) => [value, index]),
    renderItem: (params, api) => {
      const { value, low, high, index } = rows[params.dataIndex]
      const [x, y] = api.coord([value, index]) as [number, number]
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: colour, lineWidth: stroke },
      })
      const cap = size * 0.25
      const whiskers = (low: number, high: number) => {
        const [from, to] = [low, high].map((end) => (api.coord([end, index]))[0])
        return [line(from, y, to, y), line(from, y - cap, from, y + cap), line(to, y - cap, to, y + cap)]
      }
      return {
        type: 'group',
        children: [
          ...(low !== null && high !== null ? whiskers(low, high) : []),
          {
            type: 'circle',
            shape: { cx: x, cy: y, r: size * 0.3 },
            style: { fill: control ? background : colour, stroke: colour, lineWidth: 1 },
          },
        ],
      }
    },
  }
}

/** All rows, those too that a drawing leaves out. */
export function intervalsTable({ rows }: IntervalsChart): Table {
  const cell = (value: number | null): Cell => (value !== null && Number.isFinite(value) ? value : null)
  return {
    columns: ['name', 'control', 'value', 'interval95_low', 'interval95_high'],
    rows: rows.map(({ name, control, value, low, high }): Cell[] => [
      name,
      control ? 1 : 0,
      cell(value),
      cell(low),
      cell(high),
    ]),
  }
}
