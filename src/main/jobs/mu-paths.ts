import { featuresOf, type FeatureLayout } from '../../core/features.ts'
import { certifyProduct } from '../../core/selection/certificate.ts'
import type { SparsePoint } from '../../core/selection/homotopy.ts'
import type { ProblemByRows } from '../../core/selection/path-by-rows.ts'
import { weightsAt, type LassoPath } from '../../core/selection/path.ts'
import { PRESETS } from '../../shared/project.ts'
import type { Matrix } from '../../shared/matrix.ts'
import type { FeatureName, PathAnswer, PathCurve, PathSpec } from '../../shared/results.ts'
import { storedStatistics, wholeStatistics, type PathStatistics } from './path-statistics.ts'
import { layoutOf, type Project } from './project.ts'
import { requireResponses } from './responses.ts'
import { featureName, requireClass, weightedFeatures } from './selection-views.ts'
import { findStatistics, scalingOf, statisticsFor } from './statistics.ts'
import { notComputed, stored } from './stored.ts'

/** Paths kept; a slider moves along a few of them. */
const KEPT_PATHS = 64
/** How far beyond the asked mu a path is followed, so that a slider that moves on does not start it again. */
const HEADROOM = 2
/** A longer path is cut here, since nothing else is answered meanwhile; the certificates beyond say so. */
const MOST_STEPS = 4000
/** A Gram matrix of up to so many bytes (2800 features) is read as a whole, which takes no longer than its rows. */
const WHOLE_BYTES = 64e6

/** The path with its weights. */
export interface PathWeights {
  readonly mu: Float64Array
  readonly features: readonly FeatureName[]
  /** `[features, breakpoints]`. */
  readonly weights: Matrix<Float64Array>
  /** Whether the last breakpoint answers every larger mu. */
  readonly complete: boolean
}

/** Features with a weight at either end of a segment, which are those with a weight between. */
function countEither(before: SparsePoint, after: SparsePoint = before): number {
  const features = new Set<number>()
  for (const { indices, values } of [before, after]) {
    indices.forEach((feature, i) => {
      if (values[i] !== 0) features.add(feature)
    })
  }
  return features.size
}

interface Loaded {
  readonly statistics: PathStatistics
  /** Layout of the statistics: the extracted layers, or those of the set alone. */
  readonly layout: FeatureLayout
  /** Features that may be non-zero; all where absent. */
  readonly columns: Int32Array | undefined
  /** Column of the extracted responses of each feature of the layout; the same number where absent. */
  readonly extracted: Int32Array | undefined
}

interface KnownPath {
  readonly path: LassoPath
  readonly problem: ProblemByRows
}

/** A path that is known or on its way, so that it is followed once for all who ask meanwhile. */
interface PathEntry {
  /** Followed up to this mu; infinite once the path is known to end before it. */
  limit: number
  readonly known: Promise<KnownPath>
}

/**
 * Exact answers for any mu (method section 2) from the stored statistics. Holds the latest paths, and of the statistics
 * that were asked for last what fits into memory, so that only the first question about a class takes time.
 */
export class MuPaths {
  private readonly project: Project
  private readonly wholeBytes: number
  private loaded: { readonly key: string; readonly value: Promise<Loaded> } | undefined
  /** Oldest first. */
  private readonly paths = new Map<string, PathEntry>()

  /** @param wholeBytes Larger Gram matrices are not held in memory. */
  constructor(project: Project, wholeBytes = WHOLE_BYTES) {
    this.project = project
    this.wholeBytes = wholeBytes
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
      nonZerosAfter: Int32Array.from(shown, (point, i) => countEither(point, path.breakpoints[i + 1])),
      complete: path.complete && shown.length === path.breakpoints.length,
    }
  }

  async at(spec: PathSpec, mu: number): Promise<PathAnswer> {
    const { path, problem, statistics, layout, extracted } = await this.pathOf(spec, mu)
    const weights = weightsAt(path, mu)
    const features = weightedFeatures(layout, weights).map((found) => ({
      ...found,
      feature: extracted?.[found.feature] ?? found.feature,
    }))
    const certificate = certifyProduct({ ...problem, mu }, weights, await statistics.product(weights))
    return { mu, features, certificate }
  }

  /**
   * Weights at the breakpoints up to `maxMu`, and at `maxMu` itself where the path goes on. Features are those with a
   * weight somewhere on the way, largest magnitude at the end first.
   */
  async weights(spec: PathSpec, maxMu: number): Promise<PathWeights> {
    const { path, layout } = await this.pathOf(spec, maxMu)
    const before = path.breakpoints.map(({ l1Norm }) => l1Norm).filter((mu) => mu < maxMu)
    const further = before.length < path.breakpoints.length
    const mu = Float64Array.from(further ? [...before, maxMu] : before)
    const rows = new Map<number, Float64Array>()
    mu.forEach((value, i) => {
      const weights = weightsAt(path, value)
      weights.forEach((weight, feature) => {
        if (weight === 0) return
        const row = rows.get(feature) ?? new Float64Array(mu.length)
        row[i] = weight
        rows.set(feature, row)
      })
    })
    const atEnd = (feature: number): number => Math.abs(rows.get(feature)?.at(-1) ?? 0)
    const features = [...rows.keys()].sort((a, b) => atEnd(b) - atEnd(a) || a - b)
    const data = new Float64Array(features.length * mu.length)
    features.forEach((feature, row) => data.set(rows.get(feature)!, row * mu.length))
    return {
      mu,
      features: features.map((feature) => featureName(layout, feature)),
      weights: { shape: [features.length, mu.length], data },
      complete: path.complete && !further,
    }
  }

  /** Lets go of everything: called when stored results are removed. */
  forget(): void {
    this.loaded = undefined
    this.paths.clear()
  }

  private async pathOf(
    spec: PathSpec,
    mu: number,
  ): Promise<Omit<Loaded, 'columns'> & KnownPath> {
    const { selection, classIndex } = spec
    requireClass(classIndex, this.project.config.classes.length)
    const loaded = await this.load(selection)
    const { preset, layers, nonnegative, labels } = selection
    const key = JSON.stringify([preset, layers, nonnegative, labels, classIndex])
    let entry = this.paths.get(key)
    this.paths.delete(key)
    if (!entry || mu > entry.limit) entry = this.follow(spec, loaded, HEADROOM * Math.max(mu, PRESETS[preset].mu))
    this.paths.set(key, entry)
    for (const oldest of this.paths.keys()) {
      if (this.paths.size <= KEPT_PATHS) break
      this.paths.delete(oldest)
    }
    try {
      return { ...loaded, ...(await entry.known) }
    } catch (error) {
      // What was missing may be there the next time.
      if (this.paths.get(key) === entry) this.paths.delete(key)
      throw error
    }
  }

  private follow(spec: PathSpec, { statistics, layout, columns }: Loaded, limit: number): PathEntry {
    const { selection, classIndex } = spec
    const solve = async (): Promise<KnownPath> => {
      const problem: ProblemByRows = {
        ...statistics.labels(selection.labels, classIndex),
        size: layout.size,
        nonnegative: selection.nonnegative,
        ...(columns ? { columns } : {}),
      }
      const path = await statistics.path(problem, { maxMu: limit, maxSteps: MOST_STEPS })
      if (path.complete) entry.limit = Infinity
      return { path, problem }
    }
    const entry: PathEntry = { limit, known: solve() }
    return entry
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
    const statistics = await this.readStatistics({ preset, layers }, layout)
    const columns = featuresOf(extracted, wanted.layers.map((layer) => layer.node))
    if (!shared) return { statistics, layout, columns: undefined, extracted: columns }
    return {
      statistics,
      layout,
      columns: wanted.size === extracted.size ? undefined : columns,
      extracted: undefined,
    }
  }

  private async readStatistics(
    { preset, layers }: Pick<PathSpec['selection'], 'preset' | 'layers'>,
    layout: FeatureLayout,
  ): Promise<PathStatistics> {
    const scaling = scalingOf(PRESETS[preset])
    const { size } = layout
    if (size * size * Float64Array.BYTES_PER_ELEMENT > this.wholeBytes) {
      const found = findStatistics(this.project, layout, scaling)
      if (!found) throw notComputed(this.project, 'selection')
      return storedStatistics(this.project, found, size)
    }
    const spec = { preset, layers, mu: 0, nonnegative: false, labels: 'true' } as const
    const { statistics } = await stored(this.project, 'selection', spec, (project, _, context) =>
      statisticsFor(project, layout, scaling, context),
    )
    return wholeStatistics(statistics)
  }
}
