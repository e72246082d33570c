import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  classAccuracy, curveSteps, layerMatchedRandom, meanAndBand, positiveFeatures, removalOrder,
} from './ablation.ts'
import { featureLayout, locate } from './features.ts'
import { randomIndex, randomStream } from './random.ts'

const stored = new URL('../../scripts/golden/numerics.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as {
  removal_order: { weights: number[]; order: number[]; positive: number[][] }
  accuracy: { correct: number[]; totals: number[]; mean: number }
  quantiles: { values: number[]; probabilities: number[]; quantiles: number[]; mean: number }[]
}

describe('removalOrder', () => {
  it('is what NumPy sorts: largest weight of any class first, ties by index, unused features left out', () => {
    const { weights, order } = golden.removal_order
    expect([...removalOrder(Float64Array.from(weights), 3, 12)]).toEqual(order)
  })

  it('picks the strongest that is left, over and over', () => {
    const random = randomStream(2)
    for (let round = 0; round < 30; round++) {
      const [classes, size] = [1 + randomIndex(random, 3), 1 + randomIndex(random, 8)]
      const weights = Float64Array.from({ length: classes * size }, () => randomIndex(random, 7) - 3)
      const left = new Set(Array.from({ length: size }, (_, k) => k))
      const expected: number[] = []
      for (;;) {
        let best = -1
        let strength = 0
        for (const k of left) {
          for (let j = 0; j < classes; j++) {
            if (Math.abs(weights[j * size + k]) > strength) [best, strength] = [k, Math.abs(weights[j * size + k])]
          }
        }
        if (best < 0) break
        expected.push(best)
        left.delete(best)
      }
      expect([...removalOrder(weights, classes, size)]).toEqual(expected)
    }
  })
})

describe('positiveFeatures', () => {
  it('is what NumPy sorts', () => {
    const { weights, positive } = golden.removal_order
    const found = positive.map((_, j) => [...positiveFeatures(Float64Array.from(weights), j, 12)])
    expect(found).toEqual(positive)
  })

  it('is empty for a class without positive weights', () => {
    expect(positiveFeatures(Float64Array.of(1, 2, 0, -1), 1, 2)).toHaveLength(0)
  })
})

describe('layerMatchedRandom', () => {
  const layout = featureLayout(
    [6, 2, 20].map((channels, i) => ({ number: i + 1, node: i + 4, name: `l${i}`, kind: 'convolutional', channels })),
  )
  const features = Int32Array.of(0, 20, 7, 3, 6, 27, 5)

  it('draws at each place another channel of the same layer, none twice', () => {
    for (let repeat = 0; repeat < 50; repeat++) {
      const drawn = layerMatchedRandom(features, layout, 1, repeat)
      expect(new Set(drawn).size).toBe(features.length)
      expect(Array.from(drawn, (k) => locate(layout, k).layer.node)).toEqual([4, 6, 5, 4, 5, 6, 4])
    }
  })

  it('is the whole layer when all of its channels are asked for', () => {
    const whole = layerMatchedRandom(Int32Array.of(0, 1, 2, 3, 4, 5), layout, 9)
    expect([...whole].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('repeats with its seeds and changes with them', () => {
    const draw = (...seeds: number[]): number[] => [...layerMatchedRandom(features, layout, ...seeds)]
    expect(draw(1, 2)).toEqual(draw(1, 2))
    expect(new Set([draw(1, 2), draw(1, 3), draw(2, 1), draw(1, 2, 1)].map(String)).size).toBe(4)
  })

  it('draws every channel as often as any other', () => {
    const counts = new Array<number>(20).fill(0)
    for (let repeat = 0; repeat < 4000; repeat++) {
      for (const k of layerMatchedRandom(Int32Array.of(8, 9), layout, 5, repeat)) counts[k - 8]++
    }
    // 400 expected; 6 standard deviations are 117.
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(117)
  })
})

describe('curveSteps', () => {
  it.each([
    [0, 17, [0]],
    [1, 17, [0, 1]],
    [3, 17, [0, 1, 2, 3]],
    [10, 6, [0, 2, 4, 6, 8, 10]],
    [10, 4, [0, 3, 7, 10]],
    [5, 2, [0, 5]],
    [5, 1, [0, 5]],
  ])('%d features at %d points: %j', (total, points, steps) => {
    expect(curveSteps(total, points)).toEqual(steps)
  })

  it('ascends without repeats from none to all', () => {
    for (let total = 1; total < 60; total++) {
      for (let points = 2; points < 20; points++) {
        const steps = curveSteps(total, points)
        expect([steps[0], steps.at(-1)]).toEqual([0, total])
        expect(steps).toHaveLength(Math.min(total + 1, points))
        expect(steps.every((step, i) => i === 0 || step > steps[i - 1])).toBe(true)
      }
    }
  })
})

describe('classAccuracy', () => {
  it('is the balanced accuracy of scikit-learn, a class without images left out', () => {
    const { correct, totals, mean } = golden.accuracy
    const found = classAccuracy(correct, totals)
    expect(found.mean).toBeCloseTo(mean, 12)
    expect(found.perClass[3]).toBeNaN()
    expect(found.perClass[0]).toBe(correct[0] / totals[0])
  })

  it('weighs classes alike, not images', () => {
    expect(classAccuracy([0, 90], [10, 90]).mean).toBe(0.5)
    expect(classAccuracy([0], [0]).mean).toBeNaN()
  })
})

describe('meanAndBand', () => {
  it('is the mean and the central 95 %', () => {
    for (const { values, quantiles, mean } of golden.quantiles) {
      const band = meanAndBand(values)
      expect(band.mean).toBeCloseTo(mean, 12)
      expect([band.low, band.high].map((value) => value.toFixed(10))).toEqual(
        [quantiles[1], quantiles[6]].map((value) => value.toFixed(10)),
      )
    }
  })
})
