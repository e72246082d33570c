import type { AblationChartData } from '../../../core/charts/ablation.ts'

/** The values of one curve at a number of removed features. */
export interface CurveValue {
  readonly accuracy: number
  readonly random: { readonly mean: number; readonly low: number; readonly high: number } | null
  /** False: between two measured numbers, on the straight line. */
  readonly measured: boolean
}

/** All measured numbers of removed features, ascending. */
export function removedNumbers({ curves }: AblationChartData): number[] {
  return [...new Set(curves.flatMap(({ selected }) => selected.removed))].sort((a, b) => a - b)
}

/** The measured number nearest to a place on the axis; null without any. */
export function nearestNumber(numbers: readonly number[], place: number): number | null {
  if (numbers.length === 0) return null
  return numbers.reduce((best, number) => (Math.abs(number - place) < Math.abs(best - place) ? number : best))
}

/** Null where the curve does not reach. */
export function valueAt(curve: AblationChartData['curves'][number], removed: number): CurveValue | null {
  const { selected, random } = curve
  const after = selected.removed.findIndex((number) => number >= removed)
  if (after < 0) return null
  const exact = selected.removed[after] === removed
  if (!exact && after === 0) return null
  const before = exact ? after : after - 1
  const [from, to] = [selected.removed[before], selected.removed[after]]
  const share = exact ? 0 : (removed - from) / (to - from)
  const between = (values: readonly number[]): number => values[before] + share * (values[after] - values[before])
  return {
    accuracy: between(selected.accuracy),
    random: random ? { mean: between(random.mean), low: between(random.low), high: between(random.high) } : null,
    measured: exact,
  }
}
