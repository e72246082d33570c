import type { EChartsOption, LineSeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts'
import { receptiveFieldsChart, type KindColours } from '../../../core/charts/receptive-fields.ts'
import type { ModelReport } from '../../../shared/model-report.ts'
import { measureText, type ChartTheme } from '../../composables/use-chart-theme.ts'
import { formatCount } from '../../lib/format.ts'
import { kindOf, pairText } from './layers.ts'

/** Lines on a screen are wider than in print. */
const LINE_WIDTH = 1.5

/**
 * Pixels of the input that one unit sees, layer by layer: the printed chart without its legend, which the badges of
 * the table beside it stand for, and with the layer under the pointer.
 */
export function receptiveFieldChart(
  { input, layers }: Pick<ModelReport, 'input' | 'layers'>,
  theme: ChartTheme,
  colours: KindColours,
): EChartsOption {
  const { softInk, gridLine, background, fontFamily, fontSize } = theme
  const [height = 1, width = 1] = input.length === 1 ? [1, input[0]] : input
  const option = receptiveFieldsChart(
    { input: [height, width], layers: layers.map((layer) => ({ ...layer, kind: kindOf(layer) })) },
    {
      // The chart fills its box: lengths matter to the marks and, without the legend, to which numbers are written.
      width: 420,
      height: 180,
      fontFamily,
      fontSize,
      measureText: (text, size) => measureText(text, size, fontFamily),
      ink: softInk,
      gridLine,
      background,
    },
    colours,
  )
  const series = (option.series as LineSeriesOption[]).map((line) => ({
    ...line,
    lineStyle: { ...line.lineStyle, width: Number(line.lineStyle?.width ?? 1) * LINE_WIDTH },
  }))
  const xAxis = option.xAxis as XAXisComponentOption
  return {
    ...option,
    legend: [],
    // The panel says of what.
    yAxis: { ...(option.yAxis as YAXisComponentOption), name: 'Pixels' },
    xAxis: { ...xAxis, axisLabel: { ...xAxis.axisLabel, interval: 'auto', hideOverlap: true } } as XAXisComponentOption,
    grid: { ...option.grid, top: 10 },
    tooltip: {
      trigger: 'axis',
      ...theme.tooltip,
      formatter: (params) => {
        const [first] = Array.isArray(params) ? params : [params]
        const layer = layers[first?.dataIndex ?? -1]
        return layer ? describeField(layer) : ''
      },
    },
    series,
  }
}

function describeField(layer: ModelReport['layers'][number]): string {
  const { number, name, receptiveField, stride } = layer
  const apart = stride === null ? 'one unit sees everything' : `${pairText(stride)} px apart`
  return `${number} ${name}\n${receptiveField.map(formatCount).join(' × ')} px, ${apart}`
}
