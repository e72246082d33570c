import { combineHeatmaps, scaleHeatmap } from '../../core/explanation.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { ExplanationSpec } from '../../shared/jobs.ts'
import { batches } from '../data/batches.ts'
import { ImagePass } from '../model/image-pass.ts'
import { batchSizeFor } from '../model/network.ts'
import { heatmapBatch } from './heatmap-batch.ts'
import { networkInputs, type Project } from './project.ts'
import { rankImages, type RankedImage } from './ranking.ts'
import { breathe, type JobContext } from './runner.ts'
import { select, type Selection } from './selection.ts'

/** Images explained at once; the outputs of all their layers are held. */
const EXPLAIN_BATCH = 64

export interface FeatureHeatmap {
  readonly feature: number
  /** r = w * x. */
  readonly contribution: number
  /** Raw signal at the input, `[height, width]`; with `max-abs` it keeps its sign. */
  readonly raw: Float32Array
}

/** The explanation of one image (method section 3). */
export interface Explanation {
  /** Index in the test images. */
  readonly image: number
  readonly predicted: number
  readonly confidence: number
  readonly height: number
  readonly width: number
  /** Largest contribution first; fewer than asked for where fewer features speak for the class, possibly none. */
  readonly features: readonly FeatureHeatmap[]
  /** Pixel-wise maximum of the heatmaps, each scaled to [0, 1]. */
  readonly combined: Float32Array
}

/** Explains the network's predictions for the chosen test images. Every explanation is stored with its raw heatmaps. */
export async function explain(project: Project, spec: ExplanationSpec, context: JobContext): Promise<Explanation[]> {
  const { test, network, config, store, graph } = project
  const outside = spec.images.find((image) => !Number.isInteger(image) || image < 0 || image >= test.records.length)
  if (outside !== undefined) {
    throw new VebiError(
      'bad-argument',
      `There is no test image ${outside}: they are numbered 0 to ${test.records.length - 1}.`,
    )
  }
  const selection = await select(project, spec.selection, context)
  const missing = spec.images.filter(
    (image) => !store.artifacts.find('explanation', inputsOf(project, selection, spec, image))?.complete,
  )
  const nodes = selection.layout.layers.map((layer) => layer.node)
  const method = { rule: spec.rule, strideCorrection: spec.strideCorrection }
  let done = 0
  const options = { batchSize: batchSizeFor(graph, EXPLAIN_BATCH), indexes: missing, signal: context.signal }
  for await (const batch of batches(test, config.preprocessing, options)) {
    throwIfCancelled(context.signal)
    const failure = batch.failures[0]
    if (failure) throw new VebiError('bad-file', failure.reason)
    const pass = new ImagePass(network, batch.data, batch.indexes.length, nodes)
    try {
      const ranked = rankImages(graph, pass, selection, spec.topFeatures)
      const requests = ranked.flatMap(({ features }, row) => features.map(({ feature }) => ({ row, feature })))
      const maps = heatmapBatch(selection.layout, requests, (node, rows, channels) =>
        pass.heatmaps(node, rows, channels, method, spec.reduction),
      )
      store.transaction(() => {
        let next = 0
        for (const [row, found] of ranked.entries()) {
          const raw = maps.slice(next, (next += found.features.length))
          storeExplanation(project, inputsOf(project, selection, spec, batch.indexes[row]), found, raw)
        }
      })
    } finally {
      pass.dispose()
    }
    done += batch.indexes.length
    context.report({ phase: 'explain', done, total: missing.length, unit: 'images' })
    await breathe()
  }
  return spec.images.map((image) => readExplanation(project, inputsOf(project, selection, spec, image), image))
}

function inputsOf(
  project: Project,
  selection: Selection,
  spec: ExplanationSpec,
  image: number,
): Record<string, unknown> {
  return {
    ...networkInputs(project),
    selection: selection.key,
    image: project.test.records[image].hash,
    topFeatures: spec.topFeatures,
    rule: spec.rule,
    strideCorrection: spec.strideCorrection,
    reduction: spec.reduction,
  }
}

function storeExplanation(
  project: Project,
  inputs: Record<string, unknown>,
  found: RankedImage,
  raw: readonly Float32Array[],
): void {
  const { height, width } = project.config.preprocessing
  const heatmaps = new Float32Array(raw.length * height * width)
  raw.forEach((map, i) => heatmaps.set(map, i * height * width))
  // Two images with the same pixels have one explanation.
  if (project.store.artifacts.find('explanation', inputs)?.complete) return
  const writer = project.store.artifacts.begin('explanation', inputs)
  writer.put(0, {
    features: Int32Array.from(found.features, ({ feature }) => feature),
    contributions: Float64Array.from(found.features, ({ contribution }) => contribution),
    heatmaps: { shape: [raw.length, height, width], data: heatmaps },
  })
  writer.finish({ predicted: found.predicted, confidence: found.confidence })
}

function readExplanation(project: Project, inputs: Record<string, unknown>, image: number): Explanation {
  const { artifacts } = project.store
  const { height, width } = project.config.preprocessing
  const artifact = artifacts.find('explanation', inputs)!
  const { predicted, confidence } = artifact.meta as { predicted: number; confidence: number }
  const contributions = artifacts.read(artifact, 0, 'contributions', 'float64').data
  const heatmaps = artifacts.read(artifact, 0, 'heatmaps', 'float32').data
  const pixels = height * width
  const features = Array.from(artifacts.read(artifact, 0, 'features', 'int32').data, (feature, i) => ({
    feature,
    contribution: contributions[i],
    raw: heatmaps.slice(i * pixels, (i + 1) * pixels),
  }))
  return {
    image,
    predicted,
    confidence,
    height,
    width,
    features,
    combined: combineHeatmaps(
      features.map(({ raw }) => scaleHeatmap(raw).scaled),
      pixels,
    ),
  }
}
