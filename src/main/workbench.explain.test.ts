import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../shared/codec.ts'
import type { ArgumentOf } from '../shared/contract.ts'
import type { SelectionSpec } from '../shared/jobs.ts'
import type { FolderExplanationSpec } from '../shared/work.ts'
import { tinyWorkbench } from './testing/tiny-workbench.ts'

const ALL: SelectionSpec = { preset: 'paper', layers: 'All', mu: 4, nonnegative: false, labels: 'true' }
const CHOICES = { selection: ALL, topFeatures: 3, strideCorrection: 'conv+pool', reduction: 'max-abs' } as const
const FOLDER_IMAGES = 400

const { call, refusal, work, heard, ended, faults, project, root } = tinyWorkbench()

async function folderOf(count: number): Promise<FolderExplanationSpec> {
  const folder = join(root(), 'folder')
  mkdirSync(folder)
  for (let i = 0; i < count; i++) {
    const background = { r: i % 256, g: (i * 7) % 256, b: Math.floor(i / 256) * 90 }
    const file = sharp({ create: { width: 20, height: 20, channels: 3, background } }).png()
    writeFileSync(join(folder, `${i}.png`), await file.toBuffer())
  }
  return { folder, explanation: { ...CHOICES, rule: 'guided' } }
}

describe('Explain over the contract', () => {
  it('says what must be done before anything can be explained', async () => {
    const argument = { explanation: CHOICES, image: 'test/0', classIndex: null, method: 'ours' }
    expect(await refusal('explanations.compute', argument)).toMatchObject({ code: 'not-ready' })
    await work({ kind: 'extraction', spec: { preset: 'paper', layers: 'All' } })
    expect(await refusal('explanations.compute', argument)).toEqual({
      code: 'not-ready',
      sentence: `This selection has not been computed in ${project().folder}: start the job "selection" first.`,
    })
    await work({ kind: 'selection', spec: ALL })
  })

  it('takes a dropped image, ranks its classes, shows and explains it', async () => {
    const bytes = Uint8Array.from(await readFile(join(project().test, 'red', '2.png')))
    const crossed = decode(encode({ name: '2.png', bytes })) as ArgumentOf<'images.add'>
    const added = await call('images.add', crossed)
    expect(added).toEqual({ id: 'added/1', name: '2.png', height: 16, width: 16 })
    expect(await call('images.added')).toEqual([added])
    const ranked = await call('predictions.ranked', { image: 'added/1', limit: 2 })
    expect(ranked).toHaveLength(2)
    const found = await call('explanations.compute', {
      explanation: CHOICES, image: 'added/1', classIndex: ranked[1].classIndex, method: 'deconv-gb',
    })
    expect(found).toMatchObject({
      image: 'added/1', predicted: ranked[0].classIndex, classIndex: ranked[1].classIndex, method: 'deconv-gb',
    })
    expect(found.confidence).toBeCloseTo(ranked[0].probability, 6)
    expect(found.probability).toBeCloseTo(ranked[1].probability, 6)
    expect(decode(encode(found))).toEqual(found)
    expect(await call('images.picture', { image: 'added/1', view: 'displayed', maxSide: 64 })).toEqual(
      await call('images.picture', { image: 'test/12', view: 'displayed', maxSide: 64 }))
  })

  it('ranks a test image before and after predictions are stored alike', async () => {
    const before = await call('predictions.ranked', { image: 'test/4', limit: 3 })
    await work({ kind: 'predictions', spec: {} })
    const after = await call('predictions.ranked', { image: 'test/4', limit: 3 })
    expect(after.map(({ classIndex }) => classIndex)).toEqual(before.map(({ classIndex }) => classIndex))
    after.forEach(({ probability }, i) => expect(probability).toBeCloseTo(before[i].probability, 6))
    expect(await call('predictions.ranked', { image: 'train/0', limit: 3 })).toHaveLength(3)
  })

  it('explains an image between the batches of a running job, with the same bits', async () => {
    const spec = await folderOf(FOLDER_IMAGES)
    const argument = { explanation: CHOICES, image: 'test/7', classIndex: 1, method: 'gradient' } as const
    const idle = await call('explanations.compute', argument)
    const { id } = await call('jobs.start', { kind: 'folder-explanation', spec })
    const end = ended(id)
    await heard('job.progress', ({ progress }) => progress.phase === 'explain')
    expect(await call('explanations.compute', argument)).toEqual(idle)
    expect((await call('jobs.get', { id })).state).toBe('running')
    expect((await end).state).toBe('finished')
    const { images, unreadable } = await call('explanations.folder', spec)
    expect([images.length, unreadable]).toEqual([FOLDER_IMAGES, []])
    expect(await call('images.added')).toHaveLength(FOLDER_IMAGES + 1)
    const { image } = images[17]
    const [first] = await call('predictions.ranked', { image: image.id, limit: 1 })
    expect(first.classIndex).toBe(images[17].predicted)
    const stored = await call('explanations.get', { explanation: spec.explanation, image: image.id })
    const byHand = await call('explanations.compute', {
      explanation: CHOICES, image: image.id, classIndex: null, method: 'ours',
    })
    expect(byHand).toMatchObject(stored)
  })

  it('removes what was added', async () => {
    const ids = (await call('images.added')).slice(0, FOLDER_IMAGES).map(({ id }) => id)
    expect((await call('images.removeAdded', { ids })).map(({ id }) => id)).toEqual(['added/1'])
    const gone = await refusal('predictions.ranked', { image: ids[0], limit: 1 })
    expect(gone).toEqual({ code: 'bad-argument', sentence: `There is no image "${ids[0]}" in ${project().folder}.` })
  })

  it.each<[string, unknown, string]>([
    ['images.add', { name: '', bytes: new Uint8Array(1) }, 'images.add, name: must not be empty.'],
    ['images.add', { name: 'a.png', bytes: [1, 2] }, 'images.add, bytes: must be bytes.'],
    ['images.picture', { image: 'added/01', view: 'original', maxSide: 9 },
      'images.picture, image: must be "train/", "test/" or "added/" and a number.'],
    ['explanations.compute', { explanation: CHOICES, image: 'test/0', classIndex: 0, method: 'magic' }, 'method'],
    ['explanations.folder', { folder: '', explanation: { ...CHOICES, rule: 'guided' } }, 'must not be empty.'],
  ])('refuses at the border: %s %#', async (name, argument, words) => {
    const { code, sentence } = await refusal(name, argument)
    expect(code).toBe('bad-argument')
    expect(sentence).toContain(words)
  })

  it('meets no fault', () => expect(faults).toEqual([]))
})
