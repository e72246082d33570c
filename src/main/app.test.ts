import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { NewProject as NewProjectInFolder } from '../shared/project-info.ts'
import { createProject, withProject } from './app.ts'
import { extract } from './jobs/extraction.ts'
import { select } from './jobs/selection.ts'
import { openProject } from './store/project.ts'
import { canMount, mountTemporary } from './store/testing/mounts.ts'
import { drawPictures, writeIdxPair } from './testing/pictures.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  idxIngredients,
  inProject,
  newProject,
  quiet,
  resultsOf,
} from './testing/projects.ts'
import type { Ingredients } from './testing/projects.ts'

type NewProject = Omit<NewProjectInFolder, 'folder'>

let pristine: Ingredients
let own: Ingredients
beforeAll(async () => {
  pristine = await folderIngredients({ train: 12, test: 8 })
})
afterAll(() => discard(pristine))
afterEach(() => rm(join(pristine.root, 'own'), { recursive: true, force: true }))

/** Copies of model and data that a test may spoil. */
async function spoilable(): Promise<Ingredients & { readonly masks: string }> {
  const root = join(pristine.root, 'own')
  for (const part of ['model', 'train', 'test', 'masks']) {
    await cp(join(pristine.root, part), join(root, part), { recursive: true })
  }
  const masks = join(root, 'masks')
  own = { root, model: join(root, 'model'), train: join(root, 'train'), test: join(root, 'test'), masks }
  return { ...own, masks }
}

/** The one sentence that making a project ends with; no project must be left behind. */
async function refusal(changes: Partial<NewProject> = {}): Promise<{ code: string; sentence: string }> {
  const folder = join(own.root, 'project')
  const { model, train, test } = own
  const options: NewProject = { model, train, test, preprocessing: { scale: 1 / 255 }, ...changes }
  const failure = await failureOf(createProject(folder, options))
  expect(existsSync(folder)).toBe(false)
  expectOneSentence(failure.sentence)
  return failure
}

/** The one sentence that extraction in an existing project ends with. */
async function refusalToWork(folder: string): Promise<{ code: string; sentence: string }> {
  const failure = await failureOf(inProject(folder, (project) => extract(project, ALL, quiet())))
  expectOneSentence(failure.sentence)
  return failure
}

const ALL = { preset: 'paper', layers: 'All' } as const

function expectOneSentence(sentence: string): void {
  expect(sentence).not.toContain('\n')
  expect(sentence).not.toContain('undefined')
  expect(sentence).toMatch(/[^.]\.$/)
}

describe('making a project', () => {
  it('checks everything and writes the configuration and the lists of images', async () => {
    const { model, train, test, masks, root } = await spoilable()
    const folder = join(root, 'project')
    const preprocessing = { scale: 1 / 255, mean: 0.5 }
    const config = await createProject(folder, { model, train, test, masks, preprocessing })
    expect(config).toEqual({
      model, train, test, masks, classes: ['a', 'b', 'c', 'd'],
      preprocessing: {
        height: 28, width: 28, channels: 3, resize: 'fit', scale: 1 / 255,
        mean: [0.5, 0.5, 0.5], std: [1, 1, 1], order: 'rgb',
      },
    })
    await withProject(folder, {}, async (project) => {
      expect(project.config).toEqual(config)
      const names = project.train.records.map(({ name }) => name)
      expect(project.store.images.list('train').map(({ name }) => name)).toEqual(names)
      expect(project.store.images.count('test')).toBe(8)
      expect(project.test.records.every(({ hasMask }) => hasMask)).toBe(true)
    })
  })

  it('reports the reading of both sets of images and can be cancelled', async () => {
    await spoilable()
    const phases: string[] = []
    const folder = join(own.root, 'project')
    const { model, train, test } = own
    await createProject(folder, { model, train, test, preprocessing: {} }, {
      onProgress: (phase, done, total) => phases.push(`${phase} ${done}/${total}`),
    })
    expect(phases).toEqual(expect.arrayContaining(['read train images 12/12', 'read test images 8/8']))
    const cancelled = { signal: AbortSignal.abort() }
    const other = join(own.root, 'cancelled')
    const failure = await failureOf(createProject(other, { model, train, test, preprocessing: {} }, cancelled))
    expect(failure.code).toBe('cancelled')
    expect(existsSync(other)).toBe(false)
  })

  it('refuses a folder that holds a project already and leaves that one alone', async () => {
    await spoilable()
    const folder = await newProject(own, 'twice')
    await inProject(folder, (project) => extract(project, ALL, quiet()))
    const before = resultsOf(folder)
    expect(await failureOf(newProject(own, 'twice'))).toEqual({
      code: 'bad-argument', sentence: `${folder} already holds a project; open it, or choose another folder.`,
    })
    expect(resultsOf(folder)).toEqual(before)
  })
})

describe('a model that does not work', () => {
  it('is missing', async () => {
    const { model } = await spoilable()
    await rm(model, { recursive: true })
    expect(await refusal()).toEqual({ code: 'missing-file', sentence: `${model} does not exist.` })
  })

  it('lacks its weights, or half of them', async () => {
    const { model } = await spoilable()
    const weights = join(model, 'weights.bin')
    await truncate(weights, 1000)
    const short = await refusal()
    expect(short.code).toBe('bad-model')
    expect(short.sentence).toContain(model)
    expect(short.sentence).toContain('1000')
    await rm(weights)
    const missing = await refusal()
    expect(missing.code).toBe('missing-file')
    expect(missing.sentence).toBe(`${join(model, 'model.json')}: the weight file "weights.bin" is missing.`)
  })

  it('is cut short, or another file altogether', async () => {
    const { model, train } = await spoilable()
    const file = join(model, 'model.json')
    await truncate(file, 300)
    const cut = await refusal()
    expect(cut.code).toBe('bad-file')
    expect(cut.sentence).toContain(file)
    await writeFile(file, '{"name": "no-model", "version": "1.0.0"}')
    const foreign = await refusal()
    expect(foreign.sentence).toContain(file)
    const image = join(train, 'a', '0000.png')
    const picture = await refusal({ model: image })
    expect(picture.code).toBe('bad-file')
    expect(picture.sentence).toContain(image)
    const onnx = join(model, 'model.onnx')
    await copyFile(image, onnx)
    expect((await refusal({ model: onnx })).sentence).toContain('an ONNX model')
  })

  it('has weights of the wrong shape', async () => {
    const { model } = await spoilable()
    await edit(join(model, 'model.json'), '"shape":[5,5,3,6]', '"shape":[5,3,5,6]')
    const failure = await refusal()
    expect(failure.code).toBe('bad-model')
    expect(failure.sentence).toContain(model)
    expect(failure.sentence).toContain('conv1')
  })

  it('has a weight that is not a number', async () => {
    const { model } = await spoilable()
    const file = join(model, 'weights.bin')
    const bytes = await readFile(file)
    bytes.writeFloatLE(NaN, bytes.length - 8)
    await writeFile(file, bytes)
    const failure = await refusal()
    expect(failure.code).toBe('bad-model')
    expect(failure.sentence).toContain(model)
    expect(failure.sentence).toContain('fc4')
  })

  it('takes images of another size or number of channels than was asked for', async () => {
    await spoilable()
    expect(await refusal({ preprocessing: { height: 32, width: 32 } })).toEqual({
      code: 'bad-argument', sentence: 'The model takes 28x28 images with 3 channels, not 32x32 with 3.',
    })
    const means = await refusal({ preprocessing: { mean: [1, 2] } })
    expect(means.sentence).toBe('Preprocessing, mean: has 2 values for 3 channels.')
    expect((await refusal({ preprocessing: { std: 0 } })).sentence).toBe('Preprocessing, std: must not be zero.')
  })
})

describe('images that do not fit', () => {
  it('are missing', async () => {
    const { train, test } = await spoilable()
    await rm(test, { recursive: true })
    expect(await refusal()).toEqual({ code: 'missing-file', sentence: `"${test}" does not exist.` })
    await rm(train, { recursive: true })
    expect(await refusal()).toEqual({ code: 'missing-file', sentence: `"${train}" does not exist.` })
  })

  it('leave a class without any', async () => {
    const { test } = await spoilable()
    await rm(join(test, 'c'), { recursive: true })
    await mkdir(join(test, 'c'))
    expect(await refusal()).toEqual({
      code: 'bad-data',
      sentence: `The class folder "${join(test, 'c')}" holds no image (PNG, JPEG, WebP, GIF or TIFF).`,
    })
    await rm(join(test, 'c'), { recursive: true })
    expect(await refusal()).toEqual({ code: 'bad-data', sentence: `"${test}" has no folder for: "c".` })
  })

  it('have more or fewer classes than the model has outputs', async () => {
    const { model, train, test } = await spoilable()
    await rm(join(train, 'd'), { recursive: true })
    await rm(join(test, 'd'), { recursive: true })
    expect(await refusal()).toEqual({
      code: 'bad-data',
      sentence: `${model} has 4 outputs, but ${train} has 3 classes: a file of labels, with one class on each line, names them all.`,
    })
    await cp(join(pristine.train, 'd'), join(train, 'd'), { recursive: true })
    await cp(join(pristine.train, 'a'), join(train, 'e'), { recursive: true })
    expect((await refusal()).sentence).toContain(`"${test}" has no folder for: "d", "e".`)
  })

  it('have labels beyond the model\'s outputs', async () => {
    const { root } = await spoilable()
    const train = await writeIdxPair(root, 'train', drawPictures(12, 5))
    const test = await writeIdxPair(root, 'test', [...drawPictures(8, 6).map((picture) => ({ ...picture, label: 7 }))])
    const failure = await refusal({ train, test })
    expect(failure).toEqual({
      code: 'bad-data',
      sentence: `"${join(root, 'test-labels')}" gives image 0 the label 7, but there are 4 classes.`,
    })
  })

  it('have names that are not among the labels, or as many', async () => {
    const { root, model, train } = await spoilable()
    const labels = join(root, 'labels.txt')
    await writeFile(labels, 'a\nb\nc\nother\n')
    expect(await refusal({ labels })).toEqual({ code: 'bad-data', sentence: `"${train}" has no folder for: "other".` })
    await writeFile(labels, 'a\n\nc\nd\n')
    expect((await refusal({ labels })).sentence).toBe(`${labels}: line 2 is empty; every line names one class.`)
    await writeFile(labels, '')
    expect((await refusal({ labels })).sentence).toBe(`${labels} is empty; every line names one class.`)
    await rm(labels)
    expect(await refusal({ labels })).toEqual({ code: 'missing-file', sentence: `${labels} does not exist.` })
    await writeFile(labels, 'a\nb\nc\nd\ne\n')
    const pair = await writeIdxPair(root, 'train', drawPictures(12, 5))
    const test = await writeIdxPair(root, 'test', drawPictures(8, 6))
    const more = await refusal({ labels, train: pair, test })
    expect(more.sentence).toBe(`${model} has 4 outputs, but ${pair} has 5 classes.`)
  })

  it('are both training and test images', async () => {
    const { train, test } = await spoilable()
    await copyFile(join(train, 'b', '0005.png'), join(test, 'b', 'planted.png'))
    expect(await refusal()).toEqual({
      code: 'overlap',
      sentence: '1 of 9 test images are also training images: "b/planted.png" is "b/0005.png".',
    })
  })

  it('have no mask in the folder of masks', async () => {
    const { masks, root } = await spoilable()
    await rename(masks, join(root, 'moved'))
    expect((await refusal({ masks })).sentence).toBe(`The masks folder "${masks}" does not exist.`)
    await mkdir(masks)
    expect((await refusal({ masks })).sentence).toContain(`the masks folder "${masks}"`)
  })
})

describe('an open project', () => {
  it('is made of files that may vanish', async () => {
    const { model, train, test } = await spoilable()
    const folder = await newProject(own, 'vanishing')
    const sentences = { [test]: `"${test}" does not exist.`, [train]: `"${train}" does not exist.`, [model]: `${model} does not exist.` }
    for (const [path, sentence] of Object.entries(sentences)) {
      await rename(path, `${path}-moved`)
      expect(await refusalToWork(folder)).toEqual({ code: 'missing-file', sentence })
      await rename(`${path}-moved`, path)
    }
    await rm(join(folder, 'project.sqlite'))
    expect((await refusalToWork(folder)).sentence).toBe(`${folder} holds no project (no project.sqlite).`)
    expect((await refusalToWork(join(folder, 'none'))).code).toBe('missing-file')
  })

  it('refuses a model that was replaced by one with other inputs or outputs', async () => {
    const { model } = await spoilable()
    const folder = await newProject(own, 'replaced')
    const file = join(model, 'model.json')
    const original = await readFile(file, 'utf8')
    await edit(file, '"units":4,', '"units":3,')
    await edit(file, '"shape":[16,4]', '"shape":[16,3]')
    await edit(file, '"shape":[4]', '"shape":[3]')
    await truncate(join(model, 'weights.bin'), (await readFile(join(model, 'weights.bin'))).length - 17 * 4)
    const outputs = await refusalToWork(folder)
    expect(outputs.code).toBe('bad-data')
    expect(outputs.sentence).toContain(`${model} has 3 outputs`)
    // With padding "same" and stride 2, 27 pixels give the same maps as 28.
    await writeFile(file, original.replace('"batch_input_shape":[null,28,28,3]', '"batch_input_shape":[null,27,27,3]'))
    await copyFile(join(pristine.model, 'weights.bin'), join(model, 'weights.bin'))
    expect(await refusalToWork(folder)).toEqual({
      code: 'bad-argument', sentence: 'The model takes 27x27 images with 3 channels, not 28x28 with 3.',
    })
  })

  it('refuses images that came into both sets after it was made', async () => {
    const { train, test } = await spoilable()
    const folder = await newProject(own, 'planted')
    await copyFile(join(train, 'a', '0000.png'), join(test, 'a', 'planted.png'))
    expect(await refusalToWork(folder)).toEqual({
      code: 'overlap',
      sentence: '1 of 9 test images are also training images: "a/planted.png" is "a/0000.png".',
    })
  })

  it('names the layers that there are when one is unknown', async () => {
    await spoilable()
    const folder = await newProject(own, 'layers')
    const extracting = (layers: string) =>
      failureOf(inProject(folder, (project) => extract(project, { preset: 'paper', layers }, quiet())))
    const failure = await extracting('conv9')
    expectOneSentence(failure.sentence)
    expect(failure.code).toBe('bad-argument')
    expect(failure.sentence).toContain('There is no layer "conv9"')
    expect(failure.sentence).toContain('3: pool1')
    expect((await extracting('11')).sentence).toBe('There is no layer 11: the layers are numbered 1 to 10.')
  })

  it('says what to do first when responses are missing, and refuses a mu below zero', async () => {
    await spoilable()
    const folder = await newProject(own, 'order')
    const spec = { preset: 'paper', layers: 'All', mu: 10, nonnegative: false, labels: 'true' } as const
    expect(await failureOf(inProject(folder, (project) => select(project, spec, quiet())))).toEqual({
      code: 'not-ready',
      sentence: `${folder} holds no finished responses for these layers and images: run the extraction first.`,
    })
    await inProject(folder, (project) => extract(project, ALL, quiet()))
    const negative = await failureOf(inProject(folder, (project) => select(project, { ...spec, mu: -1 }, quiet())))
    expect(negative).toEqual({ code: 'bad-argument', sentence: 'mu is -1; it must be a number that is 0 or more.' })
  })

  it('is free again after every failure', async () => {
    const { test } = await spoilable()
    const folder = await newProject(own, 'free')
    await rename(test, `${test}-moved`)
    await refusalToWork(folder)
    openProject(folder, { mode: 'open' }).close()
    await rename(`${test}-moved`, test)
    await expect(inProject(folder, () => Promise.reject(new Error('a mistake')))).rejects.toThrow('a mistake')
    openProject(folder, { mode: 'open' }).close()
  })

  it('that is damaged is named', async () => {
    await spoilable()
    const folder = await newProject(own, 'damaged')
    const file = join(folder, 'project.sqlite')
    await writeFile(file, 'not a database, but long enough to be looked at '.repeat(100))
    expect((await refusalToWork(folder)).sentence).toContain(file)
    await writeFile(file, '')
    expect(await refusalToWork(folder)).toEqual({ code: 'bad-file', sentence: `${file} is empty.` })
  })
})

describe.skipIf(!canMount)('a disk that fills up while a job runs (needs the right to mount a file system)', () => {
  it('ends it with one sentence; with space it goes on and gives the same bits', async () => {
    const large = await idxIngredients()
    try {
      const reference = await newProject(large, 'reference')
      await inProject(reference, (project) => extract(project, ALL, quiet()))
      const disk = join(large.root, 'disk')
      await mkdir(disk)
      const mount = mountTemporary(disk, '1500k')
      try {
        const folder = await newProject(large, 'disk/project')
        const failure = await refusalToWork(folder)
        expect(failure).toEqual({
          code: 'disk-full',
          sentence: `The disk is full: ${join(folder, 'project.sqlite')} cannot grow; what was stored before is intact.`,
        })
        mount.change('size=32m')
        await inProject(folder, (project) => extract(project, ALL, quiet()))
        expect(resultsOf(folder)).toEqual(resultsOf(reference))
      } finally {
        mount.unmount()
      }
    } finally {
      await discard(large)
    }
  })
})

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(file, text.replace(from, to))
}
