import type { GridComponentOption, LegendComponentOption, XAXisComponentOption, YAXisComponentOption } from 'echarts'
import { gridLineOf, inkOf, shorten, textStyle } from './style.ts'
import type { ChartStyle } from './style.ts'
import type { Ticks } from './ticks.ts'

/** Space between the drawing's border and everything in it, in units of the font size. */
const MARGIN = 0.4
const ROW = 1.45
const ICON = 2.6
/** What echarts leaves between a legend's icon and its text, in units of the drawing. */
const LABEL_GAP = 5
/** A line without the marker that echarts puts on it. */
const WITHOUT_SYMBOL = { itemStyle: { opacity: 0 } }

export interface LegendEntry {
  /** Name of the series. */
  readonly name: string
  readonly label: string
  /** Follows the label and is never shortened. */
  readonly suffix?: string
  /** A line of the series' style where absent. */
  readonly icon?: 'rect' | 'circle'
}

/**
 * Legend rows above the plot, filled from left to right and never wider than the drawing. Each row is a legend
 * of its own, so that its height is known and the plot can start below it.
 */
export function legendAbove(
  entries: readonly LegendEntry[],
  style: ChartStyle,
): { legend: LegendComponentOption[]; height: number } {
  const size = style.fontSize
  const gap = size
  const available = style.width - 2 * MARGIN * size
  const beforeText = ICON * size + LABEL_GAP
  const measure = (text: string): number => style.measureText(text, size)
  const rows: { name: string; text: string; icon: LegendEntry['icon'] }[][] = []
  let used = Infinity
  for (const { name, label, suffix = '', icon } of entries) {
    const text = shorten(label, available - beforeText - measure(suffix), measure) + suffix
    const width = beforeText + measure(text)
    if (used + gap + width > available) {
      rows.push([])
      used = -gap
    }
    rows.at(-1)!.push({ name, text, icon })
    used += gap + width
  }
  const legend = rows.map((row, index): LegendComponentOption => {
    const texts = new Map(row.map(({ name, text }) => [name, text]))
    return {
      left: MARGIN * size,
      top: MARGIN * size + index * ROW * size,
      padding: 0,
      itemGap: gap,
      itemWidth: ICON * size,
      itemHeight: size * 0.8,
      lineStyle: { width: 'inherit' },
      selectedMode: false,
      textStyle: textStyle(style),
      data: row.map(({ name, icon }) => ({ name, ...(icon === undefined ? WITHOUT_SYMBOL : { icon }) })),
      formatter: (name: string) => texts.get(name) ?? name,
    }
  })
  return { legend, height: (MARGIN + rows.length * ROW) * size }
}

/** The plot's rectangle, with room for tick labels and axis titles. */
export function plotArea(
  style: ChartStyle,
  room: { legendHeight: number; yLabels: readonly string[]; xLabelHeight: number; xLabelOverhang: number },
): { grid: GridComponentOption; yNameGap: number; xNameGap: number } {
  const size = style.fontSize
  const labelWidth = Math.max(...room.yLabels.map((label) => style.measureText(label, size)))
  const tick = size
  return {
    grid: {
      left: MARGIN * size + 1.4 * size + labelWidth + tick,
      right: MARGIN * size + Math.max(room.xLabelOverhang, size * 0.5),
      top: room.legendHeight + size * 0.9,
      bottom: MARGIN * size + 1.4 * size + room.xLabelHeight + tick,
      outerBoundsMode: 'none',
    },
    yNameGap: labelWidth + tick + size * 0.3,
    xNameGap: room.xLabelHeight + tick * 1.1,
  }
}

interface ValueAxis {
  readonly name: string
  readonly nameGap: number
  readonly ticks: Ticks
}

export function xValueAxis(style: ChartStyle, axis: ValueAxis): XAXisComponentOption {
  return {
    ...axisBase(style, axis),
    type: 'value',
    min: axis.ticks.min,
    max: axis.ticks.max,
    interval: axis.ticks.interval,
    splitLine: { show: false },
    axisLine: { show: true, onZero: false, lineStyle: { color: inkOf(style), width: 0.6, cap: 'butt' } },
    axisLabel: { ...axisLabel(style), formatter: (value: number) => value.toFixed(axis.ticks.decimals) },
  }
}

/** Powers of ten from `lowest` to `highest`, exponents. */
export function xPowerAxis(
  style: ChartStyle,
  axis: { name: string; nameGap: number; lowest: number; highest: number; text: (power: number) => string },
): XAXisComponentOption {
  return {
    ...axisBase(style, axis),
    type: 'log',
    logBase: 10,
    min: 10 ** axis.lowest,
    max: 10 ** axis.highest,
    splitLine: { show: false },
    axisLine: { show: true, onZero: false, lineStyle: { color: inkOf(style), width: 0.6, cap: 'butt' } },
    axisLabel: { ...axisLabel(style), formatter: (value: number) => axis.text(Math.round(Math.log10(value))) },
  }
}

export function yValueAxis(style: ChartStyle, axis: ValueAxis): YAXisComponentOption {
  return {
    ...axisBase(style, axis),
    type: 'value',
    nameRotate: 90,
    min: axis.ticks.min,
    max: axis.ticks.max,
    interval: axis.ticks.interval,
    splitLine: { show: true, lineStyle: { color: gridLineOf(style), width: 0.5 } },
    axisLine: { show: true, onZero: false, lineStyle: { color: inkOf(style), width: 0.6, cap: 'butt' } },
    axisLabel: { ...axisLabel(style), formatter: (value: number) => value.toFixed(axis.ticks.decimals) },
  }
}

/**
 * Class names under the plot; every `every`-th is written. The categories are positions, because echarts merges
 * equal names, and shortened names may be equal.
 */
export function xClassAxis(
  style: ChartStyle,
  axis: { name: string; nameGap: number; names: readonly string[]; rotate: number; every: number },
): XAXisComponentOption {
  return {
    ...axisBase(style, axis),
    type: 'category',
    data: axis.names.map((_, position) => String(position)),
    axisTick: { show: false },
    axisLine: { show: true, onZero: false, lineStyle: { color: inkOf(style), width: 0.6, cap: 'butt' } },
    axisLabel: {
      ...axisLabel(style),
      hideOverlap: false,
      rotate: axis.rotate,
      interval: axis.every - 1,
      formatter: (position: string) => axis.names[Number(position)] ?? '',
    },
  }
}

/** Names beside the plot, from top to bottom; every `every`-th is written. Categories are positions, as above. */
export function yClassAxis(style: ChartStyle, names: readonly string[], every = 1): YAXisComponentOption {
  return {
    type: 'category',
    inverse: true,
    data: names.map((_, position) => String(position)),
    axisTick: { show: false },
    axisLine: { show: true, onZero: false, lineStyle: { color: inkOf(style), width: 0.6, cap: 'butt' } },
    axisLabel: {
      ...axisLabel(style),
      hideOverlap: false,
      interval: every - 1,
      formatter: (position: string) => names[Number(position)] ?? '',
    },
  }
}

/** The tick labels as they will be written, to measure them. */
export function tickLabels(ticks: Ticks): string[] {
  const count = Math.round((ticks.max - ticks.min) / ticks.interval)
  return Array.from({ length: count + 1 }, (_, i) => (ticks.min + i * ticks.interval).toFixed(ticks.decimals))
}

function axisBase(style: ChartStyle, axis: { name: string; nameGap: number }) {
  return {
    name: axis.name,
    nameLocation: 'middle' as const,
    nameGap: axis.nameGap,
    nameTextStyle: textStyle(style),
    nameMoveOverlap: false,
    axisTick: { show: true, length: style.fontSize * 0.35, lineStyle: { color: inkOf(style), width: 0.6 } },
  }
}

function axisLabel(style: ChartStyle) {
  return { ...textStyle(style), margin: style.fontSize * 0.85, hideOverlap: true }
}
