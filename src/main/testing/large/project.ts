import { join } from 'node:path'
import { curveSteps, removalOrder } from '../../../core/ablation.ts'
import { IOU_THRESHOLDS } from '../../../core/iou.ts'
import { randomStream } from '../../../core/random.ts'
import { analysisDefaults, specsOf } from '../../../shared/analysis.ts'
import { VebiError } from '../../../shared/errors.ts'
import type { AblationSpec, AveragesSpec, EvaluationSpec, SelectionSpec } from '../../../shared/jobs.ts'
import { createProject, withProject } from '../../app.ts'
import { ablate } from '../../jobs/ablation.ts'
import { average } from '../../jobs/averages.ts'
import { evaluate, HEATMAP_KINDS } from '../../jobs/evaluation.ts'
import { explain } from '../../jobs/explanation.ts'
import { predict } from '../../jobs/predictions.ts'
import { layoutOf, type Project } from '../../jobs/project.ts'
import type { JobContext } from '../../jobs/runner.ts'
import { select, type Selection } from '../../jobs/selection.ts'
import { scalingOf, statisticsInputs } from '../../jobs/statistics.ts'
import { batchSizeFor } from '../../model/network.ts'
import type { Artifact } from '../../store/artifacts.ts'
import { partRanges } from '../../store/part-ranges.ts'
import { PRESETS } from '../../../shared/project.ts'
import { CLASSES, TRAIN_PER_CLASS, writeLargeImages } from './images.ts'
import { writeLargeModel } from './model.ts'
import { storeResponses } from './responses.ts'
import { certifyDiagonal, drawLabelSums, SCALE, solveDiagonal, type SparseRow } from './sparse.ts'

/**
 * A project of 1000 classes and 12,000 features with everything computed, as large as the window promises to bear.
 * Model, images, averages, explanations and predictions are real; what would take hours (the selection, the ablation
 * and the evaluation) is drawn, stored under the keys and in the parts of the real jobs, and finished by these.
 */
export async function writeLargeProject(root: string): Promise<string> {
  const folder = join(root, 'project')
  const images = await writeLargeImages(join(root, 'data'))
  const model = await writeLargeModel(join(root, 'model'), 5)
  await createProject(folder, { ...images, model, preprocessing: { scale: 1 / 255 } })
  await withProject(folder, {}, fill)
  return folder
}

async function fill(project: Project): Promise<void> {
  const options = analysisDefaults('paper')
  const { selections, ablation, averages, evaluation } = specsOf(options)
  const layout = layoutOf(project.graph, 'All')
  const convolutions = new Set(layoutOf(project.graph, 'OnlyConv').layers.map(({ node }) => node))
  const isConvolution = Array.from({ length: layout.size }, () => false)
  for (const { node, offset, channels } of layout.layers) {
    isConvolution.fill(convolutions.has(node), offset, offset + channels)
  }
  const labelSums = drawLabelSums(layout, (feature) => isConvolution[feature])
  const responses = storeResponses(project, layout, labelSums)
  storeStatistics(project, responses, layout.size, labelSums)
  for (const spec of selections) {
    const allowed = spec.layers === 'OnlyConv' ? (feature: number) => isConvolution[feature] : () => true
    await storeSelection(project, spec, layout.size, labelSums, allowed)
  }
  await predict(project, {}, quiet())
  await storeAblation(project, ablation)
  await storeEvaluation(project, evaluation)
  await someAverages(project, averages)
  const { selection, topFeatures, strideCorrection, reduction } = evaluation
  const explained = Array.from({ length: EXPLAINED }, (_, image) => image)
  await explain(
    project,
    { selection, images: explained, topFeatures, rule: options.rule, strideCorrection, reduction },
    quiet(),
  )
  project.store.notes.set({ layerNumber: 1, channel: 0, text: 'Edges from dark to light, at any angle.', pinned: true })
}

/** As many as the window explains by itself. */
const EXPLAINED = 12
/** Classes whose features have averages. */
const AVERAGED_CLASSES = 3

function storeStatistics(project: Project, responses: Artifact, size: number, labelSums: readonly SparseRow[]): void {
  const scaling = scalingOf(PRESETS.paper)
  const inputs = statisticsInputs(responses, layoutOf(project.graph, 'All'), scaling)
  const writer = project.store.artifacts.begin('statistics', inputs)
  const sums = new Float64Array(CLASSES * size)
  labelSums.forEach((row, j) => row.forEach((value, feature) => (sums[j * size + feature] = value)))
  const norms = new Float64Array(CLASSES).fill(TRAIN_PER_CLASS)
  writer.put(0, { trueSums: sums, trueNorms: norms, predictedSums: sums, predictedNorms: norms })
  for (const { part, start, end } of partRanges(size, size * 8)) {
    const data = new Float64Array((end - start) * size)
    for (let row = start; row < end; row++) data[(row - start) * size + row] = SCALE
    writer.put(1 + part, { gram: { shape: [end - start, size], data } })
  }
  writer.finish({ images: project.train.records.length })
}

async function storeSelection(
  project: Project,
  spec: SelectionSpec,
  size: number,
  labelSums: readonly SparseRow[],
  allowed: (feature: number) => boolean,
): Promise<void> {
  const weights = new Float64Array(CLASSES * size)
  const certificates = labelSums.map((q, j) => {
    const solution = solveDiagonal(q, spec.mu, allowed)
    for (const [feature, weight] of solution) weights[j * size + feature] = weight
    return { ...certifyDiagonal(q, solution, spec.mu, allowed), method: 'homotopy' as const }
  })
  const inputs = await inputsOf(project, 'selection', (capturing) => select(capturing, spec, quiet()))
  const writer = project.store.artifacts.begin('selection', inputs)
  writer.put(0, { weights: { shape: [CLASSES, size], data: weights } })
  writer.finish(certificates)
}

/** Counts of right predictions that fall as features are removed; the job itself makes the curves of them. */
async function storeAblation(project: Project, spec: AblationSpec): Promise<void> {
  const inputs = await inputsOf(project, 'ablation', (capturing) => ablate(capturing, spec, quiet()))
  const writer = project.store.artifacts.begin('ablation', inputs)
  const selections: Selection[] = []
  for (const each of spec.selections) selections.push(await select(project, each, quiet()))
  const random = randomStream(41)
  const survives = (share: number): number => Number((random.next() >>> 0) / 2 ** 32 < share)
  const { records } = project.test
  const batchSize = batchSizeFor(project.graph, 512)
  for (let part = 0; part * batchSize < records.length; part++) {
    const labels = records.slice(part * batchSize, (part + 1) * batchSize).map(({ label }) => label)
    const counted = (rows: number, share: (row: number) => number): Int32Array => {
      const counts = new Int32Array(rows * CLASSES)
      for (let row = 0; row < rows; row++) {
        for (const label of labels) counts[row * CLASSES + label] += survives(share(row))
      }
      return counts
    }
    const arrays: Record<string, Int32Array> = { totals: counted(1, () => 1), original: counted(1, () => 0.9) }
    selections.forEach(({ weights, layout }, p) => {
      const steps = curveSteps(removalOrder(weights, CLASSES, layout.size).length, spec.points).length
      arrays[`${p}.relevant`] = counted(steps, (step) => 0.9 * (1 - step / steps) ** (2 - p))
      arrays[`${p}.random`] = counted(spec.repeats * steps, (row) => 0.9 * (1 - 0.4 * ((row % steps) / steps)))
      arrays[`${p}.own`] = counted(CLASSES, () => 0.85)
      const own = new Int32Array(CLASSES * spec.repeats)
      for (const label of labels) {
        for (let r = 0; r < spec.repeats; r++) own[label * spec.repeats + r] += survives(0.88)
      }
      arrays[`${p}.ownRandom`] = own
    })
    writer.put(part, arrays)
  }
  await ablate(project, spec, quiet())
}

/** IoU curves of each image; the job itself sums them up. */
async function storeEvaluation(project: Project, spec: EvaluationSpec): Promise<void> {
  const inputs = await inputsOf(project, 'evaluation', (capturing) => evaluate(capturing, spec, quiet()))
  const writer = project.store.artifacts.begin('evaluation', inputs)
  const masked = project.test.records.filter(({ hasMask }) => hasMask)
  const batchSize = batchSizeFor(project.graph, 64)
  const random = randomStream(51)
  const levels = IOU_THRESHOLDS.length
  for (let part = 0; part * batchSize < masked.length; part++) {
    const records = masked.slice(part * batchSize, (part + 1) * batchSize)
    const data = new Float64Array(records.length * HEATMAP_KINDS.length * levels)
    for (let i = 0; i < data.length; i += levels) {
      const kind = (i / levels) % HEATMAP_KINDS.length
      const height = (0.55 - 0.06 * kind) * (0.7 + (0.3 * (random.next() >>> 0)) / 2 ** 32)
      for (let level = 0; level < levels; level++) {
        data[i + level] = height * Math.exp(-(((IOU_THRESHOLDS[level] - 0.3) / 0.25) ** 2))
      }
    }
    writer.put(part, {
      classes: Int32Array.from(records, ({ label }) => label),
      curves: { shape: [records.length, HEATMAP_KINDS.length, levels], data },
    })
  }
  await evaluate(project, spec, quiet())
}

/**
 * Real averages, by the job itself, of the features of the first classes: it is shown a store in which those of all
 * others are there already, and ends when it would read these back.
 */
async function someAverages(project: Project, spec: AveragesSpec): Promise<void> {
  const wanted = new Set<number>()
  for (const each of spec.selections) {
    const { weights, layout } = await select(project, each, quiet())
    weights.subarray(0, AVERAGED_CLASSES * layout.size).forEach((weight, i) => {
      if (weight !== 0) wanted.add(i % layout.size)
    })
  }
  const { artifacts } = project.store
  const find: typeof artifacts.find = (kind, inputs) => {
    const pretended = kind === 'average' && !wanted.has((inputs as { feature: number }).feature)
    return pretended ? { ...NOTHING, kind, inputs } : artifacts.find(kind, inputs)
  }
  const partial = { ...project, store: { ...project.store, artifacts: { ...artifacts, find } } }
  await average(partial, spec, quiet()).catch((error: unknown) => {
    if (!(error instanceof VebiError) || error.code !== 'not-ready') throw error
  })
}

/** Passes for a complete artifact until it is read. */
const NOTHING: Omit<Artifact, 'kind' | 'inputs'> = { id: -1, key: '', complete: true, meta: null, createdAt: 0 }

class Captured extends Error {
  readonly inputs: unknown

  constructor(inputs: unknown) {
    super('captured')
    this.inputs = inputs
  }
}

/** What a job keys its result by: asked of the job itself, which is stopped as it looks for the result. */
async function inputsOf(
  project: Project,
  kind: string,
  run: (capturing: Project) => Promise<unknown>,
): Promise<unknown> {
  const { artifacts } = project.store
  const find: typeof artifacts.find = (wanted, inputs) => {
    if (wanted === kind) throw new Captured(inputs)
    return artifacts.find(wanted, inputs)
  }
  try {
    await run({ ...project, store: { ...project.store, artifacts: { ...artifacts, find } } })
  } catch (error) {
    if (error instanceof Captured) return error.inputs
    throw error
  }
  throw new Error(`The job did not look for a result of the kind ${kind}.`)
}

function quiet(): JobContext {
  return { signal: new AbortController().signal, report: () => {} }
}
