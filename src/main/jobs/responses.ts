import type { FeatureLayout } from '../../core/features.ts'
import type { TopCandidates, TopEntry } from '../../core/top-lists.ts'
import { VebiError } from '../../shared/errors.ts'
import type { Artifact } from '../store/artifacts.ts'
import { layoutOf, networkInputs, type Project } from './project.ts'

/** Images kept in each feature's list (paper: average images of the top 100). */
export const TOP_IMAGES = 100

/** Part that holds the finished top lists, behind all parts of images. */
export const TOP_PART = 1_000_000

/** Responses of up to 512 training images, as stored. */
export interface PartResponses {
  /** Index of each image in the training data, `[count]`; unreadable images are missing. */
  readonly images: Int32Array
  /** `[count, m]` channel norms. */
  readonly norms: Float32Array
  /** `[count]` predicted classes. */
  readonly predicted: Int32Array
}

export function responsesInputs(project: Project, layout: FeatureLayout): Record<string, unknown> {
  return {
    ...networkInputs(project),
    images: project.keys.train,
    layers: layout.layers.map(({ node, channels }) => [node, channels]),
    topImages: TOP_IMAGES,
  }
}

/**
 * The stored responses that cover `layout`: those of exactly its layers, or of `All`.
 * Throws `not-ready` when nothing that fits has been extracted.
 */
export function requireResponses(
  project: Project,
  layout: FeatureLayout,
): { artifact: Artifact; layout: FeatureLayout } {
  for (const candidate of [layout, layoutOf(project.graph, 'All')]) {
    const nodes = new Set(candidate.layers.map((layer) => layer.node))
    if (!layout.layers.every((layer) => nodes.has(layer.node))) continue
    const artifact = project.store.artifacts.find('responses', responsesInputs(project, candidate))
    if (artifact?.complete) return { artifact, layout: candidate }
  }
  throw new VebiError(
    'not-ready',
    `${project.folder} holds no finished responses for these layers and images: run the extraction first.`,
  )
}

/** Numbers of the parts that hold images. */
export function imageParts(project: Project, artifact: Artifact): number[] {
  return project.store.artifacts.parts(artifact).filter((part) => part < TOP_PART)
}

export function readResponses(project: Project, artifact: Artifact, part: number): PartResponses {
  const { artifacts } = project.store
  return {
    images: artifacts.read(artifact, part, 'images', 'int32').data,
    norms: artifacts.read(artifact, part, 'norms', 'float32').data,
    predicted: artifacts.read(artifact, part, 'predicted', 'int32').data,
  }
}

export function readCandidates(project: Project, artifact: Artifact, part: number): TopCandidates {
  const { artifacts } = project.store
  return {
    features: artifacts.read(artifact, part, 'topFeatures', 'int32').data,
    images: artifacts.read(artifact, part, 'topImages', 'int32').data,
    responses: artifacts.read(artifact, part, 'topResponses', 'float32').data,
    positions: artifacts.read(artifact, part, 'topPositions', 'int32').data,
  }
}

/** The top lists of all features, read once. */
export function readTopLists(project: Project, artifact: Artifact): (feature: number) => TopEntry[] {
  const { artifacts } = project.store
  const counts = artifacts.read(artifact, TOP_PART, 'counts', 'int32').data
  const images = artifacts.read(artifact, TOP_PART, 'images', 'int32').data
  const responses = artifacts.read(artifact, TOP_PART, 'responses', 'float32').data
  const positions = artifacts.read(artifact, TOP_PART, 'positions', 'int32').data
  return (feature) =>
    Array.from({ length: counts[feature] }, (_, i) => {
      const place = feature * TOP_IMAGES + i
      return { image: images[place], response: responses[place], position: positions[place] }
    })
}
