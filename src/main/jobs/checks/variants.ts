import { featureSums, nearDuplicates } from '../../../core/feature-groups.ts'
import type { FeatureLayout } from '../../../core/features.ts'
import { describeVariant, type ResponseVariant } from '../../../core/response-variants.ts'
import { lassoPath, type LassoPath } from '../../../core/selection/path.ts'
import { sparseWeights, type SparseWeights } from '../../../core/sparse-weights.ts'
import type { SufficientStatistics } from '../../../core/statistics.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { throwIfCancelled } from '../../../shared/errors.ts'
import { PRESETS } from '../../../shared/project.ts'
import type { ArtifactWriter } from '../../store/artifacts.ts'
import { layoutOf, type Project } from '../project.ts'
import { breathe, type JobContext } from '../runner.ts'
import { select } from '../selection.ts'
import { scalingOf, statisticsFor } from '../statistics.ts'
import { cachedCheck } from './cached.ts'
import { arraysOf, readSolved, selectionInputs, solveClasses, solvedSelection } from './solved-classes.ts'
import { statisticsOf, TrainingDescriptors } from './training-descriptors.ts'
import { variantsResult, type VariantFindings } from './variants-result.ts'

/** The ways to measure a response that are compared. */
const VARIANTS: readonly { readonly name: string; readonly variant: ResponseVariant }[] = [
  { name: 'L2, per layer (paper)', variant: { response: 'l2', image: 'none' } },
  { name: 'squared, per layer', variant: { response: 'squared', image: 'none' } },
  { name: 'L2, per layer, unit image', variant: { response: 'l2', image: 'l2' } },
  { name: 'squared, per layer, unit image (released)', variant: { response: 'squared', image: 'l2' } },
  { name: 'size-normalised L2, whole image', variant: { response: 'size-normalised' } },
]

/** Steps that a path may take for each feature that it is to reach. */
const STEPS_PER_FEATURE = 20

/**
 * What is selected when the response of a channel is measured otherwise: at the same mu, whose meaning the scaling
 * changes, and at the same number of features of each class, which does not depend on it.
 */
export async function checkVariants(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  const selection = await select(project, spec.selection, context)
  return cachedCheck(project, selectionInputs(project, spec, selection), async (writer) => {
    const layout = layoutOf(project.graph, spec.selection.layers)
    const scaling = scalingOf(PRESETS[spec.selection.preset])
    const { statistics } = await statisticsFor(project, layout, scaling, context)
    const own = solvedSelection(selection, layout)
    await solveVariants(project, spec, layout, own.weights, writer, context)
    const solved = VARIANTS.map(({ name, variant }, i): VariantFindings => {
      const reference = variant.response === scaling.response && variant.image === scaling.image
      return {
        name,
        reference,
        sameMu: readSolved(project, writer.artifact, 2 * i),
        sameCount: reference ? own.weights : readSolved(project, writer.artifact, 2 * i + 1).weights,
      }
    })
    return variantsResult({
      layout,
      images: statistics.images,
      own: own.weights,
      groups: nearDuplicates(statistics.gram, featureSums(statistics.trueLabels), statistics.images),
      variants: solved,
    })
  })
}

/** Two parts for each variant: at the same mu, and at the same number of features. */
async function solveVariants(
  project: Project,
  { selection }: CheckSpec,
  layout: FeatureLayout,
  own: SparseWeights,
  writer: ArtifactWriter,
  context: JobContext,
): Promise<void> {
  const classes = project.config.classes.length
  const places = layout.layers.map(({ node }) =>
    project.network.node(node).shape.slice(0, -1).reduce((product, length) => product * length, 1),
  )
  const present = new Set(writer.parts())
  for (const [i, { variant }] of VARIANTS.entries()) {
    throwIfCancelled(context.signal)
    if (!present.has(2 * i + 1)) {
      const descriptors = new TrainingDescriptors(project, layout, (norms, images) =>
        describeVariant(norms, images, layout, places, variant),
      )
      const labels = descriptors.labelsOf(selection)
      const all = new Uint8Array(descriptors.images).fill(1)
      const statistics = await statisticsOf(descriptors, labels, classes, all, context)
      writer.put(2 * i, arraysOf(await solveClasses(statistics, statistics.trueLabels, selection, context)))
      const rows: Float64Array[] = []
      for (let j = 0; j < classes; j++) {
        throwIfCancelled(context.signal)
        rows.push(withFeatures(statistics, j, own.starts[j + 1] - own.starts[j], selection.nonnegative))
        await breathe()
      }
      writer.put(2 * i + 1, arraysOf({ weights: sparseWeights(rows), objectives: new Float64Array(classes) }))
    }
    context.report({ phase: 'select', done: i + 1, total: VARIANTS.length, unit: 'variants' })
  }
}

/** The first point of the path of a class that has this many features; its last where it never has. */
function withFeatures(
  { gram, size, trueLabels }: SufficientStatistics,
  classIndex: number,
  count: number,
  nonnegative: boolean,
): Float64Array {
  const weights = new Float64Array(size)
  if (count === 0) return weights
  const problem = {
    gram,
    size,
    q: trueLabels.sums.subarray(classIndex * size, (classIndex + 1) * size),
    labelNorm: trueLabels.norms[classIndex],
    nonnegative,
  }
  const { breakpoints }: LassoPath = lassoPath(problem, { maxSteps: STEPS_PER_FEATURE * count })
  const point = breakpoints.find(({ nonZeros }) => nonZeros >= count) ?? breakpoints.at(-1)
  point?.indices.forEach((feature, i) => (weights[feature] = point.values[i]))
  return weights
}
