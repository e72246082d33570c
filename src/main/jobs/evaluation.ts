import { controlMaps, CONTROLS } from '../../core/control-maps.ts'
import { areaUnder, iouCurve, IOU_THRESHOLDS } from '../../core/iou.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { EvaluationSpec, HeatmapMethod } from '../../shared/jobs.ts'
import type { ClassCurves, EvaluationResult, HeatmapScore } from '../../shared/results.ts'
import { batches } from '../data/batches.ts'
import { displayImage } from '../data/preprocess.ts'
import type { ImageRecord } from '../data/types.ts'
import { passesThrough } from '../model/image-pass.ts'
import { batchSizeFor, Network } from '../model/network.ts'
import { randomisedGraph } from '../model/randomised.ts'
import type { ArtifactWriter } from '../store/artifacts.ts'
import { combineRawMaps, drawableBy, methodMaps } from './heatmap-methods.ts'
import { centreBoxShare, maskedImages, maskSet, networkMask } from './masks.ts'
import { networkInputs, type Project } from './project.ts'
import { rankImages, type RankedImage } from './ranking.ts'
import { breathe, type JobContext } from './runner.ts'
import { select, type Selection } from './selection.ts'
import { stored } from './stored.ts'

/** The three kinds of heatmaps of the paper's Table 1 and the controls beside them (method section 7). */
export const HEATMAP_KINDS = [
  { id: 'upsampled', name: 'Upsampled activations', control: false },
  { id: 'deconv-gb', name: 'Deconv+GB', control: false },
  { id: 'ours', name: 'Ours (stride corrected)', control: false },
  { id: 'random-weights', name: 'Ours, weights shuffled', control: true },
  ...CONTROLS.map((control) => ({ ...control, control: true as const })),
] as const

export type HeatmapKindId = (typeof HEATMAP_KINDS)[number]['id']

/** Images evaluated at once. */
const EVALUATE_BATCH = 64

/** IoU of the combined explanation of each test image with its mask, for every kind of heatmap. */
export async function evaluate(project: Project, spec: EvaluationSpec, context: JobContext): Promise<EvaluationResult> {
  const { test, store, config, graph } = project
  const indexes = maskedImages(test)
  if (indexes.length === 0) {
    throw new VebiError('not-ready', `No test image of ${project.folder} has a mask: make the project with a folder of masks.`)
  }
  const selection = await select(project, spec.selection, context)
  const inputs = await inputsOf(project, spec, selection)
  const found = store.artifacts.find('evaluation', inputs)
  if (found?.complete) return found.meta as EvaluationResult
  const writer = store.artifacts.begin('evaluation', inputs)
  const present = new Set(writer.parts())
  const shuffled = new Network(randomisedGraph(graph, spec.seed))
  const boxShare = await centreBoxShare(project)
  const batchSize = batchSizeFor(graph, EVALUATE_BATCH)
  try {
    for (let part = 0; part * batchSize < indexes.length; part++) {
      throwIfCancelled(context.signal)
      const begin = part * batchSize
      const end = Math.min(indexes.length, begin + batchSize)
      if (!present.has(part)) {
        const options = { batchSize, indexes, start: begin, end, signal: context.signal }
        for await (const batch of batches(test, config.preprocessing, options)) {
          if (batch.indexes.length === 0) continue
          const setting = { project, shuffled, spec, selection, boxShare }
          const scored = await scoreBatch(setting, batch.indexes, batch.data, context)
          writer.put(part, {
            classes: batch.indexes.map((index) => test.records[index].label),
            curves: { shape: [batch.indexes.length, HEATMAP_KINDS.length, IOU_THRESHOLDS.length], data: scored },
          })
        }
      }
      context.report({ phase: 'evaluate', done: end, total: indexes.length, unit: 'images' })
    }
  } finally {
    shuffled.dispose()
  }
  const result = summarise(project, writer, indexes.length, boxShare)
  writer.finish(result)
  return result
}

async function inputsOf(
  project: Project,
  spec: EvaluationSpec,
  selection: Selection,
): Promise<Record<string, unknown>> {
  return {
    ...networkInputs(project),
    images: project.keys.test,
    masks: (await maskSet(project.test, project.config.preprocessing)).key,
    selection: selection.key,
    topFeatures: spec.topFeatures,
    strideCorrection: spec.strideCorrection,
    reduction: spec.reduction,
    seed: spec.seed,
    kinds: HEATMAP_KINDS.map(({ id }) => id),
    boxShare: await centreBoxShare(project),
  }
}

/** From the stored curves of the images; throws VebiError('not-ready') where the evaluation is not computed. */
export async function classCurves(project: Project, spec: EvaluationSpec, classIndex: number): Promise<ClassCurves> {
  await stored(project, 'evaluation', spec, evaluate)
  const { artifacts } = project.store
  const selection = await stored(project, 'selection', spec.selection, select)
  const artifact = artifacts.find('evaluation', await inputsOf(project, spec, selection))!
  const levels = IOU_THRESHOLDS.length
  const sums = HEATMAP_KINDS.map(() => new Array<number>(levels).fill(0))
  let images = 0
  for (const part of artifacts.parts(artifact)) {
    const labels = artifacts.read(artifact, part, 'classes', 'int32').data
    const curves = artifacts.read(artifact, part, 'curves', 'float64').data
    labels.forEach((label, row) => {
      if (label !== classIndex) return
      images++
      sums.forEach((sum, kind) => {
        const begin = (row * HEATMAP_KINDS.length + kind) * levels
        for (let level = 0; level < levels; level++) sum[level] += curves[begin + level]
      })
    })
  }
  return { images, curves: sums.map((sum) => sum.map((value) => value / Math.max(1, images))) }
}

/**
 * IoU curves of one test image, `[kinds][thresholds]`, as they are stored. Throws VebiError('not-ready') where the
 * evaluation is not computed, and VebiError('bad-data') where the image has no mask or was left out.
 */
export async function imageCurves(
  project: Project,
  spec: EvaluationSpec,
  image: number,
): Promise<readonly (readonly number[])[]> {
  const { test, graph, store } = project
  const { name, hasMask } = requireTestImage(project, image)
  if (!hasMask) throw new VebiError('bad-data', `${name} has no mask to hold a heatmap against.`)
  await stored(project, 'evaluation', spec, evaluate)
  const selection = await stored(project, 'selection', spec.selection, select)
  const indexes = maskedImages(test)
  const artifact = store.artifacts.find('evaluation', await inputsOf(project, spec, selection))!
  const batchSize = batchSizeFor(graph, EVALUATE_BATCH)
  const part = Math.floor(indexes.indexOf(image) / batchSize)
  const batch = [...indexes.subarray(part * batchSize, (part + 1) * batchSize)]
  const kept = store.artifacts.parts(artifact).includes(part)
    ? store.artifacts.read(artifact, part, 'classes', 'int32').data.length
    : 0
  const unreadable = async (index: number): Promise<boolean> => test.read(index).then(() => false, () => true)
  let row = batch.indexOf(image)
  if (kept < batch.length) {
    // Images that could not be read have no row.
    for (const before of batch.slice(0, row)) if (await unreadable(before)) row--
    if (await unreadable(image)) throw new VebiError('bad-data', `${name} cannot be read and was left out.`)
  }
  const curves = store.artifacts.read(artifact, part, 'curves', 'float64').data
  const levels = IOU_THRESHOLDS.length
  return HEATMAP_KINDS.map((_, kind) => {
    const begin = (row * HEATMAP_KINDS.length + kind) * levels
    return [...curves.subarray(begin, begin + levels)]
  })
}

function requireTestImage({ test, folder }: Project, image: number): ImageRecord {
  const record = test.records.at(image)
  if (record) return record
  throw new VebiError('bad-argument', `There is no test image ${image} in ${folder}.`)
}

interface EvaluationSetting {
  readonly project: Project
  /** The network with its weights shuffled. */
  readonly shuffled: Network
  readonly spec: EvaluationSpec
  readonly selection: Selection
  /** Share of the image in the centre box. */
  readonly boxShare: number
}

/** IoU curves of a batch, `[images, kinds, thresholds]`. */
async function scoreBatch(
  setting: EvaluationSetting,
  indexes: Int32Array,
  data: Float32Array,
  context: JobContext,
): Promise<Float64Array> {
  const { project, spec, boxShare } = setting
  const maps = backwardMaps(setting, indexes.length, data)
  const levels = IOU_THRESHOLDS.length
  const curves = new Float64Array(indexes.length * HEATMAP_KINDS.length * levels)
  for (const [row, index] of indexes.entries()) {
    throwIfCancelled(context.signal)
    const image = displayImage(await project.test.read(index), project.config.preprocessing)
    const mask = await networkMask(project.test, index, project.config.preprocessing)
    const controls = controlMaps(image, boxShare, [spec.seed, index])
    const all: Record<HeatmapKindId, Float32Array> = { ...maps(row), ...controls }
    HEATMAP_KINDS.forEach(({ id }, kind) =>
      curves.set(iouCurve(all[id], mask.data), (row * HEATMAP_KINDS.length + kind) * levels),
    )
  }
  await breathe()
  return curves
}

type BackwardKind = 'upsampled' | 'deconv-gb' | 'ours' | 'random-weights'

/** Combined explanations `[height * width]` of each image by each kind that needs the network. */
function backwardMaps(
  { project, shuffled, spec, selection }: EvaluationSetting,
  images: number,
  data: Float32Array,
): (row: number) => Record<BackwardKind, Float32Array> {
  const { graph, config } = project
  const { layout } = selection
  const nodes = layout.layers.map((layer) => layer.node)
  const pixels = config.preprocessing.height * config.preprocessing.width
  const [pass, other] = passesThrough([project.network, shuffled], data, images, nodes)
  try {
    const rankFor = (method: HeatmapMethod): RankedImage[] =>
      rankImages(graph, pass, selection, spec.topFeatures, { only: drawableBy(method, layout) })
    const ranked = rankFor('ours')
    const combineAll = (maps: readonly Float32Array[][]): Float32Array[] =>
      maps.map((own) => combineRawMaps(own, pixels))
    const combined: Record<BackwardKind, Float32Array[]> = {
      upsampled: combineAll(methodMaps(pass, layout, rankFor('upsampled'), 'upsampled', spec)),
      'deconv-gb': combineAll(methodMaps(pass, layout, ranked, 'deconv-gb', spec)),
      ours: combineAll(methodMaps(pass, layout, ranked, 'ours', spec)),
      'random-weights': combineAll(methodMaps(other, layout, ranked, 'ours', spec)),
    }
    return (row) => ({
      upsampled: combined.upsampled[row],
      'deconv-gb': combined['deconv-gb'][row],
      ours: combined.ours[row],
      'random-weights': combined['random-weights'][row],
    })
  } finally {
    pass.dispose()
    other.dispose()
  }
}

function summarise(
  project: Project,
  writer: ArtifactWriter,
  wanted: number,
  boxShare: number,
): EvaluationResult {
  const { artifacts } = project.store
  const levels = IOU_THRESHOLDS.length
  const classes = project.config.classes.length
  const sums = HEATMAP_KINDS.map(() => Array.from({ length: classes }, () => new Float64Array(levels)))
  const counts = new Int32Array(classes)
  for (const part of writer.parts()) {
    const labels = artifacts.read(writer.artifact, part, 'classes', 'int32').data
    const curves = artifacts.read(writer.artifact, part, 'curves', 'float64').data
    labels.forEach((label, row) => {
      counts[label] += 1
      HEATMAP_KINDS.forEach((_, kind) => {
        const into = sums[kind][label]
        const begin = (row * HEATMAP_KINDS.length + kind) * levels
        for (let level = 0; level < levels; level++) into[level] += curves[begin + level]
      })
    })
  }
  const images = counts.reduce((sum, count) => sum + count, 0)
  if (images === 0) throw new VebiError('bad-data', `None of the ${wanted} test images with masks can be read.`)
  const scores = HEATMAP_KINDS.map(({ id, name, control }, kind): HeatmapScore => {
    const byClass = sums[kind]
    const curve = Array.from(
      { length: levels },
      (_, level) => byClass.reduce((sum, each) => sum + each[level], 0) / images,
    )
    const highest = curve.reduce((best, iou, level) => (iou > curve[best] ? level : best), 0)
    return {
      kind: id,
      name,
      control,
      curve,
      area: areaUnder(curve),
      best: { iou: curve[highest], threshold: IOU_THRESHOLDS[highest] },
      perClass: byClass.map((each, j) => (counts[j] > 0 ? areaUnder(each.map((value) => value / counts[j])) : null)),
    }
  })
  return { images, unreadable: wanted - images, boxShare, scores }
}
