import type { EChartsOption, LineSeriesOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xValueAxis, yValueAxis } from './frame.ts'
import { bandSeries } from './shapes.ts'
import { backgroundOf, DASHES, lineType, PALETTE, textStyle } from './style.ts'
import type { ChartStyle, Dash } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** Intersection over union at each threshold, `[thresholds]`, averaged over images. */
export interface IouCurve {
  readonly method: string
  /** Controls (random map, centre box, Sobel, constant map, randomised weights) are drawn thin and dashed. */
  readonly control: boolean
  readonly iou: readonly number[]
  /** 95 % interval of the mean over images, `[thresholds]`. */
  readonly low?: readonly number[]
  readonly high?: readonly number[]
  /** Area under the curve, as evaluated; shown in the legend. */
  readonly area: number
  /** Not drawn; the others keep their colours. */
  readonly hidden?: boolean
}

/** How the line of a curve is drawn. */
export interface IouLook {
  readonly colour: string
  readonly dash: Dash
  readonly width: number
}

export interface IouChartData {
  readonly thresholds: readonly number[]
  readonly curves: readonly IouCurve[]
}

const METHOD_COLOURS = [PALETTE.blue, PALETTE.vermilion, PALETTE.green, PALETTE.purple, PALETTE.orange]
const CONTROL_COLOURS = [PALETTE.gray, PALETTE.black, PALETTE.skyBlue, '#a8705f', '#b0b000']
const METHOD_DASHES: readonly Dash[] = [DASHES.solid, DASHES.dashDotted, DASHES.dashed]
const CONTROL_DASHES: readonly Dash[] = [
  DASHES.dotted,
  DASHES.dashed,
  DASHES.dashDotted,
  DASHES.longDashed,
  DASHES.sparse,
]

/** Looks of the curves, in their order. */
export function iouLooks(
  curves: readonly Pick<IouCurve, 'control'>[],
  { ink = PALETTE.black }: Pick<ChartStyle, 'ink'>,
): IouLook[] {
  const counters = { method: 0, control: 0 }
  const controlColours = CONTROL_COLOURS.map((colour) => (colour === PALETTE.black ? ink : colour))
  return curves.map(({ control }) => {
    const index = control ? counters.control++ : counters.method++
    const colours = control ? controlColours : METHOD_COLOURS
    const dashes = control ? CONTROL_DASHES : METHOD_DASHES
    return { colour: colours[index % colours.length], dash: dashes[index % dashes.length], width: control ? 0.9 : 1.4 }
  })
}

/** IoU with the mask against the threshold on the [0, 1] heatmap, one line per method. */
export function iouChart(data: IouChartData, style: ChartStyle): EChartsOption {
  const looks = iouLooks(data.curves, style)
  const lines = data.curves.map((curve, i) => ({ curve, ...looks[i] })).filter(({ curve }) => !curve.hidden)
  const values = lines.flatMap(({ curve: { iou, high } }) => [...iou, ...(high ?? [])])
  const y = niceTicks(0, Math.max(0.05, ...values), 5)
  const x = niceTicks(0, 1, 5)
  const { legend, height } = legendAbove(
    lines.map(({ curve: { method, area } }, index) => ({
      name: String(index),
      label: method,
      suffix: ` (area ${area.toFixed(3)})`,
    })),
    style,
  )
  const plot = plotArea(style, {
    legendHeight: height,
    yLabels: tickLabels(y),
    xLabelHeight: style.fontSize,
    xLabelOverhang: style.measureText('1.0', style.fontSize) / 2,
  })
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    grid: plot.grid,
    xAxis: xValueAxis(style, { name: 'Threshold on the heatmap (0 to 1)', nameGap: plot.xNameGap, ticks: x }),
    yAxis: yValueAxis(style, { name: 'Intersection over union', nameGap: plot.yNameGap, ticks: y }),
    series: [
      ...lines.flatMap(({ curve: { low, high }, colour }) =>
        low && high ? [bandSeries({ x: data.thresholds, low, high }, colour)] : [],
      ),
      ...lines.map(({ curve, colour, dash, width }, index): LineSeriesOption => ({
        type: 'line',
        name: String(index),
        silent: true,
        symbol: 'none',
        z: curve.control ? 2 : 3,
        color: colour,
        lineStyle: { color: colour, width, type: lineType(dash) },
        data: data.thresholds.map((threshold, i) => [threshold, curve.iou[i]]),
      })),
    ],
  }
}

export function iouTable(data: IouChartData): Table {
  return {
    columns: ['method', 'control', 'threshold', 'iou', 'band95_low', 'band95_high', 'area'],
    rows: data.curves.flatMap(({ method, control, iou, low, high, area }) =>
      data.thresholds.map((threshold, i): Cell[] => [
        method,
        control ? 1 : 0,
        threshold,
        iou[i],
        low?.[i] ?? null,
        high?.[i] ?? null,
        area,
      ]),
    ),
  }
}
