import type { ExplanationSpec } from '../../shared/jobs.ts'
import { ImagePass } from '../model/image-pass.ts'
import { combineRawMaps, signalMaps } from './heatmap-methods.ts'
import { networkInputs, type Project } from './project.ts'
import { rankImages, type RankedImage } from './ranking.ts'
import type { Selection } from './selection.ts'

/**
 * Explanations of the network's predictions, stored one by one and keyed by the image's content: a test image and the
 * same file in an explained folder share one.
 */

/** Images explained at once; the outputs of all their layers are held. */
export const EXPLAIN_BATCH = 64

/** How an image is explained, whichever it is. */
export type ExplanationChoices = Omit<ExplanationSpec, 'images'>

export interface FeatureHeatmap {
  readonly feature: number
  /** r = w * x. */
  readonly contribution: number
  /** Raw signal at the input, `[height, width]`; with `max-abs` it keeps its sign. */
  readonly raw: Float32Array
}

/** The explanation of one image's prediction (method section 3). */
export interface StoredExplanation {
  readonly predicted: number
  readonly confidence: number
  readonly height: number
  readonly width: number
  /** Largest contribution first; fewer than asked for where fewer features speak for the class, possibly none. */
  readonly features: readonly FeatureHeatmap[]
  /** Pixel-wise maximum of the heatmaps, each scaled to [0, 1]. */
  readonly combined: Float32Array
}

/** @param imageHash SHA-256 (hex) of the image's content. */
export function hasExplanation(
  project: Project,
  selection: Selection,
  choices: ExplanationChoices,
  imageHash: string,
): boolean {
  const inputs = inputsOf(project, selection, choices, imageHash)
  return project.store.artifacts.find('explanation', inputs)?.complete ?? false
}

/** Undefined where it is not computed. */
export function findExplanation(
  project: Project,
  selection: Selection,
  choices: ExplanationChoices,
  imageHash: string,
): StoredExplanation | undefined {
  const { artifacts } = project.store
  const { height, width } = project.config.preprocessing
  const artifact = artifacts.find('explanation', inputsOf(project, selection, choices, imageHash))
  if (!artifact?.complete) return undefined
  const heatmaps = artifacts.read(artifact, 0, 'heatmaps', 'float32').data
  const pixels = height * width
  const summary = readSummary(project, artifact.id, artifact.meta)
  const features = summary.features.map((each, i) => ({ ...each, raw: heatmaps.slice(i * pixels, (i + 1) * pixels) }))
  const combined = combineRawMaps(
    features.map(({ raw }) => raw),
    pixels,
  )
  return { ...summary, height, width, features, combined }
}

/** The same without the maps. */
export function findExplanationSummary(
  project: Project,
  selection: Selection,
  choices: ExplanationChoices,
  imageHash: string,
): Pick<RankedImage, 'predicted' | 'confidence' | 'features'> | undefined {
  const artifact = project.store.artifacts.find('explanation', inputsOf(project, selection, choices, imageHash))
  return artifact?.complete ? readSummary(project, artifact.id, artifact.meta) : undefined
}

/**
 * Explains the predictions for a batch of images and stores them, all or none.
 *
 * @param data preprocessed images, `[imageHashes.length, ...inputShape]`.
 */
export function explainBatch(
  project: Project,
  selection: Selection,
  choices: ExplanationChoices,
  data: Float32Array,
  imageHashes: readonly string[],
): void {
  const { graph, network, store } = project
  const { layout } = selection
  const nodes = layout.layers.map((layer) => layer.node)
  const pass = new ImagePass(network, data, imageHashes.length, nodes)
  try {
    const ranked = rankImages(graph, pass, selection, choices.topFeatures)
    const maps = signalMaps(pass, layout, ranked, choices, choices.reduction)
    store.transaction(() => {
      for (const [row, imageHash] of imageHashes.entries()) {
        storeExplanation(project, inputsOf(project, selection, choices, imageHash), ranked[row], maps[row])
      }
    })
  } finally {
    pass.dispose()
  }
}

function inputsOf(
  project: Project,
  selection: Selection,
  choices: ExplanationChoices,
  imageHash: string,
): Record<string, unknown> {
  return {
    ...networkInputs(project),
    selection: selection.key,
    image: imageHash,
    topFeatures: choices.topFeatures,
    rule: choices.rule,
    strideCorrection: choices.strideCorrection,
    reduction: choices.reduction,
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
  // Two images with the same content have one explanation.
  if (project.store.artifacts.find('explanation', inputs)?.complete) return
  const writer = project.store.artifacts.begin('explanation', inputs)
  writer.put(0, {
    features: Int32Array.from(found.features, ({ feature }) => feature),
    contributions: Float64Array.from(found.features, ({ contribution }) => contribution),
    heatmaps: { shape: [raw.length, height, width], data: heatmaps },
  })
  writer.finish({ predicted: found.predicted, confidence: found.confidence })
}

function readSummary(
  { store: { artifacts } }: Project,
  id: number,
  meta: unknown,
): Pick<RankedImage, 'predicted' | 'confidence' | 'features'> {
  const { predicted, confidence } = meta as { predicted: number; confidence: number }
  const contributions = artifacts.read({ id }, 0, 'contributions', 'float64').data
  const features = Array.from(artifacts.read({ id }, 0, 'features', 'int32').data, (feature, i) => ({
    feature,
    contribution: contributions[i],
  }))
  return { predicted, confidence, features }
}
