import type { ArgumentOf } from '../../shared/contract.ts'
import type { ComputedExplanation } from '../../shared/results.ts'
import { preprocess } from '../data/preprocess.ts'
import { ImagePass } from '../model/image-pass.ts'
import { findExplanation } from './explanation-store.ts'
import { combineRawMaps, drawableBy, methodMaps } from './heatmap-methods.ts'
import { contentHashOf, readImage } from './images.ts'
import type { Project } from './project.ts'
import { rankImages } from './ranking.ts'
import { requireClass } from './selection-views.ts'
import { select } from './selection.ts'
import { stored } from './stored.ts'
import { describeExplanation } from './stored-explanations.ts'

/**
 * Explains one image at once, for any class and by any method (method sections 3 and 4). What a job has stored is
 * read, so that the same explanation has the same bits everywhere: batches of other sizes round differently. Throws
 * VebiError('not-ready') where the selection is not computed.
 */
export async function computeExplanation(
  project: Project,
  { explanation, image, classIndex, method }: ArgumentOf<'explanations.compute'>,
): Promise<ComputedExplanation> {
  const { graph, network, config } = project
  const imageHash = contentHashOf(project, image)
  if (classIndex !== null) requireClass(classIndex, network.classCount)
  const selection = await stored(project, 'selection', explanation.selection, select)
  const { layout } = selection
  if (method === 'ours') {
    const found = findExplanation(project, selection, { ...explanation, rule: 'guided' }, imageHash)
    if (found && (classIndex ?? found.predicted) === found.predicted) {
      const { predicted, confidence } = found
      return {
        ...describeExplanation(layout, image, found), method, classIndex: predicted, probability: confidence,
      }
    }
  }
  const { height, width } = config.preprocessing
  const data = preprocess(await readImage(project, image), config.preprocessing)
  const nodes = layout.layers.map((layer) => layer.node)
  const pass = new ImagePass(network, data, 1, nodes)
  try {
    const ranked = rankImages(graph, pass, selection, explanation.topFeatures, {
      target: classIndex ?? undefined,
      only: drawableBy(method, layout),
    })
    const [maps] = methodMaps(pass, layout, ranked, method, explanation)
    const { predicted, confidence, features, target, probability } = ranked[0]
    const drawn = {
      predicted,
      confidence,
      height,
      width,
      features: features.map((each, i) => ({ ...each, raw: maps[i] })),
      combined: combineRawMaps(maps, height * width),
    }
    return { ...describeExplanation(layout, image, drawn), method, classIndex: target, probability }
  } finally {
    pass.dispose()
  }
}
