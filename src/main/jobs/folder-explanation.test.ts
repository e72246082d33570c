import { rmSync } from 'node:fs'
import { appendFile, chmod, cp, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ExplanationSpec, SelectionSpec } from '../../shared/jobs.ts'
import type { FolderExplanationSpec } from '../../shared/work.ts'
import { Network } from '../model/network.ts'
import { CLASSES, drawPictures, SIDE } from '../testing/pictures.ts'
import { discard, failureOf, folderIngredients, holdProject, newProject, quiet, recording } from '../testing/projects.ts'
import type { Ingredients } from '../testing/projects.ts'
import { listAddedImages, removeAddedImages } from './added-images.ts'
import { computeExplanation } from './computed-explanation.ts'
import { explain } from './explanation.ts'
import { extract } from './extraction.ts'
import { explainFolder, readFolderExplanation } from './folder-explanation.ts'
import type { Project } from './project.ts'
import { select } from './selection.ts'
import { readExplanation } from './stored-explanations.ts'

const ALL: SelectionSpec = { preset: 'paper', layers: 'All', mu: 4, nonnegative: false, labels: 'true' }
const EXPLANATION: Omit<ExplanationSpec, 'images'> = {
  selection: ALL, topFeatures: 3, rule: 'guided', strideCorrection: 'conv+pool', reduction: 'max-abs',
}
const IMAGES = 70

let ingredients: Ingredients
let project: Project
let release: () => void

beforeAll(async () => {
  ingredients = await folderIngredients({ train: 40, test: 12 })
  ;({ project, release } = await holdProject(await newProject(ingredients, 'project')))
  await extract(project, { preset: 'paper', layers: 'All' }, quiet())
  await select(project, ALL, quiet())
})

afterEach(() => {
  vi.restoreAllMocks()
  removeAddedImages(project, listAddedImages(project).map(({ id }) => id))
})

afterAll(async () => {
  release()
  await discard(ingredients)
})

/** A folder of `count` pictures; each seed draws others. */
async function folderOf(count: number, seed: number): Promise<FolderExplanationSpec> {
  const folder = await mkdtemp(join(ingredients.root, 'pictures-'))
  for (const [index, { pixels }] of drawPictures(count, seed).entries()) {
    const raw = { width: SIDE, height: SIDE, channels: 3 } as const
    await writeFile(join(folder, name(index)), await sharp(pixels, { raw }).png().toBuffer())
  }
  return { folder, explanation: EXPLANATION }
}

function name(index: number): string {
  return `${String(index).padStart(3, '0')}.png`
}

function countPasses(): () => number {
  const spy = vi.spyOn(Network.prototype, 'forward')
  return () => spy.mock.calls.length
}

describe('a folder explained as one job', () => {
  it('adds its images in the order of their names and explains the prediction of each', async () => {
    const spec = await folderOf(IMAGES, 31)
    const { context, steps } = recording()
    await explainFolder(project, spec, context)
    expect(steps.filter(({ phase }) => phase === 'explain')).toEqual([0, 64, 70].map((done) => (
      { phase: 'explain', done, total: 70, unit: 'images' })))
    const { images, unreadable } = await readFolderExplanation(project, spec)
    expect(unreadable).toEqual([])
    expect(images.map(({ image }) => image.name)).toEqual(Array.from({ length: IMAGES }, (_, index) => name(index)))
    expect(new Set(images.map(({ image }) => image.id)).size).toBe(IMAGES)
    expect(listAddedImages(project)).toHaveLength(IMAGES)
    expect(images[0].image).toMatchObject({ height: SIDE, width: SIDE })
    for (const { image, predicted, confidence, features } of [images[0], images[42], images[69]]) {
      const byHand = await computeExplanation(project, {
        explanation: { ...EXPLANATION, topFeatures: 2 }, image: image.id, classIndex: null, method: 'ours',
      })
      expect(byHand.predicted).toBe(predicted)
      expect(byHand.confidence).toBeCloseTo(confidence, 5)
      expect(byHand.features.map(({ feature }) => feature)).toEqual(features.slice(0, 2).map(({ feature }) => feature))
      const stored = await readExplanation(project, EXPLANATION, image.id)
      expect(stored).toMatchObject({ image: image.id, predicted, confidence, features })
    }
    expect(new Set(images.map(({ predicted }) => predicted)).size).toBe(CLASSES.length)
  })

  it('is a cache hit the second time, and computes only what is new', async () => {
    const spec = await folderOf(9, 32)
    await explainFolder(project, spec, quiet())
    const before = await readFolderExplanation(project, spec)
    const passes = countPasses()
    await explainFolder(project, spec, quiet())
    expect(passes()).toBe(0)
    expect(await readFolderExplanation(project, { ...spec, folder: `${spec.folder}/` })).toEqual(before)

    await rename(join(spec.folder, name(3)), join(spec.folder, 'a new name.png'))
    await rm(join(spec.folder, name(4)))
    await explainFolder(project, spec, quiet())
    expect(passes()).toBe(0)
    const renamed = await readFolderExplanation(project, spec)
    expect(renamed.images.map(({ image }) => image.name).slice(2)).toEqual(
      [2, 5, 6, 7, 8].map(name).concat('a new name.png'))
    expect(renamed.images.at(-1)).toEqual({
      ...before.images[3], image: { ...before.images[3].image, name: 'a new name.png' },
    })

    await appendFile(join(spec.folder, name(0)), 'a comment that decoders pass over')
    await explainFolder(project, spec, quiet())
    expect(passes()).toBe(1)
    const { images } = await readFolderExplanation(project, spec)
    expect(images[0].image.id).not.toBe(before.images[0].image.id)
    expect(images[0].predicted).toBe(before.images[0].predicted)
  })

  it('shares explanations with test images of the same content', async () => {
    const folder = await mkdtemp(join(ingredients.root, 'shared-'))
    await cp(join(ingredients.test, 'b', '0001.png'), join(folder, 'same.png'))
    const index = project.test.records.findIndex((record) => record.name === 'b/0001.png')
    await explain(project, { ...EXPLANATION, images: [index] }, quiet())
    const spec = { folder, explanation: EXPLANATION }
    const explained = project.store.artifacts.list({ kind: 'explanation' }).length
    await explainFolder(project, spec, quiet())
    expect(project.store.artifacts.list({ kind: 'explanation' })).toHaveLength(explained)
    const { images: [found] } = await readFolderExplanation(project, spec)
    const { image, ...rest } = await readExplanation(project, EXPLANATION, found.image.id)
    expect(image).toBe('added/' + found.image.id.slice(6))
    expect({ ...rest, image: `test/${index}` }).toEqual(await readExplanation(project, EXPLANATION, `test/${index}`))
  })

  it('stops within a batch and goes on from what is stored', async () => {
    const spec = await folderOf(IMAGES, 33)
    const cancelled = recording((step, cancel) => {
      if (step.phase === 'explain' && step.done === 64) cancel()
    })
    const first = countPasses()
    expect(await failureOf(explainFolder(project, spec, cancelled.context))).toEqual({
      code: 'cancelled', sentence: 'Cancelled by the user.',
    })
    expect(first()).toBe(1)
    expect((await failureOf(readFolderExplanation(project, spec))).code).toBe('not-ready')
    vi.restoreAllMocks()
    const passes = countPasses()
    const resumed = recording()
    await explainFolder(project, spec, resumed.context)
    expect(passes()).toBe(1)
    expect(resumed.steps.filter(({ phase }) => phase === 'explain').map(({ done }) => done)).toEqual([64, 70])
    expect((await readFolderExplanation(project, spec)).images).toHaveLength(IMAGES)
  })

  it('does nothing when it was cancelled before it began', async () => {
    const spec = await folderOf(3, 34)
    const passes = countPasses()
    const context = { ...quiet(), signal: AbortSignal.abort() }
    expect((await failureOf(explainFolder(project, spec, context))).code).toBe('cancelled')
    expect([passes(), listAddedImages(project).length]).toEqual([0, 0])
  })

  it('skips and reports files that cannot be read, and passes over what is no picture', async () => {
    const spec = await folderOf(4, 35)
    const inside = (file: string): string => join(spec.folder, file)
    await writeFile(inside('001.png'), 'no image')
    await writeFile(inside('large.jpg'), '')
    await truncate(inside('large.jpg'), 65 * 2 ** 20)
    await symlink(inside('nowhere'), inside('dangling.webp'))
    await writeFile(inside('notes.txt'), 'not asked for')
    await mkdir(inside('folder.png'))
    await cp(inside('002.png'), inside('copy.PNG'))
    await explainFolder(project, spec, quiet())
    const { images, unreadable } = await readFolderExplanation(project, spec)
    expect(images.map(({ image }) => image.name)).toEqual(['000.png', '002.png', '003.png', 'copy.PNG'])
    expect(images[3].image.id).toBe(images[1].image.id)
    expect(listAddedImages(project)).toHaveLength(3)
    expect(unreadable).toEqual([
      { name: '001.png', reason: expect.stringMatching(/^"001\.png" cannot be decoded: .+\.$/) as string },
      { name: 'dangling.webp', reason: '"dangling.webp" does not exist.' },
      { name: 'large.jpg', reason: '"large.jpg" has 65.0 MiB; at most 64 MiB can be added.' },
    ])
  })

  it('skips and reports a file that is gone between the listing and the reading, alone', async () => {
    const spec = await folderOf(4, 38)
    const { context } = recording(({ phase, done }) => {
      if (phase === 'read files' && done === 1) rmSync(join(spec.folder, name(2)))
    })
    await explainFolder(project, spec, context)
    const { images, unreadable } = await readFolderExplanation(project, spec)
    expect(images.map(({ image }) => image.name)).toEqual([0, 1, 3].map(name))
    expect(unreadable).toEqual([{ name: name(2), reason: `"${name(2)}" does not exist.` }])
  })

  it.skipIf(process.getuid?.() === 0)('skips and reports a file that it may not read (needs a user other than root)', async () => {
    const spec = await folderOf(2, 39)
    await chmod(join(spec.folder, name(0)), 0)
    await explainFolder(project, spec, quiet())
    const { images, unreadable } = await readFolderExplanation(project, spec)
    expect([images.length, unreadable.map((each) => each.name)]).toEqual([1, [name(0)]])
  })

  it('leaves out images that were removed since, and brings them back when it runs again', async () => {
    const spec = await folderOf(3, 36)
    await explainFolder(project, spec, quiet())
    const { images } = await readFolderExplanation(project, spec)
    removeAddedImages(project, [images[1].image.id])
    expect((await readFolderExplanation(project, spec)).images).toEqual([images[0], images[2]])
    await explainFolder(project, spec, quiet())
    const again = (await readFolderExplanation(project, spec)).images
    expect(again.map(({ image }) => image.name)).toEqual([0, 1, 2].map(name))
    expect(again[1].image.id).not.toBe(images[1].image.id)
  })

  it('is refused by a sentence where there is nothing to explain', async () => {
    const sentenceFor = async (folder: string) =>
      failureOf(explainFolder(project, { folder, explanation: EXPLANATION }, quiet()))
    const empty = await mkdtemp(join(ingredients.root, 'empty-'))
    expect(await sentenceFor(empty)).toEqual({
      code: 'bad-data', sentence: `"${empty}" holds no PNG, JPEG or WebP image.`,
    })
    const missing = join(empty, 'missing')
    expect(await sentenceFor(missing)).toEqual({ code: 'missing-file', sentence: `"${missing}" does not exist.` })
    expect(await sentenceFor('pictures')).toEqual({
      code: 'bad-argument', sentence: '"pictures" is not an absolute path.',
    })
    const file = join(empty, 'broken.png')
    await writeFile(file, 'no image')
    expect(await sentenceFor(file)).toEqual({ code: 'bad-file', sentence: `"${file}" is a file, not a folder.` })
    const { code, sentence } = await sentenceFor(empty)
    expect(code).toBe('bad-data')
    expect(sentence).toMatch(/^None of the 1 images in ".+" can be read: "broken\.png" cannot be decoded: .+\.$/)
  })

  it('answers what must be done before', async () => {
    const spec = await folderOf(1, 37)
    expect(await failureOf(readFolderExplanation(project, spec))).toEqual({
      code: 'not-ready',
      sentence:
        `This folder-explanation has not been computed in ${project.folder}: start the job "folder-explanation" first.`,
    })
  })
})
