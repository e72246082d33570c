import { join } from 'node:path'
import sharp, { type Region } from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { argMaxRows } from '../core/argmax.ts'
import { combineHeatmaps, scaleHeatmap } from '../core/explanation.ts'
import { compact, decode, encode } from '../shared/codec.ts'
import type { Picture } from '../shared/images.ts'
import { TINY_CLASSES, TINY_TEST, TINY_TRAIN } from './testing/tiny-project.ts'
import { tinyWorkbench } from './testing/tiny-workbench.ts'
import {
  ABLATION,
  ALL,
  AVERAGES,
  EVALUATION,
  EVERY,
  EXPLANATION,
  ONLY_CONV,
  PATH,
  RELEASED,
  WORKS,
} from './testing/tiny-works.ts'
import { forwardImages } from './tools.ts'

const TESTS = TINY_CLASSES.length * TINY_TEST
const TRAINS = TINY_CLASSES.length * TINY_TRAIN

const { call, refusal, work, faults, project } = tinyWorkbench()

beforeAll(async () => {
  for (const each of WORKS) await work(each)
})

describe('results', () => {
  it('of the extraction', async () => {
    const result = await call('extraction.result', { preset: 'paper', layers: 'All' })
    expect(result).toMatchObject({ images: TRAINS, features: 34, unreadable: [] })
  })

  it('of a selection agree among themselves', async () => {
    const summary = await call('selection.summary', ALL)
    const matrix = await call('selection.matrix', ALL)
    expect(matrix.features).toHaveLength(summary.features)
    const weightOf = (classIndex: number, column: number): number => {
      const [start, end] = [matrix.starts[classIndex], matrix.starts[classIndex + 1]]
      const at = matrix.columns.subarray(start, end).indexOf(column)
      return at < 0 ? 0 : matrix.weights[start + at]
    }
    expect(matrix.starts[3]).toBe(summary.certificates.reduce((sum, { nonZeros }) => sum + nonZeros, 0))
    expect(summary.features).toBeGreaterThan(3)
    for (let classIndex = 0; classIndex < 3; classIndex++) {
      const features = await call('selection.classFeatures', { selection: ALL, classIndex })
      expect(summary.certificates[classIndex]).toMatchObject({ accepted: true, nonZeros: features.length })
      const l1 = features.reduce((sum, { weight }) => sum + Math.abs(weight), 0)
      expect(l1).toBeCloseTo(summary.certificates[classIndex].l1Norm, 9)
      for (const { weight, sharedWith, ...name } of features) {
        const column = matrix.features.findIndex(({ feature }) => feature === name.feature)
        expect(matrix.features[column]).toEqual(name)
        const weights = [0, 1, 2].map((j) => weightOf(j, column))
        expect(weights[classIndex]).toBe(weight)
        expect(sharedWith).toEqual([0, 1, 2].filter((j) => j !== classIndex && weights[j] !== 0))
      }
    }
    expect(await refusal('selection.classFeatures', { selection: ALL, classIndex: 3 })).toEqual({
      code: 'bad-argument',
      sentence: 'There is no class 3: they are numbered 0 to 2.',
    })
  })

  it.each([ALL, ONLY_CONV, RELEASED])('of any mu agree with a job at that mu: $preset $layers', async (spec) => {
    const { mu, ...selection } = spec
    for (let classIndex = 0; classIndex < 3; classIndex++) {
      const solved = await call('selection.classFeatures', { selection: spec, classIndex })
      const answer = await call('selection.at', { selection, classIndex, mu })
      expect(answer.certificate.accepted).toBe(true)
      const weights = new Map(
        answer.features.map(({ feature, layerName, channel, weight }) => [`${feature} ${layerName} ${channel}`, weight]),
      )
      expect(weights.size).toBe(solved.length)
      for (const { feature, layerName, channel, weight } of solved) {
        expect(weights.get(`${feature} ${layerName} ${channel}`)).toBeCloseTo(weight, 7)
      }
      const half = await call('selection.at', { selection, classIndex, mu: mu / 2 })
      expect(half.certificate).toMatchObject({ accepted: true })
      expect(half.certificate.l1Norm).toBeCloseTo(Math.min(mu / 2, answer.certificate.l1Norm), 7)
    }
  })

  it('of a path rise in mu and fall in the objective, up to the first that reaches the limit', async () => {
    const whole = await call('selection.path', { ...PATH, maxMu: 1e6 })
    const some = await call('selection.path', { ...PATH, maxMu: 2 })
    expect(whole.complete).toBe(true)
    expect(some.complete).toBe(false)
    expect(some.mu.at(-2)).toBeLessThan(2)
    expect(some.mu.at(-1)).toBeGreaterThanOrEqual(2)
    expect(some.objective).toEqual(whole.objective.slice(0, some.objective.length))
    for (let i = 0; i + 1 < whole.mu.length; i++) {
      const between = await call('selection.at', { ...PATH, mu: (whole.mu[i] + whole.mu[i + 1]) / 2 })
      expect(whole.nonZerosAfter[i]).toBe(between.features.length)
    }
    expect(whole.nonZerosAfter.at(-1)).toBe(whole.nonZeros.at(-1))
    for (const [i, value] of whole.mu.entries()) {
      if (i === 0) continue
      expect(value).toBeGreaterThan(whole.mu[i - 1])
      expect(whole.objective[i]).toBeLessThanOrEqual(whole.objective[i - 1])
      expect(whole.lambda[i]).toBeLessThanOrEqual(whole.lambda[i - 1])
    }
    expect([whole.mu[0], whole.nonZeros[0], whole.objective[0]]).toEqual([0, 0, TINY_TRAIN / 2])
  })

  it('of an ablation', async () => {
    const { original, curves, images, repeats } = await call('ablation.result', ABLATION)
    expect([images, repeats]).toEqual([[5, 5, 5], 2])
    expect(curves.map(({ name }) => name)).toEqual(['All', 'OnlyConv'])
    for (const { points, order } of curves) {
      expect(points[0]).toMatchObject({ removed: 0, accuracy: original })
      expect(points.at(-1)?.removed).toBe(order.length)
    }
    expect(await refusal('ablation.result', { ...ABLATION, seed: 2 })).toEqual({
      code: 'not-ready',
      sentence: `This ablation has not been computed in ${project().folder}: start the job "ablation" first.`,
    })
  })

  it('of an ablation for one class, whose means over the classes are the curves of all', async () => {
    const { curves, originalPerClass } = await call('ablation.result', ABLATION)
    const classes = await Promise.all(
      [0, 1, 2].map((classIndex) => call('ablation.classCurves', { ablation: ABLATION, classIndex })),
    )
    expect(classes.map(({ images, original }) => [images, original])).toEqual(originalPerClass.map((own) => [5, own]))
    for (const [c, { name, points }] of curves.entries()) {
      const own = classes.map((each) => each.curves[c])
      expect(own.map((curve) => curve.name)).toEqual([name, name, name])
      for (const [step, { removed, perClass, random }] of points.entries()) {
        const found = own.map((curve) => curve.points[step])
        expect(found.map((point) => [point.removed, point.accuracy])).toEqual(perClass.map((value) => [removed, value]))
        expect(found.reduce((sum, point) => sum + point.random, 0) / 3).toBeCloseTo(random, 12)
        // Two random sets: the band lies symmetrically about their mean, and each of them got whole images right.
        for (const { random: mean, randomLow, randomHigh } of found) {
          expect((randomLow + randomHigh) / 2).toBeCloseTo(mean, 12)
          expect(Math.abs(mean * 10 - Math.round(mean * 10))).toBeLessThan(1e-9)
        }
      }
    }
    expect(await refusal('ablation.classCurves', { ablation: ABLATION, classIndex: 3 })).toMatchObject({
      code: 'bad-argument',
      sentence: 'There is no class 3: they are numbered 0 to 2.',
    })
  })

  it('of average images: every patch lies in its image where its box says', async () => {
    const list = await call('averages.list', AVERAGES)
    expect(list).toHaveLength((await call('selection.summary', ALL)).features)
    expect(list.every(({ stored }) => stored)).toBe(true)
    const { feature } = list.find(({ layerName }) => layerName === 'conv2') ?? list[0]
    const average = await call('averages.get', { averages: AVERAGES, feature })
    const [count, height, width] = average.montage.shape
    expect([count, average.patches.length]).toEqual([5, 5])
    const mean = new Float64Array(height * width * 3)
    for (const [i, { image, box, clipped }] of average.patches.entries()) {
      expect([box.bottom - box.top, box.right - box.left, clipped]).toEqual([height, width, false])
      const picture = await call('images.picture', { image, view: 'displayed', maxSide: 512 })
      const region = { left: box.left, top: box.top, width, height }
      const patch = average.montage.data.subarray(i * mean.length, (i + 1) * mean.length)
      expect(await pixelsOf(picture, region)).toEqual(patch)
      patch.forEach((sample, k) => (mean[k] += sample / count))
    }
    average.mean.data.forEach((value, k) => expect(value).toBeCloseTo(mean[k], 3))
    const { layerNumber, layerName, layerKind, channel, distinctImages } = average
    expect(await call('averages.mean', { averages: AVERAGES, feature })).toEqual({
      ...{ feature, layerNumber, layerName, layerKind, channel, mean: average.mean },
      ...{ averagedPatches: 5, distinctImages },
    })
    expect(distinctImages).toBe(new Set(average.patches.map(({ image }) => image)).size)
    for (const name of ['averages.get', 'averages.mean']) {
      expect(await refusal(name, { averages: { ...AVERAGES, seed: 9 }, feature })).toMatchObject({ code: 'not-ready' })
    }
    expect(await refusal('averages.get', { averages: AVERAGES, feature: 34 })).toEqual({
      code: 'bad-argument',
      sentence: 'There is no feature 34: they are numbered 0 to 33.',
    })
  })

  it('of explanations, one by one', async () => {
    const found = await call('explanations.get', { explanation: EXPLANATION, image: 'test/7' })
    const pixels = 144
    expect(found.heatmaps.shape).toEqual([found.features.length, 12, 12])
    const scaled = found.features.map(
      (_, i) => scaleHeatmap(found.heatmaps.data.subarray(i * pixels, (i + 1) * pixels)).scaled,
    )
    expect(found.combined).toEqual({ shape: [12, 12], data: combineHeatmaps(scaled, pixels) })
    const relevant = await call('selection.classFeatures', { selection: ALL, classIndex: found.predicted })
    const positive = relevant.filter(({ weight }) => weight > 0).map(({ feature }) => feature)
    for (const { feature, contribution } of found.features) {
      expect(positive).toContain(feature)
      expect(contribution).toBeGreaterThan(0)
    }
    expect(await refusal('explanations.get', { explanation: EXPLANATION, image: 'test/8' })).toMatchObject({
      code: 'not-ready',
    })
    expect(await refusal('explanations.get', { explanation: EXPLANATION, image: 'train/7' })).toMatchObject({
      code: 'bad-argument',
    })
  })

  it('of the evaluation with masks', async () => {
    const { images, scores } = await call('evaluation.result', EVALUATION)
    expect(images).toBe(TESTS)
    const box = scores.find(({ kind }) => kind === 'centre-box')
    expect(box?.control).toBe(true)
    expect(box?.area).toBeGreaterThan(0)
    const classes = await Promise.all(
      [0, 1, 2].map((classIndex) => call('evaluation.classCurves', { evaluation: EVALUATION, classIndex })),
    )
    expect(classes.reduce((sum, each) => sum + each.images, 0)).toBe(TESTS)
    scores.forEach(({ curve }, kind) => {
      const sumAt = (i: number): number =>
        classes.reduce((sum, each) => sum + each.images * each.curves[kind][i], 0)
      const mean = curve.map((_, i) => sumAt(i) / TESTS)
      mean.forEach((iou, i) => expect(iou).toBeCloseTo(curve[i], 12))
    })
    expect(await refusal('evaluation.classCurves', { evaluation: EVALUATION, classIndex: 3 })).toMatchObject({
      code: 'bad-argument',
    })
  })

  it('of predictions are those of the network', async () => {
    const { items, total, accuracy, unreadable } = await call('predictions.list', EVERY)
    expect([total, items.length, unreadable]).toEqual([TESTS, TESTS, 0])
    for (const { id, name, predicted, confidence } of items.filter((_, i) => i % 4 === 0)) {
      const { model, test, preprocessing } = project()
      const { data } = await forwardImages(model, join(test, name), undefined, preprocessing)
      expect(argMaxRows(data, 1)[0]).toBe(predicted)
      expect(confidence).toBeCloseTo(Math.max(...data), 5)
      const ranked = await call('predictions.ranked', { image: id, limit: 3 })
      expect(ranked.map(({ classIndex }) => classIndex)).toEqual([0, 1, 2].sort((a, b) => data[b] - data[a]))
      for (const { classIndex, probability } of ranked) expect(probability).toBeCloseTo(data[classIndex], 5)
    }
    const right = await call('predictions.list', { ...EVERY, outcome: 'right' })
    const wrong = await call('predictions.list', { ...EVERY, outcome: 'wrong' })
    expect(right.items).toEqual(items.filter(({ predicted, label }) => predicted === label))
    expect(right.total + wrong.total).toBe(TESTS)
    expect(accuracy).toBeCloseTo(right.total / TESTS, 12)
    const unsure = await call('predictions.list', { ...EVERY, classIndex: 2, order: 'least-confident', limit: 2 })
    const confidences = items.filter(({ label }) => label === 2).map(({ confidence }) => confidence)
    confidences.sort((a, b) => a - b)
    expect(unsure).toMatchObject({ total: TINY_TEST })
    expect(unsure.items.map(({ confidence }) => confidence)).toEqual(confidences.slice(0, 2))
  })

  it('cross as a clone and as bytes', async () => {
    const argument = { averages: AVERAGES, feature: (await call('averages.list', AVERAGES))[0].feature }
    const average = await call('averages.get', argument)
    expect(structuredClone(compact(average).value)).toEqual(average)
    expect(decode(encode(average))).toEqual(average)
  })
})

it('meets no fault', () => expect(faults).toEqual([]))

async function pixelsOf({ bytes }: Picture, region: Region): Promise<Uint8Array> {
  return Uint8Array.from(await sharp(bytes).extract(region).raw().toBuffer())
}
