import { linearScores } from '../../../core/linear-scores.ts'
import { describeImages } from '../../../core/responses.ts'
import { certify, type LassoProblem } from '../../../core/selection/certificate.ts'
import { solveLasso } from '../../../core/selection/lasso.ts'
import { lassoPath, weightsAt } from '../../../core/selection/path.ts'
import { sparseWeights, type SparseWeights } from '../../../core/sparse-weights.ts'
import { stratifiedPart } from '../../../core/splits.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { VebiError } from '../../../shared/errors.ts'
import { PRESETS } from '../../../shared/project.ts'
import type { ArtifactWriter } from '../../store/artifacts.ts'
import { layoutOf, type Project } from '../project.ts'
import { breathe, type JobContext } from '../runner.ts'
import { select } from '../selection.ts'
import { scalingOf } from '../statistics.ts'
import { cachedCheck } from './cached.ts'
import { muPathResult, type HeldOutScores } from './mu-path-result.ts'
import { arraysOf, readSolved, selectionInputs, type SolvedClasses } from './solved-classes.ts'
import { statisticsOf, TrainingDescriptors } from './training-descriptors.ts'

/** Share of the training images that is held out. */
export const HELD_OUT = 0.25
/** The path is scored at mu times these powers of two. */
const POWERS = Array.from({ length: 19 }, (_, i) => (i - 12) / 3)
/** A path longer than this is left; the rest is solved point by point. */
const MOST_STEPS = 4000
/** Keeps the split apart from the draws of other checks with the same seed. */
const STREAM = 43

/**
 * The path over mu (method section 2), fitted to one part of the training images and scored on the other: how well
 * argmax_j w_j x tells the classes apart, and with how many features.
 */
export async function checkPath(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  if (!(spec.selection.mu > 0)) {
    throw new VebiError('bad-argument', `The path needs a μ above 0, not ${spec.selection.mu}.`)
  }
  const selection = await select(project, spec.selection, context)
  return cachedCheck(project, selectionInputs(project, spec, selection), async (writer) => {
    const layout = layoutOf(project.graph, spec.selection.layers)
    const scaling = scalingOf(PRESETS[spec.selection.preset])
    const descriptors = new TrainingDescriptors(project, layout, (norms, images) =>
      describeImages(norms, images, layout, scaling),
    )
    const labels = descriptors.labelsOf(spec.selection)
    const heldOut = stratifiedPart(labels, HELD_OUT, spec.seed, STREAM)
    if (!heldOut.includes(1)) {
      throw new VebiError(
        'bad-data',
        `The path over μ holds out a quarter of the training images of each class: ${project.train.location} has too few.`,
      )
    }
    const mus = POWERS.map((power) => spec.selection.mu * 2 ** power)
    const solved = await solveClassPaths(project, spec, descriptors, labels, heldOut, mus, writer, context)
    const atMu = mus.map((_, i) => sparseWeights(solved.map(({ weights }) => denseRow(weights, i, layout.size))))
    return muPathResult({
      classes: project.config.classes,
      mus,
      chosen: POWERS.indexOf(0),
      weights: atMu,
      objectives: mus.map((_, i) => solved.reduce((sum, { objectives }) => sum + objectives[i], 0)),
      fitted: heldOut.length - heldOut.reduce((sum, held) => sum + held, 0),
      scores: await scoreHeldOut(descriptors, labels, heldOut, atMu, context),
      seed: spec.seed,
    })
  })
}

/** One part for each class: its weights and objectives, a row for each mu. */
async function solveClassPaths(
  project: Project,
  { selection }: CheckSpec,
  descriptors: TrainingDescriptors,
  labels: Int32Array,
  heldOut: Uint8Array,
  mus: readonly number[],
  writer: ArtifactWriter,
  context: JobContext,
): Promise<SolvedClasses[]> {
  const classes = project.config.classes.length
  const present = new Set(writer.parts())
  if (present.size < classes) {
    const fitted = heldOut.map((held) => 1 - held)
    const { gram, size, trueLabels } = await statisticsOf(descriptors, labels, classes, fitted, context)
    for (let j = 0; j < classes; j++) {
      if (context.signal.aborted) throw new VebiError('cancelled', 'Cancelled by the user.')
      if (!present.has(j)) {
        const problem = {
          gram,
          size,
          q: trueLabels.sums.subarray(j * size, (j + 1) * size),
          labelNorm: trueLabels.norms[j],
          nonnegative: selection.nonnegative,
        }
        writer.put(j, arraysOf(solveAlong(problem, mus)))
      }
      context.report({ phase: 'follow the path', done: j + 1, total: classes, unit: 'classes' })
      await breathe()
    }
  }
  return Array.from({ length: classes }, (_, j) => readSolved(project, writer.artifact, j))
}

/** One class along the path; where rounding spoils a point of the path it is solved anew. */
function solveAlong(problem: Omit<LassoProblem, 'mu'>, mus: readonly number[]): SolvedClasses {
  const path = lassoPath(problem, { maxMu: mus.at(-1)!, maxSteps: MOST_STEPS })
  const objectives = new Float64Array(mus.length)
  const rows = mus.map((mu, i) => {
    const posed = { ...problem, mu }
    const weights = weightsAt(path, mu)
    const certificate = certify(posed, weights)
    const point = certificate.accepted ? { weights, certificate } : solveLasso(posed)
    objectives[i] = point.certificate.objective
    return point.weights
  })
  return { weights: sparseWeights(rows), objectives }
}

function denseRow({ starts, features, values }: SparseWeights, row: number, size: number): Float64Array {
  const weights = new Float64Array(size)
  for (let i = starts[row]; i < starts[row + 1]; i++) weights[features[i]] = values[i]
  return weights
}

async function scoreHeldOut(
  descriptors: TrainingDescriptors,
  labels: Int32Array,
  heldOut: Uint8Array,
  atMu: readonly SparseWeights[],
  context: JobContext,
): Promise<HeldOutScores> {
  const { size } = descriptors.layout
  const chosen = Array.from(heldOut.keys()).filter((image) => heldOut[image] === 1)
  const columns = atMu.length
  const right = new Float64Array(chosen.length * columns)
  const squaredError = new Float64Array(chosen.length * columns)
  let next = 0
  for await (const { first, images, rows } of descriptors.blocks(context.signal)) {
    const own = Array.from({ length: images }, (_, i) => i).filter((i) => heldOut[first + i] === 1)
    const block = new Float32Array(own.length * size)
    own.forEach((i, place) => block.set(rows.subarray(i * size, (i + 1) * size), place * size))
    const truth = own.map((i) => labels[first + i])
    atMu.forEach((weights, column) => {
      const scores = linearScores(weights, block, size, truth)
      truth.forEach((_, place) => {
        right[(next + place) * columns + column] = scores.right[place]
        squaredError[(next + place) * columns + column] = scores.squaredError[place]
      })
    })
    next += own.length
    context.report({ phase: 'score', done: next, total: chosen.length, unit: 'images' })
  }
  return {
    labels: Int32Array.from(chosen, (image) => labels[image]),
    byNetwork: Float64Array.from(chosen, (image) => (descriptors.predicted[image] === labels[image] ? 1 : 0)),
    right,
    squaredError,
  }
}
