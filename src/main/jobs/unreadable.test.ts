import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { specsOf } from '../../shared/analysis.ts'
import { reasonOf } from '../../shared/errors.ts'
import {
  discard,
  failureOf,
  folderIngredients,
  idxIngredients,
  inProject,
  jobsOf,
  newProject,
  quiet,
  smallAnalysis,
} from '../testing/projects.ts'
import type { Ingredients } from '../testing/projects.ts'
import { analyse, type AnalysisResult } from './analysis.ts'
import { explain } from './explanation.ts'
import { HEATMAP_KINDS, imageCurves } from './evaluation.ts'
import { extract } from './extraction.ts'

let made: Ingredients[] = []
afterEach(async () => {
  await Promise.all(made.map(discard))
  made = []
})

async function folders(): Promise<Ingredients> {
  const ingredients = await folderIngredients({ train: 24, test: 65 })
  made.push(ingredients)
  return ingredients
}

const png = (folder: string, name: string): string => join(folder, `${name}.png`)

/** Bytes that no decoder takes; each name gets its own, so that no two files are the same. */
async function spoil(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await writeFile(png(folder, name), `not an image: ${name}`)
}

/** Curves `[kinds][thresholds]` of the test images of those names, and why there are none. */
async function curvesOf(from: Ingredients, name: string, images: readonly string[]): Promise<unknown[]> {
  return inProject(join(from.root, name), async (project) => {
    const found: unknown[] = []
    for (const image of images) {
      const index = project.test.records.findIndex((record) => record.name === `${image}.png`)
      const curves = imageCurves(project, specsOf(smallAnalysis).evaluation, index)
      // The random map of an image is drawn by its number.
      const withoutRandom = (all: readonly unknown[]): unknown[] =>
        all.filter((_, kind) => HEATMAP_KINDS[kind].id !== 'random-map')
      found.push(await curves.then(withoutRandom, (error: unknown) => reasonOf(error)))
    }
    return found
  })
}

async function analysed(from: Ingredients, name: string): Promise<AnalysisResult> {
  const folder = await newProject(from, name)
  return inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
}

describe('images that cannot be read', () => {
  it('are skipped, counted and named; all results are those without them', async () => {
    // Training: one in the middle. Test: the first of class a, and the one that is the second batch of the evaluation.
    const train = ['b/0009', 'd/0003']
    const test = ['a/0000', 'd/0063']
    const spoiled = await folders()
    await spoil(spoiled.train, train)
    await spoil(spoiled.test, test)
    const without = await folders()
    for (const name of train) await rm(png(without.train, name))
    for (const name of test) await rm(png(without.test, name))
    const found = await analysed(spoiled, 'spoiled')
    const expected = await analysed(without, 'without')

    expect(found.extraction).toMatchObject({ images: 22, features: 74, accuracy: expected.extraction.accuracy })
    expect(found.extraction.unreadable.map(({ name }) => name)).toEqual(['b/0009.png', 'd/0003.png'])
    for (const { name, reason } of found.extraction.unreadable) expect(reason).toMatch(new RegExp(`^"${name}" .+\\.$`))
    expect(expected.extraction.unreadable).toEqual([])

    found.selections.forEach(({ weights, certificates }, s) => {
      expect(certificates.every(({ accepted }) => accepted)).toBe(true)
      weights.forEach((weight, k) => expect(weight).toBeCloseTo(expected.selections[s].weights[k], 3))
    })
    expect(found.ablation).toEqual({ ...expected.ablation, unreadable: 2 })
    expect([...found.averages.keys()]).toEqual([...expected.averages.keys()])
    for (const [feature, average] of found.averages) {
      const other = expected.averages.get(feature)!
      expect(average.mean).toEqual(other.mean)
      expect(average.randomMean).toEqual(other.randomMean)
      expect(average.randomPatches).toBe(other.randomPatches)
    }
    // The first image of class a that can be read stands for its class.
    const shifted = expected.explanations.map(({ image }, j) => (j === 0 ? 1 : image + 1))
    expect(found.explanations.map(({ image }) => image)).toEqual(shifted)
    found.explanations.forEach(({ combined }, i) => {
      combined.forEach((value, pixel) => expect(value).toBeCloseTo(expected.explanations[i].combined[pixel], 4))
    })
    expect(found.masks).toMatchObject({ images: 63, unreadable: 2 })
    const own = ['a/0004', 'b/0001', 'c/0062']
    const [gone, ...curves] = await curvesOf(spoiled, 'spoiled', ['a/0000', ...own])
    expect(gone).toBe('a/0000.png cannot be read and was left out.')
    expect(curves).toEqual(await curvesOf(without, 'without', own))
    found.masks!.scores.forEach(({ kind, area }, i) => {
      // The random map of an image is drawn by its number.
      if (kind !== 'random-map') expect(area).toBeCloseTo(expected.masks!.scores[i].area, 5)
    })
  })

  it('end an extraction with one sentence when there is no other', async () => {
    const own = await folders()
    const names = Array.from({ length: 24 }, (_, i) => `${'abcd'[i % 4]}/${String(i).padStart(4, '0')}`)
    await spoil(own.train, names)
    const folder = await newProject(own, 'all')
    const failure = await failureOf(inProject(folder, (project) => analyse(project, smallAnalysis, quiet())))
    expect(failure.code).toBe('bad-data')
    expect(failure.sentence).toMatch(/^None of the 24 training images in .+ can be read: "a\/0000\.png" .+\.$/)
    expect(failure.sentence).toContain(own.train)
    expect(failure.sentence).not.toContain('\n')
    expect(failure.sentence).not.toMatch(/\.\.$/)
    expect(jobsOf(folder)).toMatchObject([{ kind: 'extraction', state: 'failed', message: failure.sentence }])
  })

  it('end an ablation with one sentence when there is no other', async () => {
    const own = await folders()
    const names = Array.from({ length: 65 }, (_, i) => `${'abcd'[i % 4]}/${String(i).padStart(4, '0')}`)
    await spoil(own.test, names)
    const folder = await newProject(own, 'no test image')
    const failure = await failureOf(inProject(folder, (project) => analyse(project, smallAnalysis, quiet())))
    expect(failure).toEqual({ code: 'bad-data', sentence: `None of the test images in ${own.test} can be read.` })
  })

  it('are named when their explanation is asked for', async () => {
    const own = await folders()
    await spoil(own.test, ['a/0000'])
    const folder = await newProject(own, 'asked')
    const failure = await failureOf(inProject(folder, async (project) => {
      await extract(project, { preset: 'paper', layers: 'All' }, quiet())
      const selection = { preset: 'paper', layers: 'All', mu: 10, nonnegative: false, labels: 'true' } as const
      const rest = { topFeatures: 3, rule: 'guided', strideCorrection: 'none', reduction: 'max-abs' } as const
      await explain(project, { selection, images: [0, 1], ...rest }, quiet())
    }))
    expect(failure.code).toBe('bad-file')
    expect(failure.sentence).toMatch(/^"a\/0000\.png" .+\.$/)
  })

  it('that vanish while the job runs do not pass for results', async () => {
    const own = await folders()
    const folder = await newProject(own, 'vanishing')
    const failure = await failureOf(inProject(folder, async (project) => {
      await extract(project, { preset: 'paper', layers: 'All' }, quiet())
      await rm(own.train, { recursive: true })
      return analyse(project, smallAnalysis, quiet())
    }))
    expect(failure.code).toBe('missing-file')
    expect(failure.sentence).toMatch(/^"[abcd]\/\d{4}\.png" does not exist\.$/)
    expect(jobsOf(folder)[0]).toMatchObject({ kind: 'averages', state: 'failed' })
  })
})

describe('an empty mask', () => {
  it('is refused by name', async () => {
    const own = await folders()
    const { default: sharp } = await import('sharp')
    const black = { width: 28, height: 28, channels: 3, background: 'black' } as const
    await sharp({ create: black }).png().toFile(png(own.masks!, 'c/0002'))
    const folder = await newProject(own, 'empty mask')
    const failure = await failureOf(inProject(folder, (project) => analyse(project, smallAnalysis, quiet())))
    expect(failure.sentence).toBe('The mask of c/0002.png is empty: nothing can be found in it.')
  })
})

describe('a response that is not finite', () => {
  it('is refused with the layer and the image', async () => {
    const own = await idxIngredients()
    made.push(own)
    const folder = await newProject(own, 'overflow')
    const failure = await failureOf(inProject(folder, async (project) => {
      const { store, config } = project
      store.setConfig({ ...config, preprocessing: { ...config.preprocessing, scale: 1e36 } })
    }).then(() => inProject(folder, (project) => extract(project, { preset: 'paper', layers: 'All' }, quiet()))))
    expect(failure).toEqual({
      code: 'bad-model',
      sentence: 'Layer "conv1" answers image train-images#0 with a value that is not finite: '
        + 'the weights overflow or the preprocessing is wrong.',
    })
  })
})
