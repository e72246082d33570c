import type { BarSeriesOption, EChartsOption } from 'echarts'
import { legendAbove, plotArea, xValueAxis, yClassAxis } from './frame.ts'
import { likeness, type Overlap } from './overlap-data.ts'
import { backgroundOf, gridLineOf, PALETTE, shorten, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Cell, Table } from './table.ts'
import { niceTicks } from './ticks.ts'

/** Which features of two layer sets are the same, class by class. */
export interface OverlapChartData {
  /** Names of the two layer sets. */
  readonly sets: readonly [string, string]
  /** Over all classes: features that are relevant to some class. */
  readonly any: Overlap
  /** In drawing order, from top to bottom. */
  readonly classes: readonly (Overlap & { readonly name: string })[]
}

const COLOURS = { onlyFirst: PALETTE.blue, both: '#5a5a5a', onlySecond: PALETTE.orange } as const
const KEYS = ['onlyFirst', 'both', 'onlySecond'] as const

/** Height of a class and of all else in the drawing, in font sizes. */
const ROW = 1.6
const AROUND = 7.5
/** Share of a class's slot that its bar takes. */
const BAR_SHARE = 0.66

/** The height at which each class has room, in units of the font size. */
export function overlapHeight(classes: number, legendLines: number): number {
  return AROUND + Math.max(3, classes) * ROW + Math.max(0, legendLines - 1) * 1.45
}

/** A stacked bar for each class: features of the first set alone, of both, of the second alone; the share of both. */
export function overlapChart({ sets, any, classes }: OverlapChartData, style: ChartStyle): EChartsOption {
  const size = style.fontSize
  const measure = (text: string): number => style.measureText(text, size)
  const names = classes.map(({ name }) => shorten(name, style.width * 0.34, measure))
  const labels = { onlyFirst: `only ${sets[0]}`, both: 'both', onlySecond: `only ${sets[1]}` }
  const { legend, height } = legendAbove(
    KEYS.map((key) => ({ name: key, label: labels[key], suffix: ` (${any[key]} in all)`, icon: 'rect' as const })),
    style,
  )
  const shares = classes.map(shareText)
  const longest = Math.max(1, ...classes.map((each) => each.onlyFirst + each.both + each.onlySecond))
  const x = niceTicks(0, longest, style.width > 40 * size ? 8 : 4, 1)
  const area = plotArea(style, {
    legendHeight: height,
    yLabels: names.length > 0 ? names : [''],
    xLabelHeight: size,
    // The shares stand behind the bars, the longest of which may end at the border of the plot.
    xLabelOverhang: Math.max(0, ...shares.map(measure)) + size * 0.8,
  })
  return {
    animation: false,
    backgroundColor: backgroundOf(style),
    textStyle: textStyle(style),
    legend,
    // The names need no title: its room goes to the plot.
    grid: { ...area.grid, left: Number(area.grid.left) - 1.4 * size },
    xAxis: {
      ...xValueAxis(style, { name: 'Relevant features (number; share of both)', nameGap: area.xNameGap, ticks: x }),
      splitLine: { show: true, lineStyle: { color: gridLineOf(style), width: 0.5 } },
    },
    yAxis: yClassAxis(style, names),
    series: KEYS.map((key): BarSeriesOption => ({
      type: 'bar',
      name: key,
      stack: 'features',
      silent: true,
      color: COLOURS[key],
      barCategoryGap: `${(1 - BAR_SHARE) * 100}%`,
      data: classes.map((each) => each[key]),
      ...(key === 'onlySecond'
        ? {
            label: {
              ...textStyle(style),
              show: true,
              position: 'right',
              distance: size * 0.4,
              formatter: ({ dataIndex }) => shares[dataIndex] ?? '',
            },
          }
        : {}),
    })),
  }
}

function shareText(overlap: Overlap): string {
  const share = likeness(overlap)
  return share === null ? 'no features' : `${Math.round(share * 100)} %`
}

/** All classes together, then one row per class in drawing order; the share is empty where there are no features. */
export function overlapTable({ sets, any, classes }: OverlapChartData): Table {
  const row = (name: Cell, overlap: Overlap): Cell[] => [
    name,
    ...sets,
    overlap.onlyFirst,
    overlap.both,
    overlap.onlySecond,
    likeness(overlap),
  ]
  return {
    columns: ['class', 'first_set', 'second_set', 'only_first', 'both', 'only_second', 'share_of_both'],
    rows: [row(null, any), ...classes.map((each) => row(each.name, each))],
  }
}
