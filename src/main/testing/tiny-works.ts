import type { AblationSpec, AveragesSpec, EvaluationSpec, ExplanationSpec, SelectionSpec } from '../../shared/jobs.ts'
import type { Work } from '../../shared/work.ts'

/** What the tests of the contract compute on the tiny project: every step of the method once. */

export const ALL: SelectionSpec = { preset: 'paper', layers: 'All', mu: 4, nonnegative: false, labels: 'true' }
export const ONLY_CONV: SelectionSpec = { ...ALL, layers: 'OnlyConv' }
export const RELEASED: SelectionSpec = { ...ALL, preset: 'released', layers: 'conv1,relu2' }
export const ABLATION: AblationSpec = {
  selections: [ALL, ONLY_CONV], replacement: 'zero', repeats: 2, points: 3, seed: 1,
}
export const AVERAGES: AveragesSpec = { selections: [ALL], patches: 5, seed: 1 }
export const EXPLANATION: Omit<ExplanationSpec, 'images'> = {
  selection: ALL, topFeatures: 3, rule: 'guided', strideCorrection: 'conv+pool', reduction: 'max-abs',
}
export const EVALUATION: EvaluationSpec = {
  selection: ALL, topFeatures: 3, strideCorrection: 'conv', reduction: 'l2', seed: 1,
}
/** One class on the exact path over mu. */
export const PATH = {
  selection: { preset: 'paper', layers: 'All', nonnegative: false, labels: 'true' }, classIndex: 0,
} as const
/** Every prediction. */
export const EVERY = { outcome: 'any', classIndex: null, order: 'data', offset: 0, limit: 100 } as const

/** In an order in which each finds what it needs. */
export const WORKS: readonly Work[] = [
  { kind: 'extraction', spec: { preset: 'paper', layers: 'All' } },
  { kind: 'predictions', spec: {} },
  { kind: 'selection', spec: ALL },
  { kind: 'selection', spec: ONLY_CONV },
  { kind: 'selection', spec: RELEASED },
  { kind: 'ablation', spec: ABLATION },
  { kind: 'averages', spec: AVERAGES },
  { kind: 'explanation', spec: { ...EXPLANATION, images: [0, 7] } },
  { kind: 'evaluation', spec: EVALUATION },
]
