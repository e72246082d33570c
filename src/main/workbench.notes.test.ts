import { describe, expect, it } from 'vitest'
import type { ResultOf } from '../shared/contract.ts'
import { layoutOf } from './jobs/project.ts'
import { ResponseStatistics } from './jobs/response-statistics.ts'
import { imageParts, readResponses, requireResponses } from './jobs/responses.ts'
import { inProject } from './testing/projects.ts'
import { TINY_CLASSES, TINY_TRAIN } from './testing/tiny-project.ts'
import { tinyWorkbench } from './testing/tiny-workbench.ts'

const ALL = { preset: 'paper', layers: 'All' } as const
const CONVOLUTIONS = { preset: 'released', layers: 'OnlyConv' } as const
const TRAINS = TINY_CLASSES.length * TINY_TRAIN

const { call, refusal, work, all, faults, project } = tinyWorkbench()

async function reopen(): Promise<void> {
  await call('project.close')
  await call('project.open', { folder: project().folder })
}

describe("the user's own layers", () => {
  it('are none at first, are told to everyone, and stay', async () => {
    expect((await call('project.info'))!.ownLayers).toBe('')
    const info = await call('model.setOwnLayers', { layers: ' conv1, 5 ' })
    expect(info.ownLayers).toBe('conv1, 5')
    expect(all('project.changed').at(-1)).toEqual(info)
    await reopen()
    expect((await call('project.info'))!.ownLayers).toBe('conv1, 5')
    expect((await call('model.setOwnLayers', { layers: '' })).ownLayers).toBe('')
  })

  it('must be layers of the model', async () => {
    await call('model.setOwnLayers', { layers: 'conv2' })
    expect(await refusal('model.setOwnLayers', { layers: 'conv9' })).toMatchObject({
      code: 'bad-argument',
      sentence: expect.stringContaining('There is no layer "conv9"') as string,
    })
    expect((await call('project.info'))!.ownLayers).toBe('conv2')
  })
})

describe('notes', () => {
  const stripes = { layerNumber: 4, channel: 7, text: 'stripes', pinned: false }
  const pin = { layerNumber: 1, channel: 0, text: '', pinned: true }

  it('are kept by layer and channel, and outlive the results', async () => {
    expect(await call('notes.list')).toEqual([])
    await call('notes.set', stripes)
    expect(await call('notes.set', pin)).toEqual([pin, stripes])
    const other = { ...stripes, text: 'a beak\nor a leaf', pinned: true }
    expect(await call('notes.set', { ...other, text: ` ${other.text} ` })).toEqual([pin, other])
    await reopen()
    expect(await call('notes.list')).toEqual([pin, other])
    expect(await call('notes.set', { ...pin, pinned: false })).toEqual([other])
    expect(await call('notes.set', { ...other, text: '  ', pinned: false })).toEqual([])
  })

  it('are refused for what the model does not have', async () => {
    expect(await refusal('notes.set', { ...pin, layerNumber: 8 })).toEqual({
      code: 'bad-argument',
      sentence: 'The model has no layer 8.',
    })
    expect(await refusal('notes.set', { ...pin, channel: 6 })).toEqual({
      code: 'bad-argument',
      sentence: 'Layer "conv1" has no channel 6: they are numbered 0 to 5.',
    })
    expect(await call('notes.list')).toEqual([])
  })
})

describe('statistics of responses', () => {
  it('say what must be done before', async () => {
    for (const [name, argument] of [
      ['responses.layers', ALL],
      ['responses.feature', { extraction: ALL, feature: 0 }],
    ] as const) {
      expect(await refusal(name, argument)).toEqual({
        code: 'not-ready',
        sentence:
          `${project().folder} holds no finished responses for these layers and images: ` +
          'run the extraction first.',
      })
    }
  })

  it('are those of the stored responses, written out', async () => {
    expect((await work({ kind: 'extraction', spec: ALL })).state).toBe('finished')
    const layers = await call('responses.layers', ALL)
    const features = await Promise.all(
      Array.from({ length: 34 }, (_, feature) => call('responses.feature', { extraction: ALL, feature })),
    )
    await call('project.close')
    await inProject(project().folder, async (project) => {
      const { artifact, layout } = requireResponses(project, layoutOf(project.graph, 'All'))
      const { images, norms } = readResponses(project, artifact, imageParts(project, artifact)[0])
      expect(images).toHaveLength(TRAINS)
      const column = (k: number): number[] => Array.from(images, (_, row) => norms[row * layout.size + k])
      expect(layers.map(({ layerName }) => layerName)).toEqual(layout.layers.map(({ name }) => name))
      layout.layers.forEach(({ number, channels, offset }, l) => {
        const columns = Array.from({ length: channels }, (_, i) => column(offset + i))
        const every = columns.flat()
        const mean = every.reduce((a, b) => a + b) / every.length
        expect(layers[l]).toMatchObject({
          layerNumber: number,
          features: channels,
          largest: Math.max(...every),
          silent: columns.filter((values) => values.every((value) => value === 0)).length,
        })
        expect(layers[l].mean).toBeCloseTo(mean, 10)
        const variance = every.reduce((sum, value) => sum + (value - mean) ** 2, 0) / every.length
        expect(layers[l].standardDeviation).toBeCloseTo(Math.sqrt(variance), 10)
      })
      expect(layout.size).toBe(features.length)
      features.forEach((classes, k) => {
        expect(classes.map(({ classIndex, images }) => [classIndex, images])).toEqual([[0, 10], [1, 10], [2, 10]])
        for (const { classIndex, mean, quantiles } of classes) {
          const own = column(k).filter((_, row) => project.train.records[images[row]].label === classIndex)
          own.sort((a, b) => a - b)
          expect(mean).toBeCloseTo(own.reduce((a, b) => a + b) / own.length, 10)
          expect(quantiles[2]).toBeCloseTo((own[4] + own[5]) / 2, 10)
          expect(quantiles[0]).toBeCloseTo(own[0] + 0.45 * (own[1] - own[0]), 10)
        }
      })
    })
    await call('project.open', { folder: project().folder })
  })

  it('of some layers come from the responses of all', async () => {
    const every = await call('responses.layers', ALL)
    const some = await call('responses.layers', CONVOLUTIONS)
    expect(some).toEqual(every.filter(({ layerName }) => layerName.startsWith('conv')))
    const [conv1, , , conv2] = every
    expect([conv1.features, conv2.features]).toEqual([6, 8])
    // Layers 1 to 3 have 6 channels each: channel 1 of conv2 is column 19 among all and column 7 here.
    expect(await call('responses.feature', { extraction: CONVOLUTIONS, feature: 7 })).toEqual(
      await call('responses.feature', { extraction: ALL, feature: 19 }),
    )
    expect(await refusal('responses.feature', { extraction: CONVOLUTIONS, feature: 14 })).toEqual({
      code: 'bad-argument',
      sentence: 'There is no feature 14: they are numbered 0 to 13.',
    })
  })

  it('are the same whether features are read in many blocks or in one', async () => {
    const answers: ResultOf<'responses.feature'>[] = []
    for (let feature = 0; feature < 34; feature++) {
      answers.push(await call('responses.feature', { extraction: ALL, feature }))
    }
    await call('project.close')
    await inProject(project().folder, async (project) => {
      const small = new ResponseStatistics(project, 4 * TRAINS * 5)
      for (const feature of [33, 4, 5, 20, 4, 0]) expect(await small.ofFeature(ALL, feature)).toEqual(answers[feature])
      small.close()
      await expect(small.ofFeature(ALL, 1)).rejects.toMatchObject({ code: 'cancelled' })
    })
    await call('project.open', { folder: project().folder })
  })

  it('of layers are kept in the project, and go with nothing', async () => {
    const kept = (await call('artifacts.list')).filter(({ kind }) => kind === 'layer-statistics')
    expect(kept).toHaveLength(1)
    const before = await call('responses.layers', ALL)
    await reopen()
    expect(await call('responses.layers', ALL)).toEqual(before)
    const responses = (await call('artifacts.list')).find(({ kind }) => kind === 'responses')!
    await call('artifacts.remove', { ids: [responses.id] })
    expect((await refusal('responses.layers', ALL)).code).toBe('not-ready')
    expect((await refusal('responses.feature', { extraction: ALL, feature: 0 })).code).toBe('not-ready')
    await work({ kind: 'extraction', spec: ALL })
    expect(await call('responses.layers', ALL)).toEqual(before)
    expect(faults).toEqual([])
  })
})
