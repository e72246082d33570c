import type { FigureSpec } from '../../../shared/figures.ts'
import type { EvaluationSpec } from '../../../shared/jobs.ts'
import type { EvaluationResult } from '../../../shared/results.ts'

/**
 * The figure of the curves on the screen, without those that are switched off; null where all of them are.
 *
 * @param part One class, or one test image by its index; all images where left out.
 */
export function iouFigure(
  evaluation: EvaluationSpec,
  { scores }: Pick<EvaluationResult, 'scores'>,
  hidden: readonly string[],
  part: { readonly classIndex?: number; readonly image?: number } = {},
): Extract<FigureSpec, { kind: 'iou' }> | null {
  const left = scores.flatMap(({ kind }) => (hidden.includes(kind) ? [kind] : []))
  if (left.length === scores.length) return null
  return { kind: 'iou', evaluation, classIndex: part.classIndex ?? null, image: part.image ?? null, hidden: left }
}
