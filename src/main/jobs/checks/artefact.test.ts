import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CLASSES, SIDE } from '../../testing/pictures.ts'
import { rowOf } from '../../testing/planted-checks.ts'
import { discard, folderIngredients, inProject, newProject, quiet, type Ingredients } from '../../testing/projects.ts'
import { convolution, dense, writeLayersModel } from '../../testing/tiny-model.ts'
import { extract } from '../extraction.ts'
import { runCheck } from './index.ts'

let ingredients: Ingredients
let folder: string
beforeAll(async () => {
  ingredients = await folderIngredients({ train: 24, test: 16 })
  folder = await newProject(ingredients, 'project')
  await inProject(folder, (project) => extract(project, { preset: 'paper', layers: 'All' }, quiet()))
})
afterAll(() => discard(ingredients))

it('finds the grid of a convolution with stride 2, which the correction takes out, and the activations unchanged', () =>
  inProject(folder, async (project) => {
    const selection = { preset: 'paper', layers: 'conv1', mu: 10, nonnegative: false, labels: 'true' } as const
    const spec = { check: 'artefact', selection, images: null, repeats: 1, seed: 1 } as const
    const explanation = { topFeatures: 3, strideCorrection: 'conv', reduction: 'max-abs' } as const
    const result = await runCheck(project, { ...spec, explanation }, quiet())
    expect(result).toMatchObject({ check: 'artefact', verdict: 'for', images: 16 })
    expect(result.sentence).toMatch(/^The correction of the convolutions takes the grid out: at a period of 2 pixels/)
    expect(result.sentence).toContain('the activations of the forward pass stay bit-identical')
    const before = rowOf(result, 'power', 2, 'No correction (Deconv+GB)').power
    expect(rowOf(result, 'power', 2, 'Convolutions corrected').power).toBeLessThan(before / 2)
    expect(rowOf(result, 'power', 2, 'Constant map').power).toBeCloseTo(0, 12)
    // White noise has 1 / 28 of its power about its mean at each frequency, and that is a quarter of all its power.
    expect(Math.abs(rowOf(result, 'power', 2, 'Random map').power - 1 / 28 / 4)).toBeLessThan(0.002)
    expect(result.tables.find(({ id }) => id === 'activations')!.rows).toEqual([[expect.any(Number), 'yes']])
  }))

it('claims nothing of a correction of convolutions where pooling alone makes the grid', async () => {
  const model = join(ingredients.root, 'pooled')
  const values = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(7 * i + 1))
  const weights = new Map([
    ['conv1/kernel', { shape: [3, 3, 3, 6], values: values(162) }],
    ['conv1/bias', { shape: [6], values: new Float32Array(6) }],
    ['fc2/kernel', { shape: [6, CLASSES.length], values: values(6 * CLASSES.length) }],
    ['fc2/bias', { shape: [CLASSES.length], values: new Float32Array(CLASSES.length) }],
  ])
  await writeLayersModel(model, weights, [
    convolution('conv1', 6, 3, { padding: 'same', batch_input_shape: [null, SIDE, SIDE, 3] }),
    { class_name: 'MaxPooling2D', config: { name: 'pool1', pool_size: [2, 2] } },
    { class_name: 'GlobalAveragePooling2D', config: { name: 'mean' } },
    dense('fc2', CLASSES.length),
  ])
  const pooled = await newProject({ ...ingredients, model }, 'pooled-project')
  await inProject(pooled, async (project) => {
    await extract(project, { preset: 'paper', layers: 'All' }, quiet())
    const selection = { preset: 'paper', layers: 'pool1', mu: 10, nonnegative: false, labels: 'true' } as const
    const explanation = { topFeatures: 3, strideCorrection: 'conv', reduction: 'max-abs' } as const
    const spec = { check: 'artefact', selection, explanation, images: 4, repeats: 1, seed: 1 } as const
    const { sentence, verdict } = await runCheck(project, spec, quiet())
    expect(verdict).toBe('open')
    expect(sentence).toMatch(
      /^The correction of the convolutions does not take the grid out: at a period of 2 pixels .* a change of 0\.0000 \(/,
    )
  })
})
