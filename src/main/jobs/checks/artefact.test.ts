import { afterAll, beforeAll, expect, it } from 'vitest'
import { rowOf } from '../../testing/planted-checks.ts'
import { discard, folderIngredients, inProject, newProject, quiet, type Ingredients } from '../../testing/projects.ts'
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
