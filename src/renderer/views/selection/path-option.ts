import type { EChartsOption } from 'echarts'
import type { PathCurve } from '../../../shared/results.ts'
import type { ChartTheme } from '../../composables/use-chart-theme.ts'
import { formatCount, formatNumber } from '../../lib/format.ts'
import type { MuScale } from './mu-scale.ts'

/** What of the path is drawn over mu. */
export type PathQuantity = 'nonZeros' | 'objective' | 'lambda'

export const PATH_QUANTITIES: readonly { value: PathQuantity; label: string; axis: string }[] = [
  { value: 'nonZeros', label: 'Features', axis: 'Relevant features (number)' },
  { value: 'objective', label: 'Objective', axis: 'Objective ½‖Xᵀw − l‖²' },
  { value: 'lambda', label: 'λ', axis: 'λ (fall of the objective per unit of μ)' },
]

export interface PathCursor {
  /** The mu that is looked at. */
  readonly mu: number
  /** The mu of the analysis. */
  readonly analysisMu: number
}

/**
 * One quantity of the path over mu on the scale of the slider, with a line at the mu that is looked at and a dashed
 * one at that of the analysis.
 */
export function pathOption(
  path: PathCurve,
  quantity: PathQuantity,
  scale: MuScale,
  cursor: PathCursor,
  theme: ChartTheme,
): EChartsOption {
  const points = pointsOf(path, quantity, scale)
  const { axis } = PATH_QUANTITIES.find(({ value }) => value === quantity) ?? PATH_QUANTITIES[0]
  const axisLine = { show: true, lineStyle: { color: theme.ink, width: 0.8 } }
  const text = { color: theme.softInk, fontFamily: theme.fontFamily, fontSize: theme.fontSize }
  const line = (mu: number, type: 'solid' | 'dashed', color: string, name: string) => ({
    name,
    xAxis: mu,
    lineStyle: { color, width: type === 'solid' ? 1.6 : 1, type },
    label: { show: false },
  })
  return {
    animation: false,
    textStyle: { fontFamily: theme.fontFamily, color: theme.ink },
    grid: { left: 62, right: 18, top: 14, bottom: 44 },
    tooltip: {
      ...theme.tooltip,
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: theme.softInk, type: 'dotted' } },
      formatter: (found: unknown) => {
        const [first] = found as { value: [number, number] }[]
        if (!first) return ''
        const [mu, value] = first.value
        return `μ = ${formatNumber(mu)}\n${quantity === 'nonZeros' ? `${formatCount(value)} features` : formatNumber(value)}`
      },
    },
    xAxis: {
      type: scale.kind === 'log' ? 'log' : 'value',
      min: scale.low,
      max: scale.high,
      name: 'μ (bound on ‖w‖₁)',
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: text,
      axisLabel: { ...text, hideOverlap: true, formatter: (value: number) => formatNumber(value) },
      axisLine,
      axisTick: axisLine,
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      name: axis,
      nameLocation: 'middle',
      nameRotate: 90,
      nameGap: 44,
      nameTextStyle: text,
      minInterval: quantity === 'nonZeros' ? 1 : 0,
      axisLabel: { ...text, formatter: (value: number) => formatNumber(value) },
      axisLine,
      splitLine: { lineStyle: { color: theme.gridLine } },
    },
    series: [
      {
        type: 'line',
        name: axis,
        symbol: 'none',
        lineStyle: { color: theme.accent, width: 1.6 },
        itemStyle: { color: theme.accent },
        data: quantity === 'nonZeros' ? stairs(points) : points,
        markLine: {
          silent: true,
          symbol: 'none',
          data: [
            line(cursor.analysisMu, 'dashed', theme.softInk, 'analysis'),
            line(cursor.mu, 'solid', theme.ink, 'cursor'),
          ],
        },
      },
    ],
  }
}

/** With the corners of a line that keeps each value up to the next: echarts' own steps slant where points are close. */
function stairs(points: readonly [number, number][]): [number, number][] {
  return points.flatMap(([mu, value], i): [number, number][] =>
    i === 0 ? [[mu, value]] : [[mu, points[i - 1][1]], [mu, value]],
  )
}

/**
 * Breakpoints within the scale, and where the path has ended the line that goes on for every larger mu. On a
 * logarithmic scale the first point of the path, mu = 0, has no place.
 */
export function pointsOf(path: PathCurve, quantity: PathQuantity, { low, high }: MuScale): [number, number][] {
  // Between breakpoints: there a feature that joins has no weight yet, and one that leaves has none any more.
  const values = quantity === 'nonZeros' ? path.nonZerosAfter : path[quantity]
  const points = Array.from(path.mu, (mu, i): [number, number] => [mu, values[i]])
  const shown = points.filter(([mu], i) => mu >= low && (mu <= high || (points[i - 1]?.[0] ?? 0) < high))
  const last = points.at(-1)
  if (path.complete && last && last[0] < high) shown.push([high, last[1]])
  return shown
}
