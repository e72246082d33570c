import { describeImages } from '../../core/responses.ts'
import { solveLasso } from '../../core/selection/lasso.ts'
import { TrainingDescriptors } from '../jobs/checks/training-descriptors.ts'
import { layoutOf, type Project } from '../jobs/project.ts'

/** The selection step restated: sums image by image in float64, one class at a time. */

/** Descriptors of all training images by the paper's text, over all layers. */
export function descriptorsOf(project: Project): TrainingDescriptors {
  const layout = layoutOf(project.graph, 'All')
  const scaling = { response: 'l2', image: 'none' } as const
  return new TrainingDescriptors(project, layout, (norms, images) => describeImages(norms, images, layout, scaling))
}

/** `[m]` for each image. */
export async function rowsFrom(descriptors: TrainingDescriptors): Promise<Float32Array[]> {
  const found: Float32Array[] = []
  const { size } = descriptors.layout
  for await (const { images, rows } of descriptors.blocks(new AbortController().signal)) {
    for (let i = 0; i < images; i++) found.push(rows.subarray(i * size, (i + 1) * size))
  }
  return found
}

/** The mu-Lasso of one class on rows and 0/1 labels, from sums in float64. */
export function solvePlainly(mu: number, rows: readonly Float32Array[], isClass: readonly number[]) {
  const size = rows[0].length
  const gram = new Float64Array(size * size)
  const q = new Float64Array(size)
  rows.forEach((row, image) => {
    for (let k = 0; k < size; k++) {
      q[k] += row[k] * isClass[image]
      for (let l = 0; l < size; l++) gram[k * size + l] += row[k] * row[l]
    }
  })
  const labelNorm = isClass.reduce((sum, label) => sum + label, 0)
  const { weights, certificate } = solveLasso({ gram, size, q, labelNorm, mu })
  return { gram, weights, objective: certificate.objective }
}
