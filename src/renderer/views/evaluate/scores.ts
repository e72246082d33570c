import { IOU_THRESHOLDS } from '../../../core/iou.ts'
import type { EvaluationResult, HeatmapScore } from '../../../shared/results.ts'

/** What the evaluation says in words and as rows of tables. */

/** The kind that the others are held against. */
const OURS = 'ours'

function scoreOfOurs({ scores }: EvaluationResult): HeatmapScore | null {
  return scores.find(({ kind }) => kind === OURS) ?? null
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  upsampled: 'Upsampled',
  'deconv-gb': 'Deconv+GB',
  ours: 'Ours',
  'random-weights': 'Shuffled',
  sobel: 'Sobel',
  'centre-box': 'Box',
  'random-map': 'Random',
  constant: 'Constant',
}

/** Of a kind of heatmap, where there is little room; give the whole name as a title. */
export function shortName({ kind, name }: Pick<HeatmapScore, 'kind' | 'name'>): string {
  return SHORT_NAMES[kind] ?? name
}

/** Area with the digits that a table shows. */
export function formatArea(area: number | null): string {
  return area === null ? '–' : area.toFixed(3)
}

/** A difference with its sign; a minus as wide as the plus. */
export function formatDifference(difference: number | null): string {
  if (difference === null) return '–'
  const text = Math.abs(difference).toFixed(3)
  if (Number(text) === 0) return text
  return `${difference > 0 ? '+' : '−'}${text}`
}

/** The control that reaches the largest value; null where there is none. */
function bestControl(
  scores: readonly HeatmapScore[],
  valueOf: (score: HeatmapScore) => number | null,
): { readonly score: HeatmapScore; readonly value: number } | null {
  let best: { score: HeatmapScore; value: number } | null = null
  for (const score of scores) {
    const value = score.control ? valueOf(score) : null
    if (value !== null && (best === null || value > best.value)) best = { score, value }
  }
  return best
}

/** Ours against the best control, its best IoU, and whether another method reaches more. */
export function areaSentence(result: EvaluationResult): string {
  const ours = scoreOfOurs(result)
  const control = bestControl(result.scores, ({ area }) => area)
  if (!ours || !control) return ''
  const margin = ours.area - control.value
  const verdict = `${Math.abs(margin).toFixed(3)} ${margin >= 0 ? 'less' : 'more'}`
  const sentences = [
    `${ours.name} reaches an area of ${formatArea(ours.area)} under the IoU curve; `
      + `the best control, ${control.score.name}, ${formatArea(control.value)} (${verdict}).`,
  ]
  const better = result.scores.filter(({ control: isControl, area }) => !isControl && area > ours.area)
  const peak = result.scores.reduce((highest, score) => (score.best.iou > highest.best.iou ? score : highest))
  const own = `${ours.best.iou.toFixed(3)} at threshold ${ours.best.threshold.toFixed(2)}`
  sentences.push(
    peak.kind === OURS
      ? `Its best IoU, ${own}, is the highest of all.`
      : `Its best IoU is ${own}; ${peak.name} reaches ${peak.best.iou.toFixed(3)}.`,
  )
  if (better.length > 0) {
    const list = better.map(({ name, area }) => `${name} (${formatArea(area)})`).join(' and ')
    sentences.push(`${list} ${better.length === 1 ? 'reaches' : 'reach'} a larger area than ours.`)
  }
  return sentences.join(' ')
}

/** Areas of one class. */
export interface ClassRow {
  readonly classIndex: number
  readonly name: string
  /** In the order of the scores that are no controls; null: no image of the class has a mask. */
  readonly areas: readonly (number | null)[]
  readonly control: { readonly name: string; readonly area: number } | null
  /** Ours less the best control. */
  readonly margin: number | null
}

export function classRows({ scores }: EvaluationResult, classes: readonly string[]): ClassRow[] {
  const methods = scores.filter(({ control }) => !control)
  const ours = scores.find(({ kind }) => kind === OURS)
  return classes.map((name, classIndex) => {
    const best = bestControl(scores, ({ perClass }) => perClass[classIndex] ?? null)
    const own = ours?.perClass[classIndex] ?? null
    return {
      classIndex,
      name,
      areas: methods.map(({ perClass }) => perClass[classIndex] ?? null),
      control: best && { name: best.score.name, area: best.value },
      margin: own === null || best === null ? null : own - best.value,
    }
  })
}

/** In how many classes ours is ahead of the best control, and where it is least. */
export function classSentence(rows: readonly ClassRow[]): string {
  const measured = rows.filter(({ margin }) => margin !== null)
  if (measured.length === 0) return 'No class has a test image with a mask.'
  const ahead = measured.filter(({ margin }) => (margin ?? 0) > 0).length
  const least = measured.reduce((lowest, row) => ((row.margin ?? 0) < (lowest.margin ?? 0) ? row : lowest))
  const without = rows.length - measured.length
  return [
    `Ours is ahead of the best control in ${ahead} of ${measured.length} ${measured.length === 1 ? 'class' : 'classes'}; `
      + `its smallest margin is ${formatDifference(least.margin)} in ${least.name}.`,
    ...(without > 0 ? [`${without} ${without === 1 ? 'class has' : 'classes have'} no test image with a mask.`] : []),
  ].join(' ')
}

/** Highest point of a curve over `IOU_THRESHOLDS`; the lowest threshold where several are as high. */
export function bestOf(curve: ArrayLike<number>): { readonly iou: number; readonly threshold: number } {
  let at = 0
  for (let i = 1; i < curve.length; i++) if ((curve[i] ?? 0) > (curve[at] ?? 0)) at = i
  return { iou: curve[at] ?? 0, threshold: IOU_THRESHOLDS[at] ?? 0 }
}
