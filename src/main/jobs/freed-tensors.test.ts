import * as tf from '@tensorflow/tfjs-core'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { CheckName } from '../../shared/checks.ts'
import { Network } from '../model/network.ts'
import { discard, folderIngredients, inProject, newProject, quiet, type Ingredients } from '../testing/projects.ts'
import { runCheck } from './checks/index.ts'
import { evaluate } from './evaluation.ts'
import { extract } from './extraction.ts'
import type { Project } from './project.ts'

const selection = { preset: 'paper', layers: 'conv1', mu: 10, nonnegative: false, labels: 'true' } as const
const explanation = { topFeatures: 3, strideCorrection: 'conv', reduction: 'max-abs' } as const

let ingredients: Ingredients
let folder: string
beforeAll(async () => {
  ingredients = await folderIngredients({ train: 24, test: 16 })
  folder = await newProject(ingredients, 'project')
  await inProject(folder, (project) => extract(project, { preset: 'paper', layers: 'All' }, quiet()))
})
afterAll(() => discard(ingredients))
afterEach(() => vi.restoreAllMocks())

const check = (name: CheckName) => (project: Project) =>
  runCheck(project, { check: name, selection, explanation, images: null, repeats: 1, seed: 1 }, quiet())

it.each([
  { work: 'the check of the grid', fails: 'own', run: check('artefact') },
  { work: 'the check of the overlap', fails: 'shuffled', run: check('iou') },
  {
    work: 'the evaluation',
    fails: 'shuffled',
    run: (project: Project) => evaluate(project, { selection, ...explanation, seed: 1 }, quiet()),
  },
])('$work leaves no tensors behind when a pass through the $fails network fails', ({ fails, run }) =>
  inProject(folder, async (project) => {
    const { network } = project
    // Its weights stay on the engine from the first pass on.
    network.output(new Float32Array(network.inputShape.reduce((a, b) => a * b)), 1, network.graph.output)
    const before = tf.memory().numTensors
    const forward = network.forward.bind(network)
    vi.spyOn(Network.prototype, 'forward').mockImplementation(function (this: Network, ...given) {
      if ((this === network) === (fails === 'own')) throw new Error('no memory')
      return forward(...given)
    })
    await expect(run(project)).rejects.toThrow('no memory')
    expect(tf.memory().numTensors).toBe(before)
  }),
)
