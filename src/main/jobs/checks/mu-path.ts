import { linearScores } from '../../../core/linear-scores.ts'
import { describeImages } from '../../../core/responses.ts'
import { certify, type LassoProblem } from '../../../core/selection/certificate.ts'
import { solveLasso } from '../../../core/selection/lasso.ts'
import { lassoPath, weightsAt } from '../../../core/selection/path.ts'
import { sparseWeights, type SparseWeights } from '../../../core/sparse-weights.ts'
import { stratifiedFolds } from '../../../core/splits.ts'
import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import { throwIfCancelled, VebiError } from '../../../shared/errors.ts'
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

/** Parts of the training images, each held out in turn. */
const FOLDS = 5
/** The path is scored at mu times these powers of two. */
const POWERS = Array.from({ length: 19 }, (_, i) => (i - 12) / 3)
/** A path longer than this is left; the rest is solved point by point. */
const MOST_STEPS = 4000
/** Keeps the folds apart from the draws of other checks with the same seed. */
const STREAM = 43

/**
 * The path over mu (method section 2) by cross-validation: fitted to four fifths of the training images and scored on
 * the others, each fifth in turn, so that every image is scored once by a fit that has not seen it: how well
 * argmax_j w_j x tells the classes apart, and with how many features.
 */
export async function checkPath(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  if (!(spec.selection.mu > 0)) {
    throw new VebiError('bad-argument', `The path needs a μ above 0, not ${spec.selection.mu}.`)
  }
  const selection = await select(project, spec.selection, context)
  return cachedCheck(project, { ...selectionInputs(project, spec, selection), folds: FOLDS }, async (writer) => {
    const layout = layoutOf(project.graph, spec.selection.layers)
    const scaling = scalingOf(PRESETS[spec.selection.preset])
    const descriptors = new TrainingDescriptors(project, layout, (norms, images) =>
      describeImages(norms, images, layout, scaling),
    )
    const labels = descriptors.labelsOf(spec.selection)
    if (labels.length < 2 * FOLDS) {
      throw new VebiError(
        'bad-data',
        `The path over μ holds out a fifth of the training images at a time: ${project.train.location} has only ${labels.length}.`,
      )
    }
    const foldOf = stratifiedFolds(labels, FOLDS, spec.seed, STREAM)
    const mus = POWERS.map((power) => spec.selection.mu * 2 ** power)
    const solved = await solveFolds(project, spec, descriptors, labels, foldOf, mus, writer, context)
    const folds = solved.map((classes, fold) => ({
      weights: mus.map((_, i) => sparseWeights(classes.map(({ weights }) => denseRow(weights, i, layout.size)))),
      objectives: mus.map((_, i) => classes.reduce((sum, { objectives }) => sum + objectives[i], 0)),
      fitted: foldOf.reduce((sum, own) => sum + (own === fold ? 0 : 1), 0),
    }))
    return muPathResult({
      classes: project.config.classes,
      mus,
      chosen: POWERS.indexOf(0),
      folds,
      scores: await scoreHeldOut(descriptors, labels, foldOf, folds.map(({ weights }) => weights), context),
      seed: spec.seed,
    })
  })
}

/** `[folds][classes]`, one part of the artifact for each: weights and objectives, a row for each mu. */
async function solveFolds(
  project: Project,
  { selection }: CheckSpec,
  descriptors: TrainingDescriptors,
  labels: Int32Array,
  foldOf: Uint8Array,
  mus: readonly number[],
  writer: ArtifactWriter,
  context: JobContext,
): Promise<SolvedClasses[][]> {
  const classes = project.config.classes.length
  const present = new Set(writer.parts())
  const total = FOLDS * classes
  for (let fold = 0; fold < FOLDS; fold++) {
    const parts = Array.from({ length: classes }, (_, j) => fold * classes + j)
    const missing = parts.filter((part) => !present.has(part))
    if (missing.length === 0) continue
    const fitted = foldOf.map((own) => (own === fold ? 0 : 1))
    const { gram, size, trueLabels } = await statisticsOf(descriptors, labels, classes, fitted, context)
    for (const part of missing) {
      throwIfCancelled(context.signal)
      const j = part - fold * classes
      const problem = {
        gram,
        size,
        q: trueLabels.sums.subarray(j * size, (j + 1) * size),
        labelNorm: trueLabels.norms[j],
        nonnegative: selection.nonnegative,
      }
      writer.put(part, arraysOf(solveAlong(problem, mus)))
      context.report({ phase: 'follow the path', done: part + 1, total, unit: 'paths' })
      await breathe()
    }
  }
  return Array.from({ length: FOLDS }, (_, fold) =>
    Array.from({ length: classes }, (__, j) => readSolved(project, writer.artifact, fold * classes + j)),
  )
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

/** Every image by the fit of its own fold. @param weights `[folds][mus]` */
async function scoreHeldOut(
  descriptors: TrainingDescriptors,
  labels: Int32Array,
  foldOf: Uint8Array,
  weights: readonly (readonly SparseWeights[])[],
  context: JobContext,
): Promise<HeldOutScores> {
  const { size } = descriptors.layout
  const total = labels.length
  const columns = weights[0].length
  const right = new Float64Array(total * columns)
  const squaredError = new Float64Array(total * columns)
  for await (const { first, images, rows } of descriptors.blocks(context.signal)) {
    for (const [fold, atMu] of weights.entries()) {
      const own = Array.from({ length: images }, (_, i) => i).filter((i) => foldOf[first + i] === fold)
      const block = new Float32Array(own.length * size)
      own.forEach((i, place) => block.set(rows.subarray(i * size, (i + 1) * size), place * size))
      const truth = own.map((i) => labels[first + i])
      atMu.forEach((each, column) => {
        const scores = linearScores(each, block, size, truth)
        own.forEach((i, place) => {
          right[(first + i) * columns + column] = scores.right[place]
          squaredError[(first + i) * columns + column] = scores.squaredError[place]
        })
      })
    }
    context.report({ phase: 'score', done: first + images, total, unit: 'images' })
  }
  return {
    labels,
    foldOf,
    byNetwork: Float64Array.from(labels, (label, image) => (descriptors.predicted[image] === label ? 1 : 0)),
    right,
    squaredError,
  }
}
