import type { FeatureLayout } from '../../core/features.ts'
import type { ImageId } from '../../shared/images.ts'
import type { ImageExplanation } from '../../shared/results.ts'
import { findExplanation, type ExplanationChoices, type StoredExplanation } from './explanation-store.ts'
import { contentHashOf, placeOf, testIndexOf } from './images.ts'
import type { Project } from './project.ts'
import { featureName } from './selection-views.ts'
import { select } from './selection.ts'
import { notComputed, stored } from './stored.ts'

/** The stored explanation of a test image or an added one; throws VebiError('not-ready') where there is none. */
export async function readExplanation(
  project: Project,
  choices: ExplanationChoices,
  image: ImageId,
): Promise<ImageExplanation> {
  const { role } = placeOf(project, image)
  if (role !== 'added') testIndexOf(project, image)
  const selection = await stored(project, 'selection', choices.selection, select)
  const found = findExplanation(project, selection, choices, contentHashOf(project, image))
  if (!found) throw notComputed(project, role === 'added' ? 'folder-explanation' : 'explanation')
  return describeExplanation(selection.layout, image, found)
}

export function describeExplanation(
  layout: FeatureLayout,
  image: ImageId,
  { predicted, confidence, height, width, features, combined }: StoredExplanation,
): ImageExplanation {
  const heatmaps = new Float32Array(features.length * height * width)
  features.forEach(({ raw }, i) => heatmaps.set(raw, i * height * width))
  return {
    image,
    predicted,
    confidence,
    features: features.map(({ feature, contribution }) => ({ ...featureName(layout, feature), contribution })),
    heatmaps: { shape: [features.length, height, width], data: heatmaps },
    combined: { shape: [height, width], data: combined },
  }
}
