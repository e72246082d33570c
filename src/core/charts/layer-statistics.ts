import type { CustomSeriesOption, EChartsOption, XAXisComponentOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xPowerAxis, xValueAxis, yClassAxis } from './frame.ts'
import { backgroundOf, gridLineOf, inkOf, PALETTE, shorten, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** How the channels of one layer respond over the training images, before any scaling. */
export interface LayerSpreadData {
  readonly number: number
  readonly name: string
  readonly kind: 'convolutional' | 'fully-connected'
  readonly features: number
  readonly mean: number
  readonly standardDeviation: number
  readonly largest: number
  /** Features that respond to no image. */
  readonly silent: number
}

export interface LayerStatisticsChartData {
  /** In the order of the network, from top to bottom. */
  readonly layers: readonly LayerSpreadData[]
  /** Layers may differ by orders of magnitude. */
  readonly logarithmic: boolean
}

/** The printed colours of the two kinds (paper, Fig. 1 and 6), lighter: the strokes lie over them. */
const FILLS = { convolutional: '#a9d8b5', 'fully-connected': '#fbcbdf' } as const
const KINDS = ['convolutional', 'fully-connected'] as const
const LARGEST = 'largest'

/** Heights in font sizes: of a layer, of a layer whose name can still be read, of all else, and of the whole. */
const ROW = 1.6
const SHORTEST_NAMED_ROW = 1.15
const AROUND = 9
const TALLEST = 95
/** Share of a layer's slot that its box takes. */
const BOX_SHARE = 0.6

/** The height of the drawing in units of the font size: layers have room as long as it fits a page. */
export function layerStatisticsHeight(layers: number): number {
  return Math.min(TALLEST, AROUND + Math.max(3, layers) * ROW)
}

/** A row for each layer: box from mean - SD to mean + SD with the mean, and a dot at the largest response. */
export function layerStatisticsChart(
  { layers, logarithmic }: LayerStatisticsChartData,
  style: ChartStyle,
): EChartsOption {
  const size = style.fontSize
  const measure = (text: string): number => style.measureText(text, size)
  const names = layers.map(({ number, name, silent }) => {
    const suffix = silent === 0 ? '' : ` (${silent} silent)`
    return shorten(`${number} ${name}`, style.width * 0.4 - measure(suffix), measure) + suffix
  })
  const kinds = KINDS.filter((kind) => layers.some((layer) => layer.kind === kind))
  const { legend, height } = legendAbove(
    [
      ...kinds.map((kind) => ({ name: kind, label: `mean ± SD, ${kind.replace('-', ' ')}`, icon: 'rect' as const })),
      { name: LARGEST, label: 'largest response', icon: 'circle' as const },
    ],
    style,
  )
  const scale = logarithmic ? powersAround(layers) : linearAround(layers, style.width > 40 * size ? 8 : 4)
  const area = plotArea(style, {
    legendHeight: height,
    yLabels: names.length > 0 ? names : [''],
    xLabelHeight: size,
    xLabelOverhang: measure(scale.labels.at(-1) ?? '') / 2,
  })
  const slot = (style.height - Number(area.grid.top) - Number(area.grid.bottom)) / Math.max(1, layers.length)
  const every = Math.max(1, Math.ceil((SHORTEST_NAMED_ROW * size) / slot))
  const axis = { name: 'Response per image', nameGap: area.xNameGap }
  const rows = (kind: LayerSpreadData['kind']): Box[] =>
    layers.flatMap((layer, row) => {
      const { mean, standardDeviation } = layer
      if (layer.kind !== kind || (logarithmic && mean <= 0)) return []
      return [{ row, low: mean - standardDeviation, mean, high: mean + standardDeviation }]
    })
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    // The names need no title: its room goes to the plot.
    grid: { ...area.grid, left: Number(area.grid.left) - 1.4 * size },
    xAxis: {
      ...scale.axis(style, axis),
      splitLine: { show: true, lineStyle: { color: gridLineOf(style), width: 0.5 } },
    },
    yAxis: yClassAxis(style, names, every),
    series: [
      ...kinds.map((kind) => boxSeries(kind, rows(kind), scale.min, inkOf(style))),
      {
        type: 'scatter',
        name: LARGEST,
        silent: true,
        symbol: 'circle',
        symbolSize: Math.min(size * 0.55, slot * 0.8),
        color: PALETTE.vermilion,
        data: layers.flatMap(({ largest }, row) => (logarithmic && largest <= 0 ? [] : [[largest, row]])),
      },
    ],
  }
}

interface Scale {
  readonly min: number
  readonly labels: readonly string[]
  readonly axis: (style: ChartStyle, axis: { name: string; nameGap: number }) => XAXisComponentOption
}

/** From zero, below which no response lies, though a deviation may. */
function linearAround(layers: readonly LayerSpreadData[], wanted: number): Scale {
  const high = Math.max(0, ...layers.map(highEnd))
  const ticks = niceTicks(0, high > 0 ? high : 1, wanted)
  return { min: 0, labels: tickLabels(ticks), axis: (style, axis) => xValueAxis(style, { ...axis, ticks }) }
}

/** From the power of ten below the smallest box to that above the largest response. */
function powersAround(layers: readonly LayerSpreadData[]): Scale {
  const responding = layers.filter(({ mean }) => mean > 0)
  // A deviation as large as the mean would stretch the axis without end.
  const low = responding.map(({ mean, standardDeviation }) => Math.max(mean - standardDeviation, mean / 10))
  const lowest = low.length > 0 ? Math.floor(Math.log10(Math.min(...low)) + 1e-9) : 0
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(0, ...responding.map(highEnd))) - 1e-9))
  const labels = Array.from({ length: highest - lowest + 1 }, (_, i) => powerText(lowest + i))
  return {
    min: 10 ** lowest,
    labels,
    axis: (style, axis) => xPowerAxis(style, { ...axis, lowest, highest, text: powerText }),
  }
}

function highEnd({ mean, standardDeviation, largest }: LayerSpreadData): number {
  return Math.max(mean + standardDeviation, largest)
}

function powerText(power: number): string {
  return power >= -3 && power <= 3 ? String(Number((10 ** power).toFixed(3))) : `1e${power}`
}

interface Box {
  readonly row: number
  readonly low: number
  readonly mean: number
  readonly high: number
}

function boxSeries(kind: LayerSpreadData['kind'], boxes: readonly Box[], min: number, ink: string): CustomSeriesOption {
  return {
    type: 'custom',
    name: kind,
    silent: true,
    clip: true,
    color: FILLS[kind],
    itemStyle: { color: FILLS[kind] },
    encode: { x: [0], y: 1 },
    data: boxes.map(({ mean, row }) => [mean, row]),
    renderItem: (params, api) => {
      const { row, low, mean, high } = boxes[params.dataIndex]
      const [left, middle, right] = [Math.max(min, low), mean, high].map((value) => api.coord([value, row])[0])
      const y = api.coord([mean, row])[1]
      const half = ((api.size!([0, 1]) as number[])[1] * BOX_SHARE) / 2
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: { x: left, y: y - half, width: right - left, height: 2 * half },
            style: { fill: FILLS[kind] },
          },
          {
            type: 'line',
            shape: { x1: middle, y1: y - half, x2: middle, y2: y + half },
            style: { stroke: ink, lineWidth: 1.2 },
          },
        ],
      }
    },
  }
}

/** One row per layer. */
export function layerStatisticsTable({ layers }: Pick<LayerStatisticsChartData, 'layers'>): Table {
  return {
    columns: [
      'layer_number', 'layer_name', 'layer_kind', 'features', 'mean', 'standard_deviation', 'largest', 'silent_features',
    ],
    rows: layers.map(({ number, name, kind, features, mean, standardDeviation, largest, silent }): Cell[] => [
      number, name, kind, features, mean, standardDeviation, largest, silent,
    ]),
  }
}
