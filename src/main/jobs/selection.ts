import { removalOrder } from '../../core/ablation.ts'
import { featuresOf, type FeatureLayout } from '../../core/features.ts'
import type { LassoCertificate } from '../../core/selection/certificate.ts'
import { solveAll } from '../../core/selection/lasso.ts'
import type { SelectionSpec } from '../../shared/jobs.ts'
import { PRESETS } from '../../shared/project.ts'
import type { Network } from '../model/network.ts'
import { layoutOf, type Project } from './project.ts'
import { requireResponses } from './responses.ts'
import { breathe, type JobContext } from './runner.ts'
import { scalingOf, statisticsFor } from './statistics.ts'

/** The optimality of one class's solution, with how it was reached. */
export interface ClassCertificate extends LassoCertificate {
  readonly method: 'homotopy' | 'projected-gradient'
}

export interface Selection {
  readonly spec: SelectionSpec
  /** Cache key, for results that depend on it. */
  readonly key: string
  /** Layout of the extracted responses: feature indexes below are columns of it. */
  readonly layout: FeatureLayout
  /** `[C, m]` over the extracted layout; zero outside of the set's layers. */
  readonly weights: Float64Array
  readonly certificates: readonly ClassCertificate[]
}

/**
 * Solves the mu-Lasso for every class on the layers of the set (method section 2). Where the scaling does not mix
 * layers, the Gram matrix of all extracted layers serves any set; `l2-image` normalises over the set's own layers, so
 * each set has statistics of its own, summed from the stored responses.
 */
export async function select(project: Project, spec: SelectionSpec, context: JobContext): Promise<Selection> {
  const wanted = layoutOf(project.graph, spec.layers)
  const { artifact, layout } = requireResponses(project, wanted)
  const scaling = scalingOf(PRESETS[spec.preset])
  const inputs = {
    responses: artifact.key,
    ...scaling,
    layers: wanted.layers.map((layer) => layer.node),
    mu: spec.mu,
    nonnegative: spec.nonnegative,
    labels: spec.labels,
    classes: project.config.classes.length,
  }
  const { artifacts } = project.store
  const found = artifacts.find('selection', inputs)
  if (found?.complete) {
    const known = recall(project.network, found.key)
    if (known) return { ...known, spec }
    const weights = artifacts.read(found, 0, 'weights', 'float64').data
    const selection = { spec, key: found.key, layout, weights, certificates: found.meta as ClassCertificate[] }
    keep(project.network, selection)
    return selection
  }
  const shared = scaling.image === 'none' || wanted.size === layout.size
  const solved = shared ? layout : wanted
  const { statistics } = await statisticsFor(project, solved, scaling, context)
  const sums = spec.labels === 'true' ? statistics.trueLabels : statistics.predictedLabels
  const classes = project.config.classes.length
  const columns = featuresOf(layout, wanted.layers.map((layer) => layer.node))
  const weights = new Float64Array(classes * layout.size)
  const certificates: ClassCertificate[] = []
  await solveAll(
    {
      gram: statistics.gram,
      size: statistics.size,
      q: sums.sums,
      labelNorms: sums.norms,
      mu: spec.mu,
      nonnegative: spec.nonnegative,
      ...(shared && columns.length < layout.size ? { columns } : {}),
    },
    {
      shouldStop: () => context.signal.aborted,
      onClass: async (j, solution) => {
        if (solved === layout) weights.set(solution.weights, j * layout.size)
        else columns.forEach((feature, i) => (weights[j * layout.size + feature] = solution.weights[i]!))
        certificates.push({ ...solution.certificate, method: solution.method })
        context.report({ phase: `select ${spec.layers}`, done: j + 1, total: classes, unit: 'classes' })
        await breathe()
      },
    },
  )
  const writer = artifacts.begin('selection', inputs)
  writer.put(0, { weights: { shape: [classes, layout.size], data: weights } })
  writer.finish(certificates)
  return { spec, key: writer.artifact.key, layout, weights, certificates }
}

/**
 * Bytes of weights kept for an open project: with 1000 classes and 12,000 features a selection has 96 MB, which every
 * question about it would read again.
 */
const KEPT_BYTES = 256e6
/** By key, least recently used first. */
const kept = new WeakMap<Network, Map<string, Selection>>()

function recall(network: Network, key: string): Selection | undefined {
  const selections = kept.get(network)
  const found = selections?.get(key)
  if (!selections || !found) return undefined
  selections.delete(key)
  selections.set(key, found)
  return found
}

function keep(network: Network, selection: Selection): void {
  const selections = kept.get(network) ?? new Map<string, Selection>()
  kept.set(network, selections)
  selections.set(selection.key, selection)
  let bytes = [...selections.values()].reduce((sum, { weights }) => sum + weights.byteLength, 0)
  for (const [key, { weights }] of selections) {
    if (bytes <= KEPT_BYTES || key === selection.key) break
    selections.delete(key)
    bytes -= weights.byteLength
  }
}

const orders = new WeakMap<Float64Array, Int32Array>()

/** Features relevant to some class in their order of removal, worked out once for each selection. */
export function relevantFeatures({ weights, certificates, layout }: Selection): Int32Array {
  const known = orders.get(weights)
  if (known) return known
  const order = removalOrder(weights, certificates.length, layout.size)
  orders.set(weights, order)
  return order
}

/** Name of a selection in tables and legends: the layer set. */
export function selectionName(spec: SelectionSpec): string {
  return spec.layers
}
