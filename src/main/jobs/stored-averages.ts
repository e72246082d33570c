import { removalOrder } from '../../core/ablation.ts'
import { receptiveBox } from '../../core/receptive-field.ts'
import { locate } from '../../core/features.ts'
import { VebiError } from '../../shared/errors.ts'
import type { AveragesSpec } from '../../shared/jobs.ts'
import type { AverageEntry, AverageImage } from '../../shared/results.ts'
import { fieldsOf } from '../model/fields.ts'
import type { Artifact } from '../store/artifacts.ts'
import type { Project } from './project.ts'
import { averageInputs } from './averages.ts'
import { requireResponses } from './responses.ts'
import { featureName } from './selection-views.ts'
import { select, type Selection } from './selection.ts'
import { stored } from './stored.ts'

/** Average images one at a time: all of a large network together do not fit a message. */

export async function listAverages(project: Project, spec: AveragesSpec): Promise<AverageEntry[]> {
  const selections = await selectionsOf(project, spec)
  const { layout } = selections[0]
  const classes = project.config.classes.length
  const wanted = new Set(selections.flatMap(({ weights }) => [...removalOrder(weights, classes, layout.size)]))
  return [...wanted]
    .sort((a, b) => a - b)
    .map((feature) => ({
      ...featureName(layout, feature),
      stored: find(project, selections[0], feature, spec)?.complete ?? false,
    }))
}

export async function readAverage(project: Project, spec: AveragesSpec, feature: number): Promise<AverageImage> {
  const [selection] = await selectionsOf(project, spec)
  const { layout } = selection
  if (feature >= layout.size) {
    throw new VebiError('bad-argument', `There is no feature ${feature}: they are numbered 0 to ${layout.size - 1}.`)
  }
  const name = featureName(layout, feature)
  const artifact = find(project, selection, feature, spec)
  if (!artifact?.complete) {
    throw new VebiError(
      'not-ready',
      `Channel ${name.channel} of layer "${name.layerName}" has no average image yet: start the job "averages" first.`,
    )
  }
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

async function selectionsOf(project: Project, spec: AveragesSpec): Promise<Selection[]> {
  const selections: Selection[] = []
  for (const each of spec.selections) selections.push(await stored(project, 'selection', each, select))
  return selections
}

function find(project: Project, { layout }: Selection, feature: number, spec: AveragesSpec): Artifact | undefined {
  const { artifact } = requireResponses(project, layout)
  return project.store.artifacts.find('average', averageInputs(artifact, feature, spec))
}
