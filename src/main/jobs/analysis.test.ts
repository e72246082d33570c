import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layerMatchedRandom, positiveFeatures } from '../../core/ablation.ts'
import { locate } from '../../core/features.ts'
import { displayImage, preprocess } from '../data/preprocess.ts'
import type { ImageSource } from '../data/types.ts'
import { CLASSES } from '../testing/pictures.ts'
import { discard, idxIngredients, inProject, newProject, quiet, smallAnalysis } from '../testing/projects.ts'
import type { Ingredients } from '../testing/projects.ts'
import { analyse, explanationSpec, type AnalysisResult } from './analysis.ts'
import { explain } from './explanation.ts'
import type { Project } from './project.ts'
import { imageParts, readResponses, readTopLists, requireResponses } from './responses.ts'
import { statisticsFor } from './statistics.ts'

/** Everything a job says, against slow plain restatements of the method on the fixture's network and images. */

let ingredients: Ingredients
let folder: string
let result: AnalysisResult
beforeAll(async () => {
  ingredients = await idxIngredients()
  folder = await newProject(ingredients, 'project')
  result = await inProject(folder, (project) => analyse(project, smallAnalysis, quiet()))
})
afterAll(() => discard(ingredients))

/** Preprocessed images one after another. */
async function inputs(project: Project, source: ImageSource, indexes: readonly number[]): Promise<Float32Array> {
  const images = await Promise.all(indexes.map((i) => source.read(i)))
  return Float32Array.from(images.flatMap((image) => [...preprocess(image, project.config.preprocessing)]))
}

/** Output of a layer for one image, `[places][channels]`. */
async function mapsOf(project: Project, source: ImageSource, image: number, node: number): Promise<number[][]> {
  const values = project.network.output(await inputs(project, source, [image]), 1, node)
  const channels = project.graph.nodes[node].shape.at(-1)!
  return Array.from({ length: values.length / channels }, (_, i) => [...values.slice(i * channels, (i + 1) * channels)])
}

/** The stored channel norms of all training images, one row each, and the predictions. */
function storedResponses(project: Project): { rows: number[][]; images: number[]; predicted: number[] } {
  const { layout } = result.selections[0]
  const { artifact } = requireResponses(project, layout)
  const parts = imageParts(project, artifact).map((part) => readResponses(project, artifact, part))
  const norms = parts.flatMap((part) => [...part.norms])
  const images = parts.flatMap((part) => [...part.images])
  return {
    rows: images.map((_, i) => norms.slice(i * layout.size, (i + 1) * layout.size)),
    images,
    predicted: parts.flatMap((part) => [...part.predicted]),
  }
}

/** x(I): each layer divided by its sum (method section 1). */
function descriptor(row: readonly number[]): number[] {
  return result.selections[0].layout.layers.flatMap(({ offset, channels }) => {
    const own = row.slice(offset, offset + channels)
    const sum = own.reduce((a, b) => a + b, 0)
    return own.map((value) => (sum > 0 ? value / sum : 0))
  })
}

/** Predictions with some features set to zero, by hand. */
function predictWithout(project: Project, data: Float32Array, count: number, features: Iterable<number>): number[] {
  const removed = [...features].map((feature) => locate(result.selections[0].layout, feature))
  return tf.tidy(() => {
    const input = project.network.upload(data, count)
    const { output } = project.graph
    const scores = project.network.forward(input, {
      keep: [output],
      visit: (node, value) => {
        const own = removed.filter(({ layer }) => layer.node === node.id)
        if (own.length === 0) return undefined
        const factors = new Array<number>(value.shape.at(-1)!).fill(1)
        for (const { channel } of own) factors[channel] = 0
        return tf.mul(value, tf.tensor1d(factors))
      },
    }).get(output)!
    const rows = scores.arraySync() as number[][]
    return rows.map((row) => row.indexOf(Math.max(...row)))
  })
}

describe('extraction', () => {
  it('holds every training image once, in order', () =>
    inProject(folder, async (project) => {
      const { images } = storedResponses(project)
      expect(images).toEqual(project.train.records.map((_, i) => i))
      expect(result.extraction).toMatchObject({ images: 1100, features: 74, unreadable: [] })
      expect(result.selections[0].layout.layers.map(({ name, channels }) => `${name} ${channels}`)).toEqual(
        ['conv1 6', 'relu1 6', 'pool1 6', 'conv2 8', 'relu2 8', 'pool2 8', 'fc3 16', 'relu3 16'])
    }))

  it('stores the Euclidean norm of every channel, and the share of right predictions', () =>
    inProject(folder, async (project) => {
      const { rows, predicted } = storedResponses(project)
      for (const image of [0, 511, 512, 1099]) {
        for (const { node, offset, channels } of result.selections[0].layout.layers) {
          const places = await mapsOf(project, project.train, image, node)
          for (let k = 0; k < channels; k++) {
            const norm = Math.hypot(...places.map((place) => place[k]))
            expect(rows[image][offset + k]).toBeCloseTo(norm, 3)
          }
        }
        const [scores] = await mapsOf(project, project.train, image, project.graph.output)
        expect(predicted[image]).toBe(scores.indexOf(Math.max(...scores)))
      }
      const right = predicted.filter((winner, i) => winner === project.train.records[i].label).length
      expect(result.extraction.accuracy).toBe(right / 1100)
      expect(right / 1100).toBeGreaterThan(0.5)
    }))

  it('keeps the 100 strongest images of each feature with the place of the maximum', () =>
    inProject(folder, async (project) => {
      const { layout } = result.selections[0]
      const { rows } = storedResponses(project)
      const topOf = readTopLists(project, requireResponses(project, layout).artifact)
      for (const feature of [0, 7, 17, 20, 30, 41, 45, 73]) {
        const order = rows.map((_, i) => i).sort((a, b) => rows[b][feature] - rows[a][feature] || a - b)
        const entries = topOf(feature)
        expect(entries.map(({ image }) => image)).toEqual(order.slice(0, 100))
        expect(entries.map(({ response }) => response)).toEqual(order.slice(0, 100).map((i) => rows[i][feature]))
        const { layer, channel } = locate(layout, feature)
        const places = await mapsOf(project, project.train, entries[0].image, layer.node)
        const column = places.map((place) => place[channel])
        expect(entries[0].position).toBe(layer.kind === 'convolutional' ? column.indexOf(Math.max(...column)) : 0)
      }
    }))

  it('sums up G = X X\' and the label sums', () =>
    inProject(folder, async (project) => {
      const { layout } = result.selections[0]
      const { rows, predicted } = storedResponses(project)
      const { statistics } = await statisticsFor(project, layout, { response: 'l2', image: 'none' }, quiet())
      const x = rows.map(descriptor)
      expect(statistics.images).toBe(1100)
      for (const i of [0, 5, 19, 40, 73]) {
        for (let k = 0; k < 74; k++) {
          const product = x.reduce((sum, row) => sum + row[i] * row[k], 0)
          expect(statistics.gram[i * 74 + k] - product).toBeCloseTo(0, 3)
        }
      }
      const labels = project.train.records.map(({ label }) => label)
      const { trueLabels, predictedLabels } = statistics
      for (const [{ sums, norms }, truth] of [[trueLabels, labels], [predictedLabels, predicted]] as const) {
        for (const j of CLASSES.keys()) {
          const own = x.filter((_, i) => truth[i] === j)
          expect(norms[j]).toBe(own.length)
          for (let k = 0; k < 74; k++) {
            expect(sums[j * 74 + k] - own.reduce((sum, row) => sum + row[k], 0)).toBeCloseTo(0, 4)
          }
        }
      }
    }))
})

describe('selection', () => {
  it('is optimal: the duality gap on X itself closes, within the l1 ball and the layers of the set', () =>
    inProject(folder, async (project) => {
      const x = storedResponses(project).rows.map(descriptor)
      for (const { weights, certificates, layout, spec } of result.selections) {
        const allowed = layout.layers
          .filter(({ name }) => spec.layers === 'All' || name.startsWith('conv'))
          .flatMap(({ offset, channels }) => Array.from({ length: channels }, (_, k) => offset + k))
        for (const j of CLASSES.keys()) {
          const w = [...weights.slice(j * 74, (j + 1) * 74)]
          const own = project.train.records.map(({ label }) => Number(label === j))
          const residual = x.map((row, i) => row.reduce((sum, value, k) => sum + value * w[k], 0) - own[i])
          const gradient = w.map((_, k) => x.reduce((sum, row, i) => sum + row[k] * residual[i], 0))
          const steepest = Math.max(...allowed.map((k) => Math.abs(gradient[k])))
          const gap = w.reduce((sum, weight, k) => sum + weight * gradient[k], 0) + spec.mu * steepest
          const half = own.reduce((a, b) => a + b, 0) / 2
          expect(Math.abs(gap) / half).toBeLessThan(1e-4)
          expect(certificates[j].accepted).toBe(true)
          expect(certificates[j].objective).toBeCloseTo(residual.reduce((sum, r) => sum + (r * r) / 2, 0), 2)
          expect(w.reduce((sum, weight) => sum + Math.abs(weight), 0)).toBeLessThanOrEqual(spec.mu * (1 + 1e-9))
          const used = w.flatMap((weight, k) => (weight === 0 ? [] : [k]))
          expect(used.length).toBe(certificates[j].nonZeros)
          expect(allowed).toEqual(expect.arrayContaining(used))
        }
      }
    }))
})

describe('ablation', () => {
  it('goes from the intact network to the one without the features, for both sets and the random ones', () =>
    inProject(folder, async (project) => {
      const labels = project.test.records.map(({ label }) => label)
      const data = await inputs(project, project.test, [...labels.keys()])
      const perClass = (features: Iterable<number>): number[] => {
        const predicted = predictWithout(project, data, labels.length, features)
        return CLASSES.map((_, j) => {
          const own = labels.flatMap((label, i) => (label === j ? [i] : []))
          return own.filter((i) => predicted[i] === j).length / own.length
        })
      }
      const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
      const { ablation, selections } = result
      const intact = perClass([])
      expect(ablation).toMatchObject({ images: [150, 150, 150, 150], unreadable: 0, repeats: 2 })
      expect(ablation.originalPerClass).toEqual(intact)
      expect(ablation.original).toBeCloseTo(mean(intact), 12)
      expect(ablation.curves.map(({ name }) => name)).toEqual(['All', 'OnlyConv'])
      for (const [c, curve] of ablation.curves.entries()) {
        const { weights, layout } = selections[c]
        const strength = (k: number): number => Math.max(...CLASSES.map((_, j) => Math.abs(weights[j * 74 + k])))
        const order = Array.from({ length: 74 }, (_, k) => k).filter((k) => strength(k) > 0)
          .sort((a, b) => strength(b) - strength(a) || a - b)
        expect(curve.order).toEqual(order)
        expect(curve.points[0]).toMatchObject({ removed: 0, accuracy: ablation.original, random: ablation.original })
        expect(curve.points.at(-1)!.removed).toBe(order.length)
        const features = Int32Array.from(order)
        const random = [0, 1].map((repeat) => layerMatchedRandom(features, layout, smallAnalysis.seed, repeat))
        for (const { removed, accuracy, perClass: found, random: average, randomLow, randomHigh } of curve.points) {
          const expected = perClass(order.slice(0, removed))
          expect(found).toEqual(expected)
          expect(accuracy).toBeCloseTo(mean(expected), 12)
          const controls = random.map((set) => mean(perClass(set.slice(0, removed))))
          expect(average).toBeCloseTo(mean(controls), 12)
          expect(randomLow).toBeCloseTo(Math.min(...controls) + 0.025 * Math.abs(controls[0] - controls[1]), 12)
          expect(randomHigh).toBeCloseTo(Math.max(...controls) - 0.025 * Math.abs(controls[0] - controls[1]), 12)
        }
        // The fixture's accuracy must move, or the lines above would compare a constant with itself.
        expect(new Set(curve.points.map(({ accuracy }) => accuracy)).size).toBeGreaterThan(1)
        for (const effect of curve.classwise) {
          const j = effect.classIndex
          const own = positiveFeatures(weights, j, 74)
          const without = perClass(own)
          expect(effect.features).toBe(own.length)
          expect(effect.lossOwn).toBeCloseTo(intact[j] - without[j], 12)
          expect(effect.lossOthers).toBeCloseTo(
            mean(CLASSES.flatMap((_, i) => (i === j ? [] : [intact[i] - without[i]]))), 12)
          const controls = [0, 1].map((repeat) =>
            perClass(layerMatchedRandom(own, layout, smallAnalysis.seed, repeat, j + 1))[j])
          expect(effect.lossRandom).toBeCloseTo(intact[j] - mean(controls), 12)
        }
      }
    }))
})

/** First pixel that unit 0 sees, pixels between units, and pixels seen, along each axis of the fixture's maps. */
const FIELDS: Record<string, { start: number; stride: number; size: number }> = {
  conv1: { start: -1, stride: 2, size: 5 },
  relu1: { start: -1, stride: 2, size: 5 },
  pool1: { start: -1, stride: 4, size: 7 },
  conv2: { start: -1, stride: 4, size: 15 },
  relu2: { start: -1, stride: 4, size: 15 },
  pool2: { start: -1, stride: 8, size: 19 },
  fc3: { start: 0, stride: 0, size: 28 },
  relu3: { start: 0, stride: 0, size: 28 },
}
/** Units along each axis. */
const COLUMNS: Record<string, number> = {
  conv1: 14, relu1: 14, pool1: 7, conv2: 5, relu2: 5, pool2: 2, fc3: 1, relu3: 1,
}

describe('averages', () => {
  it('are the mean and the spread of the pixels that the strongest units see', () =>
    inProject(folder, async (project) => {
      const { layout } = result.selections[0]
      const topOf = readTopLists(project, requireResponses(project, layout).artifact)
      const relevant = new Set(result.ablation.curves.flatMap(({ order }) => order))
      expect([...result.averages.keys()]).toEqual([...relevant].sort((a, b) => a - b))
      const seen = new Set<string>()
      for (const [feature, average] of result.averages) {
        const { name } = locate(layout, feature).layer
        if (seen.has(name)) continue
        seen.add(name)
        const { start, stride, size } = FIELDS[name]
        const entries = topOf(feature).slice(0, smallAnalysis.patches)
        expect(average).toMatchObject({ height: size, width: size, channels: 3, entries })
        expect(average.distinctImages).toBe(new Set(entries.map(({ image }) => image)).size)
        const images = await Promise.all(entries.map(async ({ image }) =>
          displayImage(await project.train.read(image), project.config.preprocessing)))
        const clipped = new Set<number>()
        for (let y = 0; y < size; y++) {
          for (let x = 0; x < size; x++) {
            const colours: number[][] = [[], [], []]
            entries.forEach(({ position }, i) => {
              const row = start + Math.floor(position / COLUMNS[name]) * stride + y
              const column = start + (position % COLUMNS[name]) * stride + x
              const inside = row >= 0 && row < 28 && column >= 0 && column < 28
              if (!inside) clipped.add(i)
              else for (const c of [0, 1, 2]) colours[c].push(images[i].data[(row * 28 + column) * 3 + c])
            })
            const means = colours.map((values) => values.reduce((a, b) => a + b, 0) / values.length)
            const variances = colours.map((values, c) =>
              values.reduce((sum, v) => sum + (v - means[c]) ** 2, 0) / values.length)
            const spread = Math.sqrt(variances.reduce((a, b) => a + b, 0) / 3)
            if (colours[0].length === 0) {
              expect(average.mean[(y * size + x) * 3]).toBeNaN()
              continue
            }
            for (const c of [0, 1, 2]) expect(average.mean[(y * size + x) * 3 + c]).toBeCloseTo(means[c], 3)
            expect(average.spread[y * size + x]).toBeCloseTo(spread, 2)
          }
        }
        expect(average.clipped).toEqual([...clipped].sort((a, b) => a - b))
        expect(average.patches.length).toBe(entries.length)
      }
      expect(seen.size).toBeGreaterThan(2)
    }))

  it('stand beside the average of random patches of the same layer, the same for all its features', () => {
    const { layout } = result.selections[0]
    const byLayer = new Map<string, string>()
    for (const [feature, { randomMean, mean, randomPatches }] of result.averages) {
      const { name } = locate(layout, feature).layer
      const seen = byLayer.get(name)
      if (seen !== undefined) expect(randomMean.join()).toBe(seen)
      byLayer.set(name, randomMean.join())
      expect(randomMean.join()).not.toBe(mean.join())
      expect(randomPatches).toBe(10)
    }
    expect(new Set(byLayer.values()).size).toBe(byLayer.size)
  })
})

describe('explanations', () => {
  it('rank the features of the predicted class by r = w * x and take those above zero', () =>
    inProject(folder, async (project) => {
      expect(result.explanations.map(({ image }) => image)).toEqual([0, 1, 2, 3])
      expect(result.explanations.some(({ features }) => features.length > 1)).toBe(true)
      const { layout, weights } = result.selections[0]
      for (const { image, predicted, confidence, features } of result.explanations) {
        const norms: number[] = []
        for (const { node, channels } of layout.layers) {
          const places = await mapsOf(project, project.test, image, node)
          for (let k = 0; k < channels; k++) norms.push(Math.hypot(...places.map((place) => place[k])))
        }
        const [scores] = await mapsOf(project, project.test, image, project.graph.output)
        expect(predicted).toBe(scores.indexOf(Math.max(...scores)))
        expect(confidence).toBeCloseTo(scores[predicted], 4)
        const r = descriptor(norms).map((value, k) => value * weights[predicted * 74 + k])
        const strongest = [...r.keys()].filter((k) => r[k] > 0).sort((a, b) => r[b] - r[a]).slice(0, 3)
        expect(features.map(({ feature }) => feature)).toEqual(strongest)
        features.forEach(({ feature, contribution }) => expect(contribution).toBeCloseTo(r[feature], 5))
      }
    }))

  it('combine the heatmaps, each scaled to its own range, by their pixel-wise maximum', () => {
    for (const { features, combined } of result.explanations) {
      const scaled = features.map(({ raw }) => {
        const magnitudes = [...raw].map(Math.abs)
        const [low, high] = [Math.min(...magnitudes), Math.max(...magnitudes)]
        expect(high).toBeGreaterThan(low)
        return magnitudes.map((value) => (value - low) / (high - low))
      })
      expect(combined.length).toBe(28 * 28)
      combined.forEach((value, pixel) => expect(value).toBeCloseTo(Math.max(0, ...scaled.map((map) => map[pixel])), 5))
    }
  })

  it('come from test images only, by numbers that exist', () =>
    inProject(folder, async (project) => {
      const spec = await explanationSpec(project, { ...smallAnalysis, images: [600] })
      await expect(explain(project, spec, quiet())).rejects.toThrow(
        'There is no test image 600: they are numbered 0 to 599.')
    }))
})
