import type { EChartsOption, LineSeriesOption } from 'echarts'
import { iouChart, type IouCurve } from '../../../core/charts/iou.ts'
import { IOU_THRESHOLDS } from '../../../core/iou.ts'
import { measureText, type ChartTheme } from '../../composables/use-chart-theme.ts'

/** Lines on a screen are wider than in print. */
export const SCREEN_WIDTH = 1.4

/**
 * IoU curves on the screen: without the legend of the printed figure, which the table beside the chart stands for,
 * and with the values under the pointer. `mark`: a threshold that is pointed out.
 */
export function iouOption(curves: readonly IouCurve[], theme: ChartTheme, mark: number | null = null): EChartsOption {
  const { ink, gridLine, background, fontFamily, fontSize, softInk } = theme
  const option = iouChart(
    { thresholds: IOU_THRESHOLDS, curves },
    {
      // Lengths matter to the legend alone.
      width: 1000,
      height: 400,
      fontFamily,
      fontSize,
      measureText: (text, size) => measureText(text, size, fontFamily),
      ink,
      gridLine,
      background,
    },
  )
  const shown = curves.filter(({ hidden }) => !hidden)
  const series = (option.series as LineSeriesOption[]).map((line) => ({
    ...line,
    lineStyle: { ...line.lineStyle, width: Number(line.lineStyle?.width ?? 1) * SCREEN_WIDTH },
  }))
  return {
    ...option,
    legend: [],
    grid: { ...option.grid, top: 10 },
    tooltip: {
      ...theme.tooltip,
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: softInk, type: 'solid', width: 1 } },
      formatter: (items: unknown) => tooltipText(shown, items),
    },
    series:
      mark === null
        ? series
        : [
            ...series,
            {
              type: 'line',
              name: 'threshold',
              data: [],
              silent: true,
              markLine: {
                silent: true,
                symbol: 'none',
                label: { show: false },
                lineStyle: { color: softInk, type: 'dashed', width: 1 },
                data: [{ xAxis: mark }],
              },
            },
          ],
  }
}

/** The values at one threshold, largest first. */
export function tooltipText(shown: readonly IouCurve[], items: unknown): string {
  const [item] = items as { readonly dataIndex?: number }[]
  const at = item?.dataIndex ?? 0
  const values = shown.map(({ method, iou }) => ({ method, value: iou[at] ?? 0 })).sort((a, b) => b.value - a.value)
  return [
    `Threshold ${(IOU_THRESHOLDS[at] ?? 0).toFixed(2)}`,
    ...values.map(({ method, value }) => `${value.toFixed(3)}  ${method}`),
  ].join('\n')
}
