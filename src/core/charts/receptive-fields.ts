import type { EChartsOption, LineSeriesOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xClassAxis, yValueAxis } from './frame.ts'
import { backgroundOf, DASHES, inkOf, lineType, PALETTE, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** What one unit of a layer sees. Pairs are `[vertical, horizontal]`, in pixels of the input. */
export interface LayerField {
  readonly number: number
  readonly name: string
  readonly operator: string
  readonly kind: 'convolutional' | 'fully-connected'
  readonly receptiveField: readonly [number, number]
  /** Between neighbouring units; null where a unit sees everything. */
  readonly stride: readonly [number, number] | null
}

export interface ReceptiveFieldsChartData {
  /** `[height, width]` of the input. */
  readonly input: readonly [number, number]
  /** In the order of the network. */
  readonly layers: readonly LayerField[]
}

/** Colours of the two kinds of layers; in print those of their numbers (paper, Fig. 1 and 6). */
export type KindColours = Readonly<Record<LayerField['kind'], string>>

const PRINT_COLOURS: KindColours = { convolutional: '#2e9e4f', 'fully-connected': '#f58fb8' }
const KINDS = ['convolutional', 'fully-connected'] as const
/** Above this many layers ticks would run into one another. */
const MOST_TICKS = 80
const INPUT = 'input'

/** The longer side of each receptive field, layer by layer, beside that of the input. */
export function receptiveFieldsChart(
  { input, layers }: ReceptiveFieldsChartData,
  style: ChartStyle,
  colours: KindColours = PRINT_COLOURS,
): EChartsOption {
  const size = style.fontSize
  const sizes = layers.map(({ receptiveField }) => Math.max(...receptiveField))
  const longest = Math.max(...input)
  const kinds = KINDS.filter((kind) => layers.some((layer) => layer.kind === kind))
  const { legend, height } = legendAbove(
    [
      ...kinds.map((kind) => ({ name: kind, label: `${kind.replace('-', ' ')} layer`, icon: 'rect' as const })),
      { name: INPUT, label: `input, ${input.join(' × ')} px` },
    ],
    style,
  )
  const y = niceTicks(0, Math.max(longest, ...sizes), 5)
  const yLabels = tickLabels(y)
  const measure = (text: string): number => style.measureText(text, size)
  const names = layers.map(({ number }) => String(number))
  const area = plotArea(style, { legendHeight: height, yLabels, xLabelHeight: size, xLabelOverhang: 0 })
  const slot = (style.width - Number(area.grid.left) - Number(area.grid.right)) / Math.max(1, layers.length)
  const every = Math.max(1, Math.ceil((Math.max(0, ...names.map(measure)) + size * 0.6) / slot))
  const symbolSize = Math.max(size * 0.3, Math.min(size * 0.75, slot * 0.8))
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    grid: area.grid,
    xAxis: {
      ...xClassAxis(style, { name: 'Layer', nameGap: area.xNameGap, names, rotate: 0, every }),
      axisTick: {
        show: layers.length <= MOST_TICKS,
        alignWithLabel: true,
        interval: every - 1,
        length: size * 0.35,
        lineStyle: { color: inkOf(style), width: 0.6 },
      },
    },
    yAxis: yValueAxis(style, { name: 'Receptive field (pixels)', nameGap: area.yNameGap, ticks: y }),
    series: [
      {
        type: 'line',
        name: INPUT,
        silent: true,
        symbol: 'none',
        color: PALETTE.gray,
        lineStyle: { color: PALETTE.gray, width: 0.9, type: lineType(DASHES.dashed) },
        data: layers.map(() => longest),
      },
      {
        type: 'line',
        name: 'fields',
        silent: true,
        symbol: 'none',
        step: 'middle',
        lineStyle: { color: inkOf(style), width: 1 },
        data: sizes,
      },
      ...kinds.map((kind): LineSeriesOption => ({
        type: 'line',
        name: kind,
        silent: true,
        symbol: 'circle',
        symbolSize,
        showAllSymbol: true,
        color: colours[kind],
        lineStyle: { width: 0 },
        data: layers.map((layer, i) => (layer.kind === kind ? (sizes[i] ?? null) : null)),
      })),
    ],
  }
}

/** One row per layer; strides are empty where a unit sees everything. */
export function receptiveFieldsTable({ layers }: ReceptiveFieldsChartData): Table {
  return {
    columns: [
      'layer_number',
      'layer_name',
      'operator',
      'layer_kind',
      'receptive_field_height',
      'receptive_field_width',
      'stride_height',
      'stride_width',
    ],
    rows: layers.map(({ number, name, operator, kind, receptiveField, stride }): Cell[] => [
      number,
      name,
      operator,
      kind,
      ...receptiveField,
      ...(stride ?? [null, null]),
    ]),
  }
}
