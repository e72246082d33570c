import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Draft } from '../shared/contract.ts'
import { FROM_FILE } from '../shared/preprocessing-presets.ts'
import { createProject } from './app.ts'
import { matFile, type Written } from './importers/matconvnet/testing/write-matlab.ts'
import { recordedWorkbench } from './testing/recorder.ts'
import { writeTinyProject } from './testing/tiny-project.ts'

/** A project of a model whose file says how its images are prepared and what its classes are called. */

const CLASSES = ['red', 'green', 'blue']
const SIDE = 16
const MEAN = 100
const { call, refusal, faults, close } = recordedWorkbench()
let root: string
let draft: Draft

/** The scores are the means of the channels: one convolution over the whole image. */
function network(names: readonly string[]): Uint8Array {
  const filters = Array.from({ length: 3 * 3 * SIDE * SIDE }, (_, i) => {
    const [channel, output] = [Math.floor(i / SIDE ** 2) % 3, Math.floor(i / (3 * SIDE ** 2))]
    return channel === output ? 1 / SIDE ** 2 : 0
  })
  const weights: Written = {
    cells: [{ shape: [SIDE, SIDE, 3, 3], single: filters }, { shape: [1, 3], single: [0, 0, 0] }],
  }
  const normalization: Written = { fields: { imageSize: [SIDE, SIDE, 3], averageImage: MEAN, keepAspect: 1 } }
  const classes: Written = { fields: { description: { cells: [...names] } } }
  return matFile({
    layers: { cells: [{ fields: { type: 'conv', name: 'scores', weights } }] },
    meta: { fields: { normalization, classes } },
  })
}

beforeAll(async () => {
  const { root: folder, options } = await writeTinyProject()
  root = folder
  const model = join(root, 'colours.mat')
  writeFileSync(model, network(CLASSES))
  writeFileSync(join(root, 'others.mat'), network(['cat', 'dog', 'red']))
  draft = { model, train: options.train, test: options.test, preprocessing: {} }
})

afterAll(async () => {
  await close()
  rmSync(root, { recursive: true, force: true })
})

it('is in the report, with the class names', async () => {
  const { suggestion } = await call('model.inspect', { path: draft.model })
  expect(suggestion).toEqual({
    preprocessing: { scale: 1, mean: [MEAN, MEAN, MEAN], std: [1, 1, 1], order: 'rgb', resize: 'crop' },
    classes: CLASSES,
  })
})

it('gives the draft its class names, in the order of the outputs', async () => {
  const request = { role: 'test', count: 1 } as const
  expect((await call('draft.preview', { ...request, draft })).classes).toEqual(CLASSES.toSorted())
  const named = { ...draft, modelClasses: true }
  expect((await call('draft.preview', { ...request, draft: named })).classes).toEqual(CLASSES)
  // A label file goes before.
  const labels = join(root, 'labels.txt')
  writeFileSync(labels, 'green\nred\nblue\n')
  expect((await call('draft.preview', { ...request, draft: { ...named, labels } })).classes[0]).toBe('green')
})

it('is tried among the presets, and makes the network right with the names of the file alone', async () => {
  const named = await call('draft.presets', { draft: { ...draft, modelClasses: true }, images: 200 })
  expect(named.trials.map(({ name }) => name)).toContain(FROM_FILE)
  const own = named.trials.find(({ name }) => name === FROM_FILE)
  expect(own).toMatchObject({ accuracy: 1, preprocessing: { mean: [MEAN, MEAN, MEAN], resize: 'crop' } })
  const alphabetical = await call('draft.presets', { draft, images: 200 })
  expect(alphabetical.trials.find(({ name }) => name === FROM_FILE)?.accuracy).toBe(1 / 3)
})

it('is refused where the images have other classes', async () => {
  const other = { ...draft, model: join(root, 'others.mat'), modelClasses: true }
  expect(await refusal('draft.preview', { draft: other, role: 'test', count: 1 })).toEqual({
    code: 'bad-data',
    sentence: `"${draft.train}" has no folder for: "cat", "dog".`,
  })
  expect(faults).toEqual([])
})

it('makes a project as the file says where nothing of the preprocessing is given, and says so', async () => {
  const notes: string[] = []
  const onNote = (sentence: string) => void notes.push(sentence)
  const own = await createProject(join(root, 'own'), draft, { onNote })
  expect(own.preprocessing).toMatchObject({ scale: 1, mean: [MEAN, MEAN, MEAN], std: [1, 1, 1], resize: 'crop' })
  expect(notes).toContain(
    `Images are prepared as ${draft.model} says: scale 1, mean 100, standard deviation 1, order RGB, resize crop.`,
  )
  notes.length = 0
  const byHand = await createProject(join(root, 'by hand'), { ...draft, preprocessing: { scale: 1 / 255 } }, { onNote })
  expect(byHand.preprocessing).toMatchObject({ scale: 1 / 255, mean: [0, 0, 0], resize: 'fit' })
  expect(notes).toEqual([])
})

it('makes a project with the names of the file', async () => {
  const config = await call('project.create', { ...draft, modelClasses: true, folder: join(root, 'colours') })
  expect(config.classes).toEqual(CLASSES)
})
