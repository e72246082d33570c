import { meanAndBand } from '../../core/ablation.ts'
import type { AblationSpec } from '../../shared/jobs.ts'
import type { ClassAblation } from '../../shared/results.ts'
import { ablate, ablationInputs } from './ablation.ts'
import type { Project } from './project.ts'
import { select } from './selection.ts'
import { requireClass } from './selection-views.ts'
import { stored } from './stored.ts'

/**
 * The curves of one class with the band of its random sets, from the stored counts: the result itself keeps random
 * removals as a mean over the classes. Throws VebiError('not-ready') where the ablation is not computed.
 */
export async function classAblation(project: Project, spec: AblationSpec, classIndex: number): Promise<ClassAblation> {
  const classes = project.config.classes.length
  requireClass(classIndex, classes)
  const result = await stored(project, 'ablation', spec, ablate)
  const images = result.images[classIndex]
  const original = result.originalPerClass[classIndex]
  if (original === null) return { images, original: 0, curves: [] }
  const selections = []
  for (const each of spec.selections) selections.push(await stored(project, 'selection', each, select))
  const { artifacts } = project.store
  const artifact = artifacts.find('ablation', ablationInputs(project, spec, selections))!
  const right = result.curves.map(({ points }) => new Int32Array(spec.repeats * points.length))
  for (const part of artifacts.parts(artifact)) {
    for (const [p, counts] of right.entries()) {
      // `[repeats, steps, C]`
      const { data } = artifacts.read(artifact, part, `${p}.random`, 'int32')
      for (let i = 0; i < counts.length; i++) counts[i] += data[i * classes + classIndex]
    }
  }
  return {
    images,
    original,
    curves: result.curves.map(({ name, points }, p) => ({
      name,
      points: points.map(({ removed, perClass }, step) => {
        const accuracies = Array.from({ length: spec.repeats }, (_, r) => right[p][r * points.length + step] / images)
        const { mean, low, high } = meanAndBand(accuracies)
        return { removed, accuracy: perClass[classIndex]!, random: mean, randomLow: low, randomHigh: high }
      }),
    })),
  }
}
