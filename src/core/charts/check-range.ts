import { shorten } from './style.ts'
import type { ChartStyle } from './style.ts'
import { niceTicks } from './ticks.ts'
import type { Ticks } from './ticks.ts'

/** What the charts of the checks share: they are told neither what is measured nor how large it gets. */

/** Ticks around the values that are numbers; from zero where zero is not far away. */
export function ticksAround(values: readonly number[], wanted: number): Ticks {
  const known = values.filter(Number.isFinite)
  if (known.length === 0) return niceTicks(0, 1, wanted)
  const low = Math.min(...known)
  const high = Math.max(...known)
  const from = low > 0 && low <= high / 2 ? 0 : low
  const to = high < 0 && high >= low / 2 ? 0 : high
  const whole = known.every(Number.isInteger)
  if (from === to) return from === 0 ? niceTicks(0, 1, wanted) : niceTicks(Math.min(0, from), Math.max(0, to), wanted)
  return niceTicks(from, to, wanted, whole ? 1 : 0)
}

/** The title of an axis, no longer than its axis. */
export function axisTitle(title: string, length: number, style: ChartStyle): string {
  return shorten(title, Math.max(0, length), (text) => style.measureText(text, style.fontSize))
}

/** A name in at most two lines no wider than given, broken between words; the second ends in an ellipsis if need be. */
export function linesOfName(name: string, width: number, style: Pick<ChartStyle, 'fontSize' | 'measureText'>): string[] {
  const measure = (text: string): number => style.measureText(text, style.fontSize)
  if (measure(name) <= width) return [name]
  const words = name.split(' ')
  let first = words.length
  while (first > 1 && measure(words.slice(0, first).join(' ')) > width) first--
  return [words.slice(0, first).join(' '), words.slice(first).join(' ')]
    .filter((line) => line !== '')
    .map((line) => shorten(line, width, measure))
}
