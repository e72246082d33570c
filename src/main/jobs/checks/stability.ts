import { featureSums, nearDuplicates } from '../../../core/feature-groups.ts'
import type { FeatureLayout } from '../../../core/features.ts'
import { describeImages } from '../../../core/responses.ts'
import { stratifiedPart } from '../../../core/splits.ts'
import { SelectionCounts } from '../../../core/stability.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { PRESETS } from '../../../shared/project.ts'
import type { ArtifactWriter } from '../../store/artifacts.ts'
import { layoutOf, type Project } from '../project.ts'
import type { JobContext } from '../runner.ts'
import { select } from '../selection.ts'
import { scalingOf, statisticsFor } from '../statistics.ts'
import { cachedCheck } from './cached.ts'
import { arraysOf, readSolved, selectionInputs, solveClasses, solvedSelection } from './solved-classes.ts'
import { stabilityResult } from './stability-result.ts'
import { statisticsOf, TrainingDescriptors } from './training-descriptors.ts'

/** Keeps the draws apart from those of other checks with the same seed. */
const STREAM = 42

/**
 * How often each feature is selected again when the selection is made from half of the training images, in
 * complementary pairs of halves (Meinshausen & Buehlmann 2010; Shah & Samworth 2013).
 */
export async function checkStability(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  if (spec.repeats < 2) {
    throw new VebiError('bad-argument', `The stability needs at least 2 half-samples, not ${spec.repeats}.`)
  }
  const selection = await select(project, spec.selection, context)
  return cachedCheck(project, selectionInputs(project, spec, selection), async (writer) => {
    const layout = layoutOf(project.graph, spec.selection.layers)
    const scaling = scalingOf(PRESETS[spec.selection.preset])
    const { statistics } = await statisticsFor(project, layout, scaling, context)
    await solveHalves(project, spec, layout, writer, context)
    const groups = nearDuplicates(statistics.gram, featureSums(statistics.trueLabels), statistics.images)
    const counts = new SelectionCounts(layout.size, project.config.classes.length, groups)
    for (let half = 0; half < spec.repeats; half++) counts.add(readSolved(project, writer.artifact, half).weights)
    return stabilityResult({
      classes: project.config.classes,
      layout,
      images: statistics.images,
      repeats: spec.repeats,
      own: solvedSelection(selection, layout).weights,
      groups,
      counts,
    })
  })
}

/** One part for each half-sample: 2p and 2p + 1 are complementary. */
async function solveHalves(
  project: Project,
  { selection, repeats, seed }: CheckSpec,
  layout: FeatureLayout,
  writer: ArtifactWriter,
  context: JobContext,
): Promise<void> {
  const present = new Set(writer.parts())
  const scaling = scalingOf(PRESETS[selection.preset])
  const descriptors = new TrainingDescriptors(project, layout, (norms, images) =>
    describeImages(norms, images, layout, scaling),
  )
  const labels = descriptors.labelsOf(selection)
  const classes = project.config.classes.length
  for (let half = 0; half < repeats; half++) {
    if (!present.has(half)) {
      const first = stratifiedPart(labels, 0.5, seed, STREAM, half >> 1)
      const chosen = half % 2 === 0 ? first : first.map((taken) => 1 - taken)
      const statistics = await statisticsOf(descriptors, labels, classes, chosen, context)
      writer.put(half, arraysOf(await solveClasses(statistics, statistics.trueLabels, selection, context)))
    }
    context.report({ phase: 'halve', done: half + 1, total: repeats, unit: 'half-samples' })
  }
}
