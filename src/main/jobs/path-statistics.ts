import { multiplyGram } from '../../core/selection/certificate.ts'
import { lassoPathByRows, type ProblemByRows } from '../../core/selection/path-by-rows.ts'
import { lassoPath, type LassoPath } from '../../core/selection/path.ts'
import { addCombination } from '../../core/selection/vector.ts'
import type { SufficientStatistics } from '../../core/statistics.ts'
import type { SelectionSpec } from '../../shared/jobs.ts'
import type { Artifact } from '../store/artifacts.ts'
import type { Project } from './project.ts'
import { breathe } from './runner.ts'
import { readGramRow, readLabelSums } from './statistics.ts'

/** What a path is followed on: the sufficient statistics, wherever their Gram matrix is. */
export interface PathStatistics {
  /** q `[size]` and b of one class. */
  readonly labels: (
    kind: SelectionSpec['labels'],
    classIndex: number,
  ) => Pick<ProblemByRows, 'q' | 'labelNorm'>
  readonly path: (problem: ProblemByRows, limits: { maxMu: number; maxSteps: number }) => Promise<LassoPath>
  /** G w, `[size]`. */
  readonly product: (weights: Float64Array) => Promise<Float64Array>
}

/** Statistics in memory: every path is quick. */
export function wholeStatistics({ size, gram, trueLabels, predictedLabels }: SufficientStatistics): PathStatistics {
  return {
    labels(kind, classIndex) {
      const { sums, norms } = kind === 'true' ? trueLabels : predictedLabels
      return { q: sums.subarray(classIndex * size, (classIndex + 1) * size), labelNorm: norms[classIndex] }
    },
    path: async (problem, limits) => lassoPath({ ...problem, gram }, limits),
    product: async (weights) => multiplyGram(gram, size, weights),
  }
}

/** Bytes of rows that are kept: with 12,000 features 1300 of them, of 1.2 GB. */
const KEPT_BYTES = 128e6

/**
 * Statistics that stay in the store: a path takes the rows of the features that can enter it, one at a time, and others
 * are answered between two of them.
 */
export function storedStatistics(project: Project, artifact: Artifact, size: number): PathStatistics {
  const most = Math.max(1, Math.floor(KEPT_BYTES / (size * Float64Array.BYTES_PER_ELEMENT)))
  /** Least recently used first. */
  const kept = new Map<number, Float64Array>()
  const rowOf = async (feature: number): Promise<Float64Array> => {
    let row = kept.get(feature)
    kept.delete(feature)
    if (!row) {
      await breathe()
      row = readGramRow(project, artifact, size, feature)
    }
    kept.set(feature, row)
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break
      kept.delete(oldest)
    }
    return row
  }
  const rows = async (features: readonly number[]): Promise<Float64Array[]> => {
    const found: Float64Array[] = []
    for (const feature of features) found.push(await rowOf(feature))
    return found
  }
  return {
    labels: (kind, classIndex) => readLabelSums(project, artifact, size, kind, classIndex),
    path: (problem, limits) => lassoPathByRows(problem, rows, { ...limits, pause: breathe }),
    async product(weights) {
      const features = [...weights.keys()].filter((feature) => weights[feature] !== 0)
      const product = new Float64Array(size)
      addCombination(await rows(features), Float64Array.from(features, (k) => weights[k]), features.length, product)
      return product
    },
  }
}
