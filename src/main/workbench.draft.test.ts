import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { argMaxRows } from '../core/argmax.ts'
import type { Draft } from '../shared/contract.ts'
import type { NewProject } from '../shared/project-info.ts'
import { createProject } from './app.ts'
import { decodeImage } from './data/decode.ts'
import { displayImage } from './data/preprocess.ts'
import { recordedWorkbench } from './testing/recorder.ts'
import { TINY_CLASSES, TINY_TEST, TINY_TRAIN, writeTinyProject } from './testing/tiny-project.ts'
import { forwardImages } from './tools.ts'

const TESTS = TINY_CLASSES.length * TINY_TEST
/** Of the network's input; the images are 16 x 16. */
const SIDE = 12

const { call, refusal, work, all, faults, close } = recordedWorkbench()
let root: string
let options: NewProject
let draft: Draft

beforeAll(async () => {
  ;({ root, options } = await writeTinyProject())
  const { folder: _folder, ...rest } = options
  draft = rest
})

afterAll(async () => {
  await close()
  rmSync(root, { recursive: true, force: true })
})

function changed(preprocessing: Draft['preprocessing']): Draft {
  return { ...draft, preprocessing: { ...draft.preprocessing, ...preprocessing } }
}

async function pixels(bytes: Uint8Array): Promise<Uint8Array> {
  return Uint8Array.from(await sharp(bytes).raw().toBuffer())
}

describe('draft.preview', () => {
  it('has no masks where none are given, and says which cannot be read', async () => {
    const one = { role: 'test', count: 1 } as const
    const { masks: _masks, ...plain } = draft
    const { samples } = await call('draft.preview', { ...one, draft: plain })
    expect(samples.map(({ mask }) => mask)).toEqual([null])
    const spoiled = join(root, 'spoiled masks')
    cpSync(join(root, 'masks'), spoiled, { recursive: true })
    for (let i = 0; i < TINY_TEST; i++) writeFileSync(join(spoiled, TINY_CLASSES[1], `${i}.png`), 'no mask')
    const found = await refusal('draft.preview', { ...one, draft: { ...draft, masks: spoiled } })
    expect(found).toMatchObject({ code: 'bad-file' })
    expect(found.sentence).toContain(join(spoiled, TINY_CLASSES[1]))
  })

  it('shows samples of every class with what the network gets from them', async () => {
    const preview = await call('draft.preview', { draft, role: 'test', count: 3 })
    expect(preview).toMatchObject({
      preprocessing: { height: SIDE, width: SIDE, channels: 3, scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
      classes: TINY_CLASSES,
      train: { images: TINY_CLASSES.length * TINY_TRAIN, perClass: [10, 10, 10], masks: 0 },
      test: { images: TESTS, perClass: [5, 5, 5], masks: TESTS },
    })
    expect(preview.samples.map(({ name, label }) => [name, label])).toEqual([
      ['blue/2.png', 0],
      ['green/2.png', 1],
      ['red/2.png', 2],
    ])
    for (const { name, original, displayed, mask, channels } of preview.samples) {
      const file = await decodeImage(readFileSync(join(root, 'test', name)), name)
      expect(await pixels(original.bytes)).toEqual(file.data)
      const seen = await pixels(displayed.bytes)
      // The left half of 16 columns, as nearest neighbours see it on 12.
      const inside = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => Number(i % SIDE < SIDE / 2))
      expect(mask).toEqual({ shape: [SIDE, SIDE], data: inside })
      expect(seen).toEqual(displayImage(file, preview.preprocessing).data)
      channels.forEach((range, channel) => {
        const values = [...seen].filter((_, i) => i % 3 === channel).map((value) => Math.fround(value / 255))
        expect(range.smallest).toBe(Math.min(...values))
        expect(range.largest).toBe(Math.max(...values))
        expect(range.mean).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 10)
      })
    }
  })

  it('follows mean, scale and order without opening anything again', async () => {
    const steps = all('project.progress').length
    const one = { role: 'train', count: 1 } as const
    const [rgb] = (await call('draft.preview', { ...one, draft: changed({ scale: 1, std: 2 }) })).samples
    const bgrDraft = changed({ scale: 1, mean: [100, 0, 0], std: 2, order: 'bgr' })
    const { samples: [bgr], preprocessing } = await call('draft.preview', { ...one, draft: bgrDraft })
    expect(preprocessing).toMatchObject({ order: 'bgr', mean: [100, 0, 0], std: [2, 2, 2] })
    expect(bgr.channels[0].mean).toBeCloseTo(rgb.channels[2].mean - 50, 5)
    expect(bgr.channels[2].largest).toBe(rgb.channels[0].largest)
    expect(bgr.displayed.bytes).toEqual(rgb.displayed.bytes)
    expect(all('project.progress')).toHaveLength(steps)
  })

  it('reduces what is large', async () => {
    const large = join(root, 'large')
    const { folder: _folder, ...other } = { ...options, test: large, masks: undefined }
    for (const name of TINY_CLASSES) {
      mkdirSync(join(large, name), { recursive: true })
      const background = { r: 1, g: 2, b: TINY_CLASSES.indexOf(name) }
      const picture = sharp({ create: { width: 1200, height: 600, channels: 3, background } })
      writeFileSync(join(large, name, '0.png'), await picture.png().toBuffer())
    }
    const { samples } = await call('draft.preview', { draft: other, role: 'test', count: 8 })
    expect(samples).toHaveLength(3)
    expect(samples[0].original).toMatchObject({ width: 512, height: 256 })
    expect(samples[0].displayed).toMatchObject({ width: SIDE, height: SIDE })
  })

  it('leaves out what cannot be read, and says so where nothing can', async () => {
    await call('draft.close')
    writeFileSync(join(root, 'test', 'blue', '9.png'), 'no picture')
    try {
      const plain = { ...draft, masks: undefined }
      const { samples, test } = await call('draft.preview', { draft: plain, role: 'test', count: 16 })
      expect([samples.length, test.images]).toEqual([TESTS, TESTS + 1])
      const accuracy = await call('draft.accuracy', { draft: plain, images: 100 })
      expect(accuracy).toMatchObject({ images: TESTS, unreadable: 1 })
    } finally {
      rmSync(join(root, 'test', 'blue', '9.png'))
      await call('draft.close')
    }
  })

  it('refuses with the sentences of making the project', async () => {
    const wrong: Partial<Draft>[] = [
      { model: join(root, 'nothing') },
      { train: join(root, 'nothing') },
      { test: options.train, masks: undefined },
      { train: join(root, 'train', 'red') },
      { preprocessing: { channels: 1 } },
      { preprocessing: { std: 0 } },
      { masks: join(root, 'model') },
    ]
    for (const change of wrong) {
      const other = { ...draft, ...change }
      const expected = await createProject(join(root, 'never'), other).then(
        () => 'made',
        ({ code, message }: { code: string; message: string }) => ({ code, sentence: message }),
      )
      expect(expected).not.toBe('made')
      expect(await refusal('draft.preview', { draft: other, role: 'train', count: 1 })).toEqual(expected)
      expect(await refusal('draft.accuracy', { draft: other, images: 5 })).toEqual(expected)
    }
  })

  it('is ended by a call about other data, which is not undone by the one before', async () => {
    await call('draft.preview', { draft, role: 'test', count: 1 })
    const labels = join(root, 'labels.txt')
    writeFileSync(labels, TINY_CLASSES.join('\n'))
    // The first reads its labels while the second begins with its images.
    const before = refusal('draft.preview', { draft: { ...draft, labels }, role: 'test', count: 1 })
    const elsewhere = { ...draft, train: `${draft.train}/`, masks: undefined }
    const after = call('draft.preview', { draft: elsewhere, role: 'test', count: 1 })
    expect((await before).code).toBe('cancelled')
    expect((await after).test.masks).toBe(0)
  })
})

describe('draft.accuracy', () => {
  it('is the share that a forward pass of each image gets right', async () => {
    const found = await call('draft.accuracy', { draft, images: 200 })
    const winners: number[] = []
    for (const name of TINY_CLASSES) {
      for (let i = 0; i < TINY_TEST; i++) {
        const input = join(root, 'test', name, `${i}.png`)
        const { data } = await forwardImages(options.model, input, undefined, options.preprocessing)
        winners.push(argMaxRows(data, 1)[0])
      }
    }
    const right = winners.filter((winner, i) => winner === Math.floor(i / TINY_TEST)).length
    const counts = TINY_CLASSES.map((_, j) => winners.filter((winner) => winner === j).length)
    const most = Math.max(...counts)
    expect(found).toEqual({
      images: TESTS,
      unreadable: 0,
      accuracy: right / TESTS,
      chance: 1 / 3,
      commonest: { classIndex: counts.indexOf(most), share: most / TESTS },
    })
  })

  it('takes images of every class when it takes few', async () => {
    const { images, chance } = await call('draft.accuracy', { draft, images: 3 })
    expect([images, chance]).toEqual([3, 1 / 3])
  })

  it('is ended by the next one', async () => {
    const first = refusal('draft.accuracy', { draft, images: 15 })
    const second = call('draft.accuracy', { draft: changed({ mean: 0.5 }), images: 15 })
    expect((await first).code).toBe('cancelled')
    expect((await second).images).toBe(15)
  })

  it('is ended when the draft is closed', async () => {
    const running = refusal('draft.accuracy', { draft, images: 15 })
    expect(await call('draft.close')).toBeNull()
    expect((await running).code).toBe('cancelled')
  })

  it('works beside an open project', async () => {
    await call('project.create', options)
    await call('project.open', { folder: options.folder })
    const job = work({ kind: 'predictions', spec: {} })
    const { accuracy } = await call('draft.accuracy', { draft, images: 15 })
    await call('draft.close')
    expect((await job).state).toBe('finished')
    const every = { outcome: 'any', classIndex: null, order: 'data', offset: 0, limit: 1 } as const
    expect(accuracy).toBe((await call('predictions.list', every)).accuracy)
    await call('project.close')
    expect(faults).toEqual([])
  })
})

describe('draft.presets', () => {
  it('measures each preset as draft.accuracy does, tells how far it has come, and ranks them', async () => {
    const steps = all('project.progress').length
    const found = await call('draft.presets', { draft, images: 200 })
    expect(found).toMatchObject({ images: TESTS, unreadable: 0, chance: 1 / 3 })
    const names = found.trials.map(({ name }) => name)
    const turned = names.filter((name) => /, (RGB|BGR)$/.test(name))
    const families = names.filter((name) => !turned.includes(name))
    expect(families.toSorted()).toEqual(['0 … 1', '−1 … 1', '0 … 255', 'Caffe', 'Torch'].toSorted())
    // The leading one in the other channel order.
    expect(turned).toHaveLength(1)
    for (const { preprocessing, accuracy, commonest } of found.trials) {
      const { scale, mean, std, order } = preprocessing
      const alone = await call('draft.accuracy', { draft: changed({ scale, mean, std, order }), images: 200 })
      expect({ accuracy, commonest }).toEqual({ accuracy: alone.accuracy, commonest: alone.commonest })
    }
    const told = all('project.progress').slice(steps)
    expect(told.filter(({ phase }) => phase === 'read images').at(-1)).toMatchObject({ done: TESTS, total: TESTS })
    expect(told.at(-1)).toEqual({ phase: 'try presets', done: 6 * TESTS, total: 6 * TESTS })
  })

  it('tries what was entered beside the presets, and images of every class when it takes few', async () => {
    const { trials, images } = await call('draft.presets', { draft: changed({ scale: 0.25 }), images: 3 })
    expect(images).toBe(3)
    expect(trials.find(({ name }) => name === 'As entered')?.preprocessing.scale).toBe(0.25)
  })

  it('is ended by draft.stop, by another measurement and by closing the draft', async () => {
    for (const end of [
      () => call('draft.stop'),
      () => call('draft.accuracy', { draft, images: 3 }),
      () => call('draft.close'),
    ]) {
      const running = refusal('draft.presets', { draft, images: 200 })
      await end()
      expect((await running).code).toBe('cancelled')
    }
    expect(await call('draft.stop')).toBeNull()
    expect(faults).toEqual([])
  })

  it('leaves out what cannot be read', async () => {
    writeFileSync(join(root, 'test', 'blue', '9.png'), 'no picture')
    try {
      const plain = { ...draft, masks: undefined }
      expect(await call('draft.presets', { draft: plain, images: 200 })).toMatchObject({ images: TESTS, unreadable: 1 })
    } finally {
      rmSync(join(root, 'test', 'blue', '9.png'))
      await call('draft.close')
    }
  })

  it('refuses class names of a model that names none', async () => {
    expect(await refusal('draft.presets', { draft: { ...draft, modelClasses: true }, images: 5 })).toEqual({
      code: 'bad-argument',
      sentence: `${options.model} names no classes: give a file of labels.`,
    })
  })
})
