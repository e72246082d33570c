import { isCheckName, LISTED_CHECKS } from '../../shared/check-list.ts'
import type { WorkKind } from '../../shared/work.ts'

const TITLES: Record<WorkKind, string> = {
  extraction: 'Extraction of responses',
  selection: 'Feature selection',
  ablation: 'Ablation',
  averages: 'Average images',
  explanation: 'Explanations',
  evaluation: 'Evaluation',
  check: 'Check',
  predictions: 'Predictions',
  'folder-explanation': 'Explanation of a folder',
  figures: 'Export of figures',
  report: 'Report',
}

/** What a kind of work is called on the screen. */
export function jobTitle(kind: string): string {
  return Object.hasOwn(TITLES, kind) ? TITLES[kind as WorkKind] : kind
}

/** With what tells it from others of its kind: the layer set of a selection, the name of a check. */
export function jobDetail(job: { readonly kind: string; readonly spec: unknown }): string {
  const { layers, check } = job.spec as { layers?: unknown; check?: unknown }
  if (job.kind === 'check' && typeof check === 'string' && isCheckName(check)) return `“${LISTED_CHECKS[check].title}”`
  return job.kind === 'selection' && typeof layers === 'string' ? layers : ''
}
