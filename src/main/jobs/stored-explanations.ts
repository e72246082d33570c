import type { ExplanationSpec } from '../../shared/jobs.ts'
import type { ImageExplanation, ImageId } from '../../shared/results.ts'
import { explain } from './explanation.ts'
import { testIndexOf } from './images.ts'
import type { Project } from './project.ts'
import { featureName } from './selection-views.ts'
import { select } from './selection.ts'
import { stored } from './stored.ts'

/** The stored explanation of one test image; throws VebiError('not-ready') where there is none. */
export async function readExplanation(
  project: Project,
  choices: Omit<ExplanationSpec, 'images'>,
  id: ImageId,
): Promise<ImageExplanation> {
  const image = testIndexOf(project, id)
  const { layout } = await stored(project, 'selection', choices.selection, select)
  const [found] = await stored(project, 'explanation', { ...choices, images: [image] }, explain)
  const { height, width, features, combined, predicted, confidence } = found
  const heatmaps = new Float32Array(features.length * height * width)
  features.forEach(({ raw }, i) => heatmaps.set(raw, i * height * width))
  return {
    image: id,
    predicted,
    confidence,
    features: features.map(({ feature, contribution }) => ({ ...featureName(layout, feature), contribution })),
    heatmaps: { shape: [features.length, height, width], data: heatmaps },
    combined: { shape: [height, width], data: combined },
  }
}
