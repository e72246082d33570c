import { expect, it } from 'vitest'
import { type FlowerSplit, type FlowerVariant, flowerClasses } from './classes.ts'
import { flowerSpec, renderFlower } from './flower.ts'

const LEVELS = 6
const BINS = LEVELS ** 3

/** Square roots of the shares of the colours in the image: what is left when every position is forgotten. */
function colourHistogram(image: Uint8Array): Float64Array {
  const shares = new Float64Array(BINS)
  const level = (value: number): number => Math.floor((value * LEVELS) / 256)
  for (let at = 0; at < image.length; at += 3) {
    shares[(level(image[at]) * LEVELS + level(image[at + 1])) * LEVELS + level(image[at + 2])] += 3 / image.length
  }
  return shares.map(Math.sqrt)
}

interface Sample {
  readonly features: Float64Array
  readonly label: number
}

function samplesOf(variant: FlowerVariant, split: FlowerSplit, perClass: number): Sample[] {
  return flowerClasses(variant).flatMap(({ label }) =>
    Array.from({ length: perClass }, (_, index) => ({
      features: colourHistogram(renderFlower(flowerSpec(variant, 3, split, label, index)).image),
      label,
    })))
}

/** Softmax regression by gradient descent with momentum; gives the predicted label. */
function fitSoftmax(samples: readonly Sample[], classes: number): (features: Float64Array) => number {
  const weights = new Float64Array(classes * BINS)
  const velocity = new Float64Array(classes * BINS)
  const scores = new Float64Array(classes)
  const score = (features: Float64Array): Float64Array => {
    scores.fill(0)
    for (let bin = 0; bin < BINS; bin++) {
      const feature = features[bin]
      if (feature === 0) continue
      for (let k = 0; k < classes; k++) scores[k] += feature * weights[bin * classes + k]
    }
    return scores
  }
  for (let step = 0; step < 120; step++) {
    const gradient = new Float64Array(classes * BINS)
    for (const { features, label } of samples) {
      const errors = score(features).map(Math.exp)
      const total = errors.reduce((sum, value) => sum + value, 0)
      for (let k = 0; k < classes; k++) errors[k] = (errors[k] / total - (k === label ? 1 : 0)) / samples.length
      for (let bin = 0; bin < BINS; bin++) {
        const feature = features[bin]
        if (feature === 0) continue
        for (let k = 0; k < classes; k++) gradient[bin * classes + k] += feature * errors[k]
      }
    }
    for (let i = 0; i < weights.length; i++) {
      velocity[i] = 0.9 * velocity[i] - 20 * gradient[i]
      weights[i] += velocity[i]
    }
  }
  return (features) => score(features).indexOf(Math.max(...score(features)))
}

interface Outcome {
  readonly label: number
  readonly predicted: number
}

interface Accuracies {
  readonly whole: number
  readonly colour: number
  readonly part: number
}

/** Accuracy on `test` images of each class after learning from `train` of each. */
function accuracies(variant: FlowerVariant, train: number, test: number): Accuracies {
  const parts = variant === 'double-12c' ? 2 : 1
  const predict = fitSoftmax(samplesOf(variant, 'train', train), flowerClasses(variant).length)
  const outcomes = samplesOf(variant, 'test', test).map(
    ({ features, label }): Outcome => ({ label, predicted: predict(features) }),
  )
  const share = (hit: (outcome: Outcome) => boolean): number => outcomes.filter(hit).length / outcomes.length
  return {
    whole: share(({ label, predicted }) => label === predicted),
    colour: share(({ label, predicted }) => Math.floor(label / parts) === Math.floor(predicted / parts)),
    part: share(({ label, predicted }) => label % parts === predicted % parts),
  }
}

it('does not let the colours of the image tell the class of double-12c, though they tell its colour', () => {
  const { whole, colour, part } = accuracies('double-12c', 40, 30)
  expect(colour).toBeGreaterThan(0.85)
  expect(part).toBeLessThan(0.7)
  expect(whole).toBeLessThan(0.66)
})

it('does not let the colours of the image tell the class of single-6c', () => {
  const { whole } = accuracies('single-6c', 60, 50)
  // Two of the six colours are plentiful, on petals and pot; guessing between them gives 7 / 12.
  expect(whole).toBeGreaterThan(0.4)
  expect(whole).toBeLessThan(0.7)
})
