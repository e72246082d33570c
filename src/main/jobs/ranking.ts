import { argMaxRows, softmax } from '../../core/argmax.ts'
import { strongestFeatures, type Contribution } from '../../core/explanation.ts'
import { featuresOf } from '../../core/features.ts'
import { describeImages, gatherColumns } from '../../core/responses.ts'
import { scoreKind } from '../../core/score-kind.ts'
import type { Graph } from '../../shared/graph.ts'
import { PRESETS } from '../../shared/project.ts'
import type { ImagePass } from '../model/image-pass.ts'
import { layoutOf } from './project.ts'
import type { Selection } from './selection.ts'
import { scalingOf } from './statistics.ts'

/** One image of a batch: what the network says and which features speak for it. */
export interface RankedImage {
  readonly predicted: number
  /** Probability of the predicted class, 0..1. */
  readonly confidence: number
  /** The explained class, and its probability. */
  readonly target: number
  readonly probability: number
  /** Strongest relevant features of the explained class, as columns of the extracted layout. */
  readonly features: readonly Contribution[]
}

/**
 * Predictions of a batch and the strongest relevant features of each image (method section 3).
 *
 * @param target class to explain, for every image or for each; the predicted one where left out.
 * @param only features that may be picked; all where left out.
 */
export function rankImages(
  graph: Graph,
  pass: ImagePass,
  selection: Selection,
  most: number,
  options: { target?: number | readonly number[] | undefined; only?: ((feature: number) => boolean) | undefined } = {},
): RankedImage[] {
  const { layout, weights } = selection
  const descriptors = describe(graph, pass, selection)
  const scores = pass.scores()
  const winners = argMaxRows(scores, pass.images)
  const classes = scores.length / pass.images
  return Array.from(winners, (predicted, i) => {
    const probabilities = probabilitiesOf(graph, scores.subarray(i * classes, (i + 1) * classes))
    const target = (typeof options.target === 'object' ? options.target[i] : options.target) ?? predicted
    const classWeights = weights.subarray(target * layout.size, (target + 1) * layout.size)
    const descriptor = descriptors.subarray(i * layout.size, (i + 1) * layout.size)
    const ranked = strongestFeatures(classWeights, descriptor, options.only ? layout.size : most)
    return {
      predicted,
      confidence: probabilities[predicted],
      target,
      probability: probabilities[target],
      features: (options.only ? ranked.filter(({ feature }) => options.only!(feature)) : ranked).slice(0, most),
    }
  })
}

/** Probabilities `[classes]` from one image's scores: the scores themselves unless they are logits. */
export function probabilitiesOf(graph: Graph, scores: Float32Array): Float32Array | Float64Array {
  return scoreKind(graph) === 'logits' ? softmax(scores) : scores
}

/** Descriptors of the batch under the selection's scaling, spread over the extracted layout, `[images, m]`. */
function describe(graph: Graph, pass: ImagePass, selection: Selection): Float32Array {
  const { layout, spec } = selection
  const norms = pass.norms(layout)
  const wanted = layoutOf(graph, spec.layers)
  const scaling = scalingOf(PRESETS[spec.preset])
  if (scaling.image === 'none' || wanted.size === layout.size)
    return describeImages(norms, pass.images, layout, scaling)
  const columns = featuresOf(
    layout,
    wanted.layers.map((layer) => layer.node),
  )
  const rows = describeImages(gatherColumns(norms, pass.images, layout.size, columns), pass.images, wanted, scaling)
  const spread = new Float32Array(pass.images * layout.size)
  for (let image = 0; image < pass.images; image++) {
    columns.forEach((feature, i) => (spread[image * layout.size + feature] = rows[image * columns.length + i]!))
  }
  return spread
}
