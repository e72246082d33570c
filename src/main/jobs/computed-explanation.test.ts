import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locate } from '../../core/features.ts'
import type { ArgumentOf } from '../../shared/contract.ts'
import type { BackwardRule } from '../../shared/graph.ts'
import type { HeatmapMethod, SelectionSpec } from '../../shared/jobs.ts'
import type { ImageId } from '../../shared/images.ts'
import type { ComputedExplanation } from '../../shared/results.ts'
import { encodePng } from '../data/encode.ts'
import { preprocess } from '../data/preprocess.ts'
import { ImagePass } from '../model/image-pass.ts'
import { discard, failureOf, folderIngredients, holdProject, newProject, quiet, type Ingredients } from '../testing/projects.ts'
import { addImage } from './added-images.ts'
import { computeExplanation } from './computed-explanation.ts'
import { explain } from './explanation.ts'
import { extract } from './extraction.ts'
import type { Project } from './project.ts'
import { rankedClasses } from './predictions.ts'
import { select, type Selection } from './selection.ts'
import { readExplanation } from './stored-explanations.ts'

const ALL: SelectionSpec = { preset: 'paper', layers: 'All', mu: 4, nonnegative: false, labels: 'true' }
const RELEASED: SelectionSpec = { ...ALL, preset: 'released' }
const OPTIONS = { selection: ALL, topFeatures: 3, strideCorrection: 'conv+pool', reduction: 'max-abs' } as const
const METHODS: readonly HeatmapMethod[] = ['ours', 'deconv-gb', 'deconvnet', 'gradient', 'upsampled']

let ingredients: Ingredients
let project: Project
let release: () => void
let selection: Selection

beforeAll(async () => {
  ingredients = await folderIngredients({ train: 40, test: 70 })
  ;({ project, release } = await holdProject(await newProject(ingredients, 'project')))
  await extract(project, { preset: 'paper', layers: 'All' }, quiet())
  selection = await select(project, ALL, quiet())
})

afterAll(async () => {
  release()
  await discard(ingredients)
})

function compute(
  image: ImageId,
  classIndex: number | null = null,
  method: HeatmapMethod = 'ours',
  options: Partial<ArgumentOf<'explanations.compute'>['explanation']> = {},
): Promise<ComputedExplanation> {
  return computeExplanation(project, { explanation: { ...OPTIONS, ...options }, image, classIndex, method })
}

/** The backward pass of each method, told apart by hand (method section 4). */
const RULES: Record<Exclude<HeatmapMethod, 'upsampled'>, { rule: BackwardRule; corrected: boolean }> = {
  ours: { rule: 'guided', corrected: true },
  'deconv-gb': { rule: 'guided', corrected: false },
  deconvnet: { rule: 'deconvnet', corrected: false },
  gradient: { rule: 'gradient', corrected: false },
}

interface Restated {
  readonly predicted: number
  readonly probability: number
  readonly features: number[]
  readonly contributions: number[]
  readonly maps: Float32Array[]
}

/** The definition of method section 3 restated for one image: norms by hand, features by sorting, maps one by one. */
async function restated(
  image: number, target: number | null, method: HeatmapMethod,
): Promise<Restated> {
  const { layout, weights } = selection
  const data = preprocess(await project.test.read(image), project.config.preprocessing)
  const scores = project.network.output(data, 1, project.graph.output)
  const predicted = scores.indexOf(Math.max(...scores))
  const classIndex = target ?? predicted
  const descriptor: number[] = []
  for (const { node, channels } of layout.layers) {
    const output = project.network.output(data, 1, node)
    const norms = Array.from({ length: channels }, (_, channel) =>
      Math.sqrt(output.reduce((sum, value, i) => (i % channels === channel ? sum + value ** 2 : sum), 0)))
    const total = norms.reduce((a, b) => a + b, 0)
    descriptor.push(...norms.map((norm) => (total > 0 ? norm / total : 0)))
  }
  const relevance = descriptor
    .map((value, feature) => ({ feature, r: value * weights[classIndex * layout.size + feature] }))
    .filter(({ feature, r }) =>
      r > 0 && (method !== 'upsampled' || locate(layout, feature).layer.kind === 'convolutional'))
    .sort((a, b) => b.r - a.r)
    .slice(0, 3)
  const pass = new ImagePass(project.network, data, 1, layout.layers.map(({ node }) => node))
  const maps = relevance.map(({ feature }) => {
    const { layer, channel } = locate(layout, feature)
    if (method === 'upsampled') return pass.upsampled(layer.node, [0], [channel])
    const { rule, corrected } = RULES[method]
    const signal = pass.signal(
      layer.node, [0], [channel], { rule, strideCorrection: corrected ? 'conv+pool' : 'none' })
    return Float32Array.from({ length: signal.length / 3 }, (_, pixel) => {
      const colours = [...signal.subarray(pixel * 3, pixel * 3 + 3)]
      const [high, low] = [Math.max(...colours), Math.min(...colours)]
      return high >= -low ? high : low
    })
  })
  pass.dispose()
  return {
    predicted,
    probability: scores[classIndex],
    features: relevance.map(({ feature }) => feature),
    contributions: relevance.map(({ r }) => r),
    maps,
  }
}

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  let worst = 0
  let largest = 0
  for (let i = 0; i < actual.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]))
    largest = Math.max(largest, Math.abs(expected[i]))
  }
  expect(worst).toBeLessThanOrEqual(tolerance * largest)
}

describe('an explanation asked for by hand', () => {
  it.each(METHODS.flatMap((method) => [null, 0, 1, 2, 3].map((target) => ({ method, target }))))(
    'is what the method says: $method of class $target',
    async ({ method, target }) => {
      const found = await compute('test/6', target, method)
      const expected = await restated(6, target, method)
      expect(found).toMatchObject({
        image: 'test/6', method, predicted: expected.predicted, classIndex: target ?? expected.predicted,
      })
      expect(found.probability).toBeCloseTo(expected.probability, 6)
      expect(found.features.map(({ feature }) => feature)).toEqual(expected.features)
      expectNear(found.features.map(({ contribution }) => contribution), expected.contributions, 1e-5)
      expect(found.heatmaps.shape).toEqual([expected.features.length, 28, 28])
      expectNear(found.heatmaps.data, expected.maps.flatMap((map) => [...map]), 1e-5)
      const combined = new Float64Array(28 * 28)
      for (const map of expected.maps) {
        const sizes = map.map(Math.abs)
        const [min, max] = [Math.min(...sizes), Math.max(...sizes)]
        if (max > min) sizes.forEach((value, i) => (combined[i] = Math.max(combined[i], (value - min) / (max - min))))
      }
      expectNear(found.combined.data, combined, 1e-4)
    },
  )

  it('tells the methods, the classes and the corrections apart', async () => {
    const maps = await Promise.all([
      ...METHODS.map((method) => compute('test/6', 2, method)),
      compute('test/6', 1), compute('test/6', 2, 'ours', { reduction: 'l2' }),
    ])
    const seen = new Set(maps.map(({ combined }) => combined.data.join()))
    expect(seen.size).toBe(maps.length)
    const uncorrected = await compute('test/6', 2, 'ours', { strideCorrection: 'none' })
    expect(uncorrected.heatmaps).toEqual((await compute('test/6', 2, 'deconv-gb')).heatmaps)
  })

  it('by ours is, bit for bit, what a job has stored with the same options, and near it where none has', async () => {
    const choices = { ...OPTIONS, rule: 'guided' } as const
    const images = Array.from({ length: 70 }, (_, image) => image)
    const before = await compute('test/65')
    await explain(project, { ...choices, images }, quiet())
    for (const image of ['test/0', 'test/37', 'test/65'] as const) {
      const stored = await readExplanation(project, choices, image)
      const { method, classIndex, probability, ...rest } = await compute(image)
      expect(rest).toEqual(stored)
      expect([method, classIndex, probability]).toEqual(['ours', stored.predicted, stored.confidence])
      expect(await compute(image, stored.predicted)).toEqual({ ...stored, method, classIndex, probability })
    }
    const after = await compute('test/65')
    expect(before.features.map(({ feature }) => feature)).toEqual(after.features.map(({ feature }) => feature))
    expectNear(before.heatmaps.data, after.heatmaps.data, 1e-4)
  })

  it('is the same for the file of a test image that is added, and for a training image of its own', async () => {
    const { bytes } = await encodePng(await project.test.read(9), 512)
    const { id } = await addImage(project, 'dropped.png', bytes)
    for (const method of METHODS) {
      const added = await compute(id, 2, method)
      expect({ ...added, image: 'test/9' }).toEqual(await compute('test/9', 2, method))
    }
    expect((await compute('train/3')).heatmaps.shape.slice(1)).toEqual([28, 28])
    const ranked = await rankedClasses(project, { image: id, limit: 4 })
    expect(ranked).toEqual(await rankedClasses(project, { image: 'test/9', limit: 4 }))
    const [first] = ranked
    expect(await compute(id, null, 'gradient')).toMatchObject({ predicted: first.classIndex })
    expect(ranked.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5)
  })

  it('of a class without features has no map and a combined one of zeros', async () => {
    const nothing = { ...ALL, mu: 0 }
    await select(project, nothing, quiet())
    for (const method of METHODS) {
      const found = await compute('test/2', 1, method, { selection: nothing })
      expect(found).toMatchObject({ classIndex: 1, features: [], heatmaps: { shape: [0, 28, 28] } })
      expect(found.combined).toEqual({ shape: [28, 28], data: new Float32Array(28 * 28) })
    }
  })

  it('is refused by a sentence where the class, the image or the selection is missing', async () => {
    expect(await failureOf(compute('test/2', 4))).toEqual({
      code: 'bad-argument', sentence: 'There is no class 4: they are numbered 0 to 3.',
    })
    for (const image of ['test/70', 'train/40', 'added/99', 'added/0', 'test/007'] as const) {
      expect(await failureOf(compute(image))).toEqual({
        code: 'bad-argument', sentence: `There is no image "${image}" in ${project.folder}.`,
      })
    }
    expect(await failureOf(compute('test/2', null, 'ours', { selection: RELEASED }))).toEqual({
      code: 'not-ready',
      sentence: `This selection has not been computed in ${project.folder}: start the job "selection" first.`,
    })
  })

  it('names the file that is gone', async () => {
    await rm(`${ingredients.test}/a/0068.png`)
    const { code, sentence } = await failureOf(compute('test/17', 0, 'gradient'))
    expect([code, sentence]).toEqual(['missing-file', '"a/0068.png" does not exist.'])
  })
})
