import { receptiveBox } from '../../core/receptive-field.ts'
import { locate, type FeatureLayout } from '../../core/features.ts'
import { VebiError } from '../../shared/errors.ts'
import type { AveragesSpec } from '../../shared/jobs.ts'
import type { AverageEntry, AverageImage, AverageMean } from '../../shared/results.ts'
import { fieldsOf } from '../model/fields.ts'
import type { Artifact } from '../store/artifacts.ts'
import { layoutOf, type Project } from './project.ts'
import { averageInputs } from './averages.ts'
import { requireResponses } from './responses.ts'
import { featureName } from './selection-views.ts'
import { relevantFeatures, select, type Selection } from './selection.ts'
import { stored } from './stored.ts'

/** Average images one at a time: all of a large network together do not fit a message. */

export async function listAverages(project: Project, spec: AveragesSpec): Promise<AverageEntry[]> {
  const selections = await selectionsOf(project, spec)
  const { layout } = selections[0]
  const { artifact: responses } = requireResponses(project, layout)
  const { artifacts } = project.store
  const wanted = new Set(selections.flatMap((selection) => [...relevantFeatures(selection)]))
  return [...wanted]
    .sort((a, b) => a - b)
    .map((feature) => ({
      ...featureName(layout, feature),
      stored: artifacts.find('average', averageInputs(responses, feature, spec))?.complete ?? false,
    }))
}

export function readAverage(project: Project, spec: AveragesSpec, feature: number): AverageImage {
  const { layout, artifact } = requireAverage(project, spec, feature)
  const name = featureName(layout, feature)
  const { artifacts } = project.store
  const images = artifacts.read(artifact, 0, 'images', 'int32').data
  const responses = artifacts.read(artifact, 0, 'responses', 'float32').data
  const positions = artifacts.read(artifact, 0, 'positions', 'int32').data
  const { node } = locate(layout, feature).layer
  const field = fieldsOf(project.graph)[node]
  const { shape } = project.graph.nodes[node]
  const columns = shape.length === 3 ? shape[1] : 1
  return {
    ...name,
    mean: artifacts.read(artifact, 0, 'mean', 'float32'),
    spread: artifacts.read(artifact, 0, 'spread', 'float32'),
    randomMean: artifacts.read(artifact, 0, 'randomMean', 'float32'),
    randomPatches: (artifact.meta as { randomPatches: number }).randomPatches,
    montage: artifacts.read(artifact, 0, 'montage', 'uint8'),
    patches: Array.from(images, (image, i) => {
      const unit = [Math.floor(positions[i] / columns), positions[i] % columns] as const
      const { clipped, ...box } = receptiveBox(field, unit, project.network.inputShape)
      return { image: `train/${image}` as const, response: responses[i], box, clipped }
    }),
    distinctImages: new Set(images).size,
  }
}

/** Of what is stored of an average, only the mean and the numbers of the patches are read. */
export function readAverageMean(project: Project, spec: AveragesSpec, feature: number): AverageMean {
  const { layout, artifact } = requireAverage(project, spec, feature)
  const { artifacts } = project.store
  const images = artifacts.read(artifact, 0, 'images', 'int32').data
  return {
    ...featureName(layout, feature),
    mean: artifacts.read(artifact, 0, 'mean', 'float32'),
    averagedPatches: images.length,
    distinctImages: new Set(images).size,
  }
}

async function selectionsOf(project: Project, spec: AveragesSpec): Promise<Selection[]> {
  const selections: Selection[] = []
  for (const each of spec.selections) selections.push(await stored(project, 'selection', each, select))
  return selections
}

/** The stored average of a column of the responses; they, and not the selection, tell what the columns are. */
function requireAverage(
  project: Project,
  spec: AveragesSpec,
  feature: number,
): { layout: FeatureLayout; artifact: Artifact } {
  const { artifact: responses, layout } = requireResponses(project, layoutOf(project.graph, spec.selections[0].layers))
  if (feature >= layout.size) {
    throw new VebiError('bad-argument', `There is no feature ${feature}: they are numbered 0 to ${layout.size - 1}.`)
  }
  const artifact = project.store.artifacts.find('average', averageInputs(responses, feature, spec))
  if (artifact?.complete) return { layout, artifact }
  const { channel, layerName } = featureName(layout, feature)
  throw new VebiError(
    'not-ready',
    `Channel ${channel} of layer "${layerName}" has no average image yet: start the job "averages" first.`,
  )
}
