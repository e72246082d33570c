import type { EChartsOption, LineSeriesOption } from 'echarts'
import { legendAbove, plotArea, tickLabels, xValueAxis, yValueAxis } from './frame.ts'
import { backgroundOf, DASHES, lineType, PALETTE, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** Weights of one class on the exact path of the mu-Lasso: linear between neighbouring values of mu. */
export interface PathChartData {
  /** `||w||_1`, rising from 0. */
  readonly mu: readonly number[]
  /** Largest magnitude at the right end first; `weights` has one value for each mu. */
  readonly features: readonly { readonly name: string; readonly weights: readonly number[] }[]
}

const COLOURS = [PALETTE.blue, PALETTE.vermilion, PALETTE.green, PALETTE.purple, PALETTE.orange, PALETTE.skyBlue]
/** Features with a colour and a line of the legend; the others are gray. */
const NAMED = COLOURS.length
const OTHERS = 'others'
const OTHERS_COLOUR = '#b5b5b5'

/** Weight against mu, one line per feature. */
export function pathChart(data: PathChartData, style: ChartStyle): EChartsOption {
  const named = data.features.slice(0, NAMED)
  const others = data.features.slice(NAMED)
  const values = data.features.flatMap(({ weights }) => [Math.min(...weights), Math.max(...weights)])
  const y = niceTicks(Math.min(0, ...values), Math.max(0, ...values), 5)
  const x = niceTicks(0, Math.max(0, ...data.mu) || 1, style.width > 40 * style.fontSize ? 8 : 5)
  const { legend, height } = legendAbove(
    [
      ...named.map(({ name }, index) => ({ name: String(index), label: name })),
      ...(others.length > 0 ? [{ name: OTHERS, label: otherFeatures(others.length) }] : []),
    ],
    style,
  )
  const plot = plotArea(style, {
    legendHeight: height,
    yLabels: tickLabels(y),
    xLabelHeight: style.fontSize,
    xLabelOverhang: style.measureText(tickLabels(x).at(-1) ?? '', style.fontSize) / 2,
  })
  const line = (name: string, weights: readonly number[], colour: string, width: number): LineSeriesOption => ({
    type: 'line',
    name,
    silent: true,
    symbol: 'none',
    color: colour,
    lineStyle: { color: colour, width, type: lineType(DASHES.solid) },
    data: data.mu.map((mu, i) => [mu, weights[i]]),
  })
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    grid: plot.grid,
    xAxis: xValueAxis(style, { name: 'μ (bound on the l1 norm of the weights)', nameGap: plot.xNameGap, ticks: x }),
    yAxis: yValueAxis(style, { name: 'Weight', nameGap: plot.yNameGap, ticks: y }),
    series: [
      ...others.map(({ weights }) => line(OTHERS, weights, OTHERS_COLOUR, 0.5)),
      ...named.map(({ weights }, index) => line(String(index), weights, COLOURS[index], 1.2)).reverse(),
    ],
  }
}

function otherFeatures(count: number): string {
  return count === 1 ? '1 other feature' : `${count} other features`
}

/** One row per feature and breakpoint. */
export function pathTable(data: PathChartData): Table {
  return {
    columns: ['feature', 'mu', 'weight'],
    rows: data.features.flatMap(({ name, weights }) => data.mu.map((mu, i): Cell[] => [name, mu, weights[i]])),
  }
}
