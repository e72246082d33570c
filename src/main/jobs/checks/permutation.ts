import { meanAndBand } from '../../../core/ablation.ts'
import { empiricalP } from '../../../core/empirical-p.ts'
import type { FeatureLayout } from '../../../core/features.ts'
import { shuffledIndexes } from '../../../core/random.ts'
import { expectedOverlap, overlapOf } from '../../../core/set-overlap.ts'
import { unionOf } from '../../../core/sparse-weights.ts'
import { LabelSums } from '../../../core/statistics.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { PRESETS } from '../../../shared/project.ts'
import { describeImages } from '../../../core/responses.ts'
import type { ArtifactWriter } from '../../store/artifacts.ts'
import { layoutOf, type Project } from '../project.ts'
import type { JobContext } from '../runner.ts'
import { select } from '../selection.ts'
import { scalingOf, statisticsFor } from '../statistics.ts'
import { cachedCheck } from './cached.ts'
import { arraysOf, readSolved, selectionInputs, solveClasses, solvedSelection, type SolvedClasses } from './solved-classes.ts'
import { numeric, text } from './tables.ts'
import { TrainingDescriptors } from './training-descriptors.ts'
import { decimal, orNull } from './words.ts'

/** Fewer permutations cannot reach p = 0.05. */
const FEWEST_PERMUTATIONS = 19
/** Label sums that are held at once. */
const MOST_BYTES = 256e6
/** Keeps the draws apart from those of other checks with the same seed. */
const STREAM = 41

/**
 * What the selection finds by chance: a permutation test (Fisher 1935) of the selection step. The labels are permuted
 * among the training images; the Gram matrix stays as it is, only the label sums change.
 */
export async function checkPermutation(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  if (spec.repeats < FEWEST_PERMUTATIONS) {
    throw new VebiError(
      'bad-argument',
      `The label permutation needs at least ${FEWEST_PERMUTATIONS} permutations to reach p = 0.05, not ${spec.repeats}.`,
    )
  }
  const selection = await select(project, spec.selection, context)
  return cachedCheck(project, selectionInputs(project, spec, selection), async (writer) => {
    const layout = layoutOf(project.graph, spec.selection.layers)
    const permuted = await solvePermuted(project, spec, layout, writer, context)
    const labels = descriptorsOf(project, spec, layout).labelsOf(spec.selection)
    return resultOf(project, spec, layout, solvedSelection(selection, layout), permuted, labels)
  })
}

function descriptorsOf(project: Project, { selection }: CheckSpec, layout: FeatureLayout): TrainingDescriptors {
  const scaling = scalingOf(PRESETS[selection.preset])
  return new TrainingDescriptors(project, layout, (norms, images) => describeImages(norms, images, layout, scaling))
}

/** One part for each permutation. */
async function solvePermuted(
  project: Project,
  spec: CheckSpec,
  layout: FeatureLayout,
  writer: ArtifactWriter,
  context: JobContext,
): Promise<SolvedClasses[]> {
  const present = new Set(writer.parts())
  const draws = Array.from({ length: spec.repeats }, (_, draw) => draw)
  const missing = draws.filter((draw) => !present.has(draw))
  if (missing.length > 0) {
    const descriptors = descriptorsOf(project, spec, layout)
    const labels = descriptors.labelsOf(spec.selection)
    const classes = project.config.classes.length
    const scaling = scalingOf(PRESETS[spec.selection.preset])
    const { statistics } = await statisticsFor(project, layout, scaling, context)
    const together = Math.max(1, Math.floor(MOST_BYTES / (8 * classes * layout.size)))
    for (let begin = 0; begin < missing.length; begin += together) {
      const some = missing.slice(begin, begin + together)
      const sums = await permutedSums(descriptors, labels, classes, spec.seed, some, context)
      for (const [i, draw] of some.entries()) {
        writer.put(draw, arraysOf(await solveClasses(statistics, sums[i], spec.selection, context)))
        const done = spec.repeats - missing.length + begin + i + 1
        context.report({ phase: 'permute labels', done, total: spec.repeats, unit: 'permutations' })
      }
    }
  }
  return draws.map((draw) => readSolved(project, writer.artifact, draw))
}

async function permutedSums(
  descriptors: TrainingDescriptors,
  labels: Int32Array,
  classes: number,
  seed: number,
  draws: readonly number[],
  { signal }: JobContext,
): Promise<LabelSums[]> {
  const { size } = descriptors.layout
  const orders = draws.map((draw) => shuffledIndexes(labels.length, seed, STREAM, draw))
  const sums = draws.map(() => new LabelSums(size, classes))
  for await (const { first, images, rows } of descriptors.blocks(signal)) {
    orders.forEach((order, d) => {
      for (let i = 0; i < images; i++) {
        sums[d].addOne(rows.subarray(i * size, (i + 1) * size), labels[order[first + i]])
      }
    })
  }
  return sums
}

/** What is compared of one selection. */
interface Found {
  /** ||X'w - l||^2 / ||l||^2 over all classes; by class. */
  readonly residual: number
  readonly residuals: readonly number[]
  readonly objective: number
  readonly features: readonly number[]
  readonly perClass: readonly number[]
  readonly largestWeight: number
}

function foundBy({ weights, objectives }: SolvedClasses, counts: readonly number[]): Found {
  const objective = objectives.reduce((sum, each) => sum + each, 0)
  return {
    objective,
    residual: (2 * objective) / counts.reduce((sum, count) => sum + count, 0),
    residuals: counts.map((count, j) => (2 * objectives[j]) / count),
    features: unionOf(weights),
    perClass: counts.map((_, j) => weights.starts[j + 1] - weights.starts[j]),
    largestWeight: weights.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
  }
}

function resultOf(
  project: Project,
  spec: CheckSpec,
  layout: FeatureLayout,
  own: SolvedClasses,
  permuted: readonly SolvedClasses[],
  labels: Int32Array,
): CheckResult {
  const { classes } = project.config
  const counts = classes.map((_, j) => labels.filter((label) => label === j).length)
  const found = foundBy(own, counts)
  const chance = permuted.map((each) => foundBy(each, counts))
  const p = empiricalP(-found.residual, chance.map(({ residual }) => -residual))
  const perClass = classes.flatMap((name, j) => {
    if (counts[j] === 0) return []
    const drawn = chance.map(({ residuals }) => residuals[j])
    const least = drawn.reduce((a, b) => Math.min(a, b))
    const own = found.residuals[j]
    return [{ name, j, own, least, p: empiricalP(-own, drawn.map((value) => -value)), band: meanAndBand(drawn) }]
  })
  const residuals = meanAndBand(chance.map(({ residual }) => residual))
  const features = meanAndBand(chance.map((each) => each.features.length))
  const overlaps = chance.map((each) => overlapOf(found.features, each.features))
  const shared = meanAndBand(overlaps.map((each) => each.shared))
  const byChance = perClass.filter((each) => each.p > 0.05)
  const verdict = p > 0.05 ? 'against' : byChance.length > 0 ? 'open' : 'for'
  const least = chance.reduce((a, each) => Math.min(a, each.residual), Infinity)
  return {
    check: 'permutation',
    title: 'Label permutation',
    sentence:
      (p > 0.05
        ? 'The selection finds no more in the labels than in permuted ones: '
        : 'The selection finds what chance does not: ') +
      `it leaves ${decimal(found.residual)} of the labels unexplained, with the labels permuted ` +
      `${decimal(residuals.mean)} (at least ${decimal(least)} in ${spec.repeats} permutations, p = ${decimal(p)}); by ` +
      `chance it selects ${decimal(features.mean, 1)} features, ${decimal(shared.mean, 1)} of them among the ` +
      `${found.features.length} of the true labels.`,
    verdict,
    limits: [
      'It shows that the labels can be read from the selected features, not that the network uses them.',
      'The number of features says little: as long as the bound μ is reached, the selection spends it, on noise as well as on what matters.',
      'A constant explains the share of a class in all images, so that the residual of permuted labels stays below 1.',
    ],
    warnings: byChance.map(
      (each) =>
        `For class ${each.name} permuted labels are explained as well as the true ones (p = ${decimal(each.p)}): its features may be chance.`,
    ),
    images: labels.length,
    tables: [
      {
        id: 'selections',
        title: 'The selection and what it finds in permuted labels',
        columns: [
          text('labels', 'labels'),
          numeric('objective', 'objective'),
          numeric('residual', 'residual'),
          numeric('features', 'features', 0),
          numeric('shared', 'among those of the true labels', 0),
          numeric('expected', 'expected of random features of the same layers', 1),
          numeric('jaccard', 'Jaccard'),
          numeric('largest_weight', 'largest weight'),
        ],
        rows: [found, ...chance].map((each, i) => [
          i === 0 ? 'true' : `permutation ${i}`,
          each.objective,
          each.residual,
          each.features.length,
          i === 0 ? null : overlaps[i - 1].shared,
          i === 0 ? null : expectedOverlap(found.features, each.features, layout),
          i === 0 ? null : orNull(overlaps[i - 1].jaccard),
          each.largestWeight,
        ]),
      },
      {
        id: 'classes',
        title: 'Unexplained share of the labels of each class',
        columns: [
          text('class', 'class'),
          numeric('images', 'images', 0),
          numeric('residual', 'residual'),
          numeric('permuted', 'permuted, mean'),
          numeric('permuted_least', 'permuted, least'),
          numeric('p', 'p'),
          numeric('features', 'features', 0),
          numeric('permuted_features', 'permuted, mean features', 1),
        ],
        rows: perClass.map(({ name, j, own, least, p, band }) => [
          name,
          counts[j],
          own,
          band.mean,
          least,
          p,
          found.perClass[j],
          chance.reduce((sum, each) => sum + each.perClass[j], 0) / chance.length,
        ]),
      },
    ],
    charts: [
      {
        kind: 'intervals',
        id: 'residuals',
        title: 'Share of the labels that the selection leaves unexplained; for permuted labels where 95 % of them lie',
        xTitle: 'residual (share of the squared labels)',
        rows: [
          { name: 'all classes', own: found.residual, band: residuals },
          ...perClass.map(({ name, own, band }) => ({ name, own, band })),
        ].flatMap(({ name, own, band }) => [
          { name, control: false, value: own, low: null, high: null },
          { name: `${name}, permuted`, control: true, value: band.mean, low: band.low, high: band.high },
        ]),
        reference: null,
      },
    ],
  }
}
