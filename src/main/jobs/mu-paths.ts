import { featuresOf, type FeatureLayout } from '../../core/features.ts'
import { certify, type LassoProblem } from '../../core/selection/certificate.ts'
import { lassoPath, weightsAt, type LassoPath } from '../../core/selection/path.ts'
import type { SufficientStatistics } from '../../core/statistics.ts'
import { PRESETS } from '../../shared/project.ts'
import type { PathAnswer, PathCurve, PathSpec } from '../../shared/results.ts'
import { layoutOf, type Project } from './project.ts'
import { requireResponses } from './responses.ts'
import { requireClass, weightedFeatures } from './selection-views.ts'
import { scalingOf, statisticsFor } from './statistics.ts'
import { stored } from './stored.ts'

/** Paths kept; a slider moves along a few of them. */
const KEPT_PATHS = 64
/** How far beyond the asked mu a path is followed, so that a slider that moves on does not start it again. */
const HEADROOM = 2
/** A longer path is cut here, since nothing else is answered meanwhile; the certificates beyond say so. */
const MOST_STEPS = 4000

interface Loaded {
  readonly statistics: SufficientStatistics
  /** Layout of the statistics: the extracted layers, or those of the set alone. */
  readonly layout: FeatureLayout
  /** Features that may be non-zero; all where absent. */
  readonly columns: Int32Array | undefined
}

interface KnownPath {
  readonly path: LassoPath
  /** Followed up to this mu. */
  readonly limit: number
}

/**
 * Exact answers for any mu (method section 2) from the stored statistics. Holds the statistics that were asked for
 * last and the latest paths, so that only the first question about a class takes time.
 */
export class MuPaths {
  private readonly project: Project
  private loaded: { readonly key: string; readonly value: Promise<Loaded> } | undefined
  /** Oldest first. */
  private readonly paths = new Map<string, KnownPath>()

  constructor(project: Project) {
    this.project = project
  }

  /**
   * The path's breakpoints up to the first that reaches `maxMu`. Throws VebiError('not-ready') before the extraction,
   * and before the selection where that sums up statistics of its own.
   */
  async curve(spec: PathSpec, maxMu: number): Promise<PathCurve> {
    const { path } = await this.pathOf(spec, maxMu)
    const beyond = path.breakpoints.findIndex((point) => point.l1Norm >= maxMu)
    const shown = beyond < 0 ? path.breakpoints : path.breakpoints.slice(0, beyond + 1)
    return {
      mu: Float64Array.from(shown, (point) => point.l1Norm),
      lambda: Float64Array.from(shown, (point) => point.lambda),
      objective: Float64Array.from(shown, (point) => point.objective),
      nonZeros: Int32Array.from(shown, (point) => point.nonZeros),
      complete: path.complete && shown.length === path.breakpoints.length,
    }
  }

  async at(spec: PathSpec, mu: number): Promise<PathAnswer> {
    const { path, problem, layout } = await this.pathOf(spec, mu)
    const weights = weightsAt(path, mu)
    return { mu, features: weightedFeatures(layout, weights), certificate: certify({ ...problem, mu }, weights) }
  }

  /** Lets go of everything: called when stored results are removed. */
  forget(): void {
    this.loaded = undefined
    this.paths.clear()
  }

  private async pathOf(
    spec: PathSpec,
    mu: number,
  ): Promise<{ path: LassoPath; problem: Omit<LassoProblem, 'mu'>; layout: FeatureLayout }> {
    const { selection, classIndex } = spec
    requireClass(classIndex, this.project.config.classes.length)
    const { statistics, layout, columns } = await this.load(selection)
    const { size, gram } = statistics
    const labels = selection.labels === 'true' ? statistics.trueLabels : statistics.predictedLabels
    const problem: Omit<LassoProblem, 'mu'> = {
      gram,
      size,
      q: labels.sums.subarray(classIndex * size, (classIndex + 1) * size),
      labelNorm: labels.norms[classIndex],
      nonnegative: selection.nonnegative,
      ...(columns ? { columns } : {}),
    }
    const { preset, layers, nonnegative } = selection
    const key = JSON.stringify([preset, layers, nonnegative, selection.labels, classIndex])
    let known = this.paths.get(key)
    this.paths.delete(key)
    if (!known || (mu > known.limit && !known.path.complete)) {
      const limit = HEADROOM * Math.max(mu, PRESETS[preset].mu)
      known = { path: lassoPath(problem, { maxMu: limit, maxSteps: MOST_STEPS }), limit }
    }
    this.paths.set(key, known)
    for (const oldest of this.paths.keys()) {
      if (this.paths.size <= KEPT_PATHS) break
      this.paths.delete(oldest)
    }
    return { path: known.path, problem, layout }
  }

  private load({ preset, layers }: PathSpec['selection']): Promise<Loaded> {
    const key = JSON.stringify([preset, layers])
    if (this.loaded?.key === key) return this.loaded.value
    const value = this.read({ preset, layers })
    this.loaded = { key, value }
    // What was missing may be there the next time.
    value.catch(() => {
      if (this.loaded?.value === value) this.loaded = undefined
    })
    return value
  }

  /** The same statistics that `select` solves on. */
  private async read({ preset, layers }: Pick<PathSpec['selection'], 'preset' | 'layers'>): Promise<Loaded> {
    const wanted = layoutOf(this.project.graph, layers)
    const { layout: extracted } = requireResponses(this.project, wanted)
    const scaling = scalingOf(PRESETS[preset])
    const shared = scaling.image === 'none' || wanted.size === extracted.size
    const layout = shared ? extracted : wanted
    const spec = { preset, layers, mu: 0, nonnegative: false, labels: 'true' } as const
    const { statistics } = await stored(this.project, 'selection', spec, (project, _, context) =>
      statisticsFor(project, layout, scaling, context),
    )
    if (!shared || wanted.size === extracted.size) return { statistics, layout, columns: undefined }
    return { statistics, layout, columns: featuresOf(extracted, wanted.layers.map((layer) => layer.node)) }
  }
}
