import { featuresOf, locate, type FeatureLayout } from '../../../core/features.ts'
import { solveAll } from '../../../core/selection/lasso.ts'
import { sparseWeights, type SparseWeights } from '../../../core/sparse-weights.ts'
import type { LabelSums, SufficientStatistics } from '../../../core/statistics.ts'
import type { SelectionSpec } from '../../../shared/jobs.ts'
import type { NumericArray } from '../../../shared/matrix.ts'
import type { Artifact } from '../../store/artifacts.ts'
import type { Project } from '../project.ts'
import { breathe, type JobContext } from '../runner.ts'
import type { Selection } from '../selection.ts'

/** Selections that checks make beside the one that is checked. */

export interface SolvedClasses {
  readonly weights: SparseWeights
  /** `[C]`, 1/2 ||X'w - l||^2. */
  readonly objectives: Float64Array
}

/** The mu-Lasso of every class from these statistics, `sums` in place of their own. */
export async function solveClasses(
  { gram, size }: SufficientStatistics,
  sums: LabelSums,
  { mu, nonnegative }: Pick<SelectionSpec, 'mu' | 'nonnegative'>,
  { signal }: JobContext,
): Promise<SolvedClasses> {
  const solutions = await solveAll(
    { gram, size, q: sums.sums, labelNorms: sums.norms, mu, nonnegative },
    { shouldStop: () => signal.aborted, onClass: () => breathe() },
  )
  return {
    weights: sparseWeights(solutions.map(({ weights }) => weights)),
    objectives: Float64Array.from(solutions, ({ certificate }) => certificate.objective),
  }
}

/** For a part of an artifact. */
export function arraysOf({ weights, objectives }: SolvedClasses): Record<string, NumericArray> {
  return { starts: weights.starts, features: weights.features, values: weights.values, objectives }
}

export function readSolved({ store: { artifacts } }: Project, artifact: Artifact, part: number): SolvedClasses {
  return {
    weights: {
      starts: artifacts.read(artifact, part, 'starts', 'int32').data,
      features: artifacts.read(artifact, part, 'features', 'int32').data,
      values: artifacts.read(artifact, part, 'values', 'float64').data,
    },
    objectives: artifacts.read(artifact, part, 'objectives', 'float64').data,
  }
}

/** The selection that is checked, over the layers of its own set. */
export function solvedSelection(selection: Selection, layout: FeatureLayout): SolvedClasses {
  const { size } = selection.layout
  const columns = featuresOf(selection.layout, layout.layers.map(({ node }) => node))
  const rows = selection.certificates.map((_, j) =>
    Float64Array.from(columns, (feature) => selection.weights[j * size + feature]),
  )
  return {
    weights: sparseWeights(rows),
    objectives: Float64Array.from(selection.certificates, ({ objective }) => objective),
  }
}

/** `3 conv2` and the channel: how features are named in tables. */
export function namedFeature(layout: FeatureLayout, feature: number): { layer: string; channel: number } {
  const { layer, channel } = locate(layout, feature)
  return { layer: `${layer.number} ${layer.name}`, channel }
}

/** What a check of the selection depends on: the selection's key covers the responses and every option of it. */
export function selectionInputs(
  { config }: Project,
  { check, repeats, seed }: { readonly check: string; readonly repeats: number; readonly seed: number },
  selection: Pick<Selection, 'key'>,
): Record<string, unknown> {
  return { check, selection: selection.key, classes: [...config.classes], repeats, seed }
}
