import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { throwIfCancelled } from '../../shared/errors.ts'
import { Network } from '../model/network.ts'
import { drawPictures, writeClassFolders, writeIdxPair } from '../testing/pictures.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  idxIngredients,
  inProject,
  jobsOf,
  newProject,
  quiet,
  recording,
  resultsOf,
  smallAnalysis,
} from '../testing/projects.ts'
import type { Ingredients } from '../testing/projects.ts'
import { writeTinyModel } from '../testing/tiny-model.ts'
import type { AnalysisOptions } from '../../shared/analysis.ts'
import { analyse } from './analysis.ts'
import { extract } from './extraction.ts'
import type { Step } from './runner.ts'

/** An analysis that is stopped and taken up again must end with the same bits, and compute nothing twice. */

let idx: Ingredients
let masked: Ingredients
let idxReference: Record<string, string>
let maskedReference: Record<string, string>
beforeAll(async () => {
  idx = await idxIngredients()
  masked = await folderIngredients({ train: 24, test: 80 })
  idxReference = await uninterrupted(idx)
  maskedReference = await uninterrupted(masked, allTestImages)
})
afterAll(() => Promise.all([discard(idx), discard(masked)]))
afterEach(() => void vi.restoreAllMocks())

/** Explanations of two batches rather than of one image for each class. */
const allTestImages: AnalysisOptions = { ...smallAnalysis, images: Array.from({ length: 80 }, (_, image) => image) }

async function uninterrupted(from: Ingredients, options = smallAnalysis): Promise<Record<string, string>> {
  const folder = await newProject(from, 'reference')
  await inProject(folder, (project) => analyse(project, options, quiet()))
  return resultsOf(folder)
}

/** Starts counting forward passes. */
function countPasses(): () => number {
  const spy = vi.spyOn(Network.prototype, 'forward')
  return () => spy.mock.calls.length
}

interface Moment {
  readonly name: string
  readonly from: () => Ingredients
  readonly reference: () => Record<string, string>
  readonly options: AnalysisOptions
  /** The step at which the user cancels. */
  readonly at: (step: Step) => boolean
  /** Jobs that have finished before the one that is cancelled. */
  readonly before: number
}

const done = (phase: string, least: number) => (step: Step) => step.phase === phase && step.done >= least
const onIdx = { from: () => idx, reference: () => idxReference, options: smallAnalysis }
const onMasked = { from: () => masked, reference: () => maskedReference, options: allTestImages }

const moments: Moment[] = [
  { ...onIdx, name: 'before the first batch', at: done('extract', 0), before: 0 },
  { ...onIdx, name: 'after one of three parts', at: done('extract', 512), before: 0 },
  { ...onIdx, name: 'after two of three parts', at: done('extract', 1024), before: 0 },
  { ...onIdx, name: 'between two classes', at: done('select All', 2), before: 1 },
  { ...onIdx, name: 'within the first ablation batch', at: done('ablate', 200), before: 3 },
  { ...onIdx, name: 'within the second ablation batch', at: done('ablate', 550), before: 3 },
  { ...onIdx, name: 'while averaging', at: done('average', 3), before: 4 },
  { ...onMasked, name: 'after one batch of explanations', at: done('explain', 64), before: 5 },
  { ...onMasked, name: 'after one of two batches of the evaluation', at: done('evaluate', 64), before: 6 },
]

describe('an analysis that is cancelled', () => {
  it.each(moments)('$name goes on from there with the same bits', async (moment) => {
    const { name, from, reference, options, at, before } = moment
    const folder = await newProject(from(), name)
    let passes = 0
    const cancelled = recording((step, cancel) => {
      if (!at(step)) return
      cancel()
      vi.restoreAllMocks()
      vi.spyOn(Network.prototype, 'forward').mockImplementation(function () {
        passes++
        throw new Error('A batch was computed after the user had cancelled.')
      })
    })
    expect(await failureOf(inProject(folder, (project) => analyse(project, options, cancelled.context)))).toEqual({
      code: 'cancelled', sentence: 'Cancelled by the user.',
    })
    expect(passes).toBe(0)
    expect(cancelled.steps.at(-1)).toSatisfy(at)
    expect(cancelled.steps.filter(at).length).toBe(1)
    vi.restoreAllMocks()
    expect(jobsOf(folder).map(({ state }) => state)).toEqual(
      ['cancelled', ...new Array<string>(before).fill('finished')])
    expect(jobsOf(folder)[0].message).toBe('Cancelled by the user.')
    expect(resultsOf(folder)).not.toEqual(reference())

    await inProject(folder, (project) => analyse(project, options, quiet()))
    expect(resultsOf(folder)).toEqual(reference())
  })

  it('computes only the parts that are missing', async () => {
    const folder = await newProject(idx, 'counted')
    const first = recording((step, cancel) => {
      if (done('extract', 1024)(step)) cancel()
    })
    await failureOf(inProject(folder, (project) => extract(project, extraction, first.context)))
    expect(await storedParts(folder)).toEqual([0, 1])

    const passes = countPasses()
    const second = recording()
    await inProject(folder, (project) => extract(project, extraction, second.context))
    expect(passes()).toBe(1)
    expect(second.steps.map(({ phase, done: images }) => `${phase} ${images}`)).toEqual(
      ['read back 512', 'read back 1024', 'extract 1024', 'extract 1100'])
    expect(await storedParts(folder)).toEqual([0, 1, 2, 1_000_000])
  })

  it('keeps the finished batches of an ablation and of an evaluation', async () => {
    const ablation = await newProject(idx, 'ablation batches')
    const stopped = recording((step, cancel) => {
      if (done('ablate', 512)(step)) cancel()
    })
    await failureOf(inProject(ablation, (project) => analyse(project, smallAnalysis, stopped.context)))
    const again = recording()
    await inProject(ablation, (project) => analyse(project, smallAnalysis, again.context))
    const steps = again.steps.filter(({ phase }) => phase === 'ablate').map(({ done: images }) => images)
    expect(steps[0]).toBe(512)
    expect(steps[1]).toBeGreaterThan(512)

    const evaluation = await newProject(masked, 'evaluation batches')
    const afterOne = recording((step, cancel) => {
      if (done('evaluate', 64)(step)) cancel()
    })
    await failureOf(inProject(evaluation, (project) => analyse(project, smallAnalysis, afterOne.context)))
    const passes = countPasses()
    await inProject(evaluation, (project) => analyse(project, smallAnalysis, quiet()))
    // The last batch, by the network and by the one with shuffled weights.
    expect(passes()).toBe(2)
  })

  it('does nothing at all when it was cancelled before it began', async () => {
    const folder = await newProject(idx, 'never begun')
    const passes = countPasses()
    const { context } = recording()
    const cancelled = { ...context, signal: AbortSignal.abort() }
    const failure = await failureOf(inProject(folder, (project) => analyse(project, smallAnalysis, cancelled)))
    expect(failure.code).toBe('cancelled')
    expect(passes()).toBe(0)
    expect(() => throwIfCancelled(cancelled.signal)).toThrow('Cancelled by the user.')
  })
})

const extraction = { preset: 'paper', layers: 'All' } as const

async function storedParts(folder: string): Promise<number[]> {
  return inProject(folder, async ({ store: { artifacts } }) =>
    artifacts.parts(artifacts.list({ kind: 'responses' })[0]))
}

describe('an analysis that is run again', () => {
  it('reads everything and computes nothing', async () => {
    const folder = join(masked.root, 'reference')
    const passes = countPasses()
    const { context, steps } = recording()
    const result = await inProject(folder, (project) => analyse(project, allTestImages, context))
    expect(passes()).toBe(0)
    expect(steps).toEqual([])
    expect(resultsOf(folder)).toEqual(maskedReference)
    expect(result.explanations.length).toBe(80)
    expect(result.masks?.images).toBe(80)
    expect(jobsOf(folder).slice(0, 7).every(({ state }) => state === 'finished')).toBe(true)
  })

  it('returns what the first run returned', async () => {
    const folder = await newProject(idx, 'returned')
    const first = await inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
    const second = await inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
    // JSON: a result that was stored cannot hold more than JSON can.
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, each: unknown) => (
      each instanceof Map ? [...(each as Map<unknown, unknown>)] : each)))
    expect(plain(second)).toEqual(plain(first))
  })

  it('goes to the statistics of other layers without a forward pass', async () => {
    const folder = await newProject(idx, 'other sets')
    await inProject(folder, (project) => extract(project, extraction, quiet()))
    const passes = countPasses()
    await inProject(folder, (project) => extract(project, { preset: 'released', layers: 'All' }, quiet()))
    expect(passes()).toBe(0)
  })
})

describe('a changed input is a miss, never a stale hit', () => {
  /** Forward passes of extraction, and how many selections, ablations and averages were computed anew. */
  async function computedAnew(
    folder: string,
    options = smallAnalysis,
  ): Promise<{ extracted: boolean; kinds: string[] }> {
    const before = resultsOf(folder)
    const { context, steps } = recording()
    await inProject(folder, (project) => analyse(project, options, context))
    const fresh = Object.keys(resultsOf(folder)).filter((key) => !(key in before)).map((key) => key.split(' ')[0])
    return { extracted: steps.some(({ phase }) => phase === 'extract'), kinds: [...new Set(fresh)].sort() }
  }

  const everything = ['ablation', 'average', 'explanation', 'responses', 'selection', 'statistics']

  /** A project of its own data and model, already analysed. */
  async function analysed(): Promise<{ own: Ingredients; folder: string }> {
    const own = await folderIngredients({ train: 24, test: 12 })
    const folder = await newProject({ root: own.root, model: own.model, train: own.train, test: own.test }, 'changing')
    await inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
    expect((await computedAnew(folder)).kinds).toEqual([])
    return { own, folder }
  }

  it('one training image, one test image, one weight', async () => {
    const { own, folder } = await analysed()
    try {
      const [spare] = drawPictures(1, 77)
      await writeClassFolders(own.train, [spare])
      expect(await computedAnew(folder)).toEqual({ extracted: true, kinds: everything })

      const [other] = drawPictures(1, 78)
      await writeClassFolders(own.test, [other])
      expect(await computedAnew(folder)).toEqual({ extracted: false, kinds: ['ablation', 'explanation'] })

      const file = join(own.model, 'weights.bin')
      const bytes = await readFile(file)
      bytes.writeFloatLE(bytes.readFloatLE(0) + 0.25, 0)
      await writeFile(file, bytes)
      expect(await computedAnew(folder)).toEqual({ extracted: true, kinds: everything })
    } finally {
      await discard(own)
    }
  })

  it('preprocessing', async () => {
    const { own, folder } = await analysed()
    try {
      await inProject(folder, async ({ store, config }) => {
        store.setConfig({ ...config, preprocessing: { ...config.preprocessing, scale: 1 / 128 } })
      })
      expect(await computedAnew(folder)).toEqual({ extracted: true, kinds: everything })
    } finally {
      await discard(own)
    }
  })

  it('mu, preset, labels, seed and the other options: what depends on them and no more', async () => {
    const { own, folder } = await analysed()
    const withOption = async (change: Partial<AnalysisOptions>) =>
      (await computedAnew(folder, { ...smallAnalysis, ...change })).kinds
    try {
      expect(await withOption({ mu: 2 })).toEqual(expect.arrayContaining(['ablation', 'explanation', 'selection']))
      const released = await withOption({ preset: 'released' })
      expect(released).toEqual(expect.arrayContaining(['ablation', 'selection', 'statistics']))
      expect(await withOption({ labels: 'predicted' })).toEqual(expect.arrayContaining(['ablation', 'selection']))
      expect(await withOption({ seed: 9 })).toEqual(['ablation', 'average'])
      expect(await withOption({ patches: 5 })).toEqual(['average'])
      expect(await withOption({ repeats: 3 })).toEqual(['ablation'])
      expect(await withOption({ replacement: 'mean' })).toEqual(['ablation'])
      expect(await withOption({ topFeatures: 2 })).toEqual(['explanation'])
      expect(await withOption({ strideCorrection: 'none' })).toEqual(['explanation'])
      expect(await withOption({ rule: 'gradient' })).toEqual(['explanation'])
      expect(await withOption({ reduction: 'l2' })).toEqual(['explanation'])
    } finally {
      await discard(own)
    }
  })

  it('but not the place or the name of the model and the images', async () => {
    const other = join(idx.root, 'elsewhere')
    const moved: Ingredients = {
      root: idx.root,
      model: await writeTinyModel(join(other, 'same model')),
      train: await writeIdxPair(other, 'renamed', drawPictures(1100, 1)),
      test: await writeIdxPair(other, 'also-renamed', drawPictures(600, 2)),
    }
    const folder = await newProject(moved, 'moved')
    await inProject(folder, (project) => extract(project, extraction, quiet()))
    for (const [key, bits] of Object.entries(resultsOf(folder))) expect(idxReference[key]).toBe(bits)
  })
})
