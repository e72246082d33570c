import { expect, it } from 'vitest'
import { judge, type Tried } from './preset-verdict.ts'

const PREPROCESSING = {
  height: 1, width: 1, channels: 1, resize: 'fit', scale: 1, mean: [0], std: [1], order: 'rgb',
} as const
const CLASSES = 4
const LABELS = Int32Array.from({ length: 100 }, (_, i) => i % CLASSES)

/** Right on the first `right` images, else one class further; sure of each by `probability`. */
function tried(name: string, right: number, probability = 0.5, labels = LABELS): Tried {
  return {
    candidate: { name, hint: '', preprocessing: PREPROCESSING },
    predicted: labels.map((label, i) => (i < right ? label : (label + 1) % CLASSES)),
    probabilities: new Float64Array(labels.length).fill(probability),
  }
}

it('ranks by accuracy and says what is clear', () => {
  const result = judge([tried('a', 40), tried('b', 90), tried('c', 60)], LABELS, CLASSES)
  expect(result.trials.map(({ name, accuracy, standing }) => [name, accuracy, standing])).toEqual([
    ['b', 0.9, 'best'],
    ['c', 0.6, 'worse'],
    ['a', 0.4, 'worse'],
  ])
  expect(result).toMatchObject({ images: 100, chance: 0.25, outcome: 'clear' })
  expect(result.verdict).toBe(
    '"b" (90.0 %) is right most often on 100 images, clearly more often than the next, "c" (60.0 %).',
  )
})

it('lets the log loss decide among those that the images cannot tell apart', () => {
  // Five images speak for a and none against: p = 2 / 2^5 = 0.0625; six would be 0.03125.
  const result = judge([tried('a', 90, 0.5), tried('b', 85, 0.8), tried('c', 84, 0.9)], LABELS, CLASSES)
  expect(result.trials.map(({ name, standing }) => [name, standing])).toEqual([
    ['b', 'best'],
    ['a', 'tied'],
    ['c', 'worse'],
  ])
  expect(result.outcome).toBe('tie')
  expect(result.verdict).toBe(
    '"b" (85.0 %) and "a" (90.0 %) cannot be told apart on 100 images. "b" is the likeliest: ' +
      'with it the network gives the right classes the highest probabilities (log loss 0.22, next 0.69).',
  )
  expect(result.trials[0]?.logLoss).toBeCloseTo(-Math.log(0.8), 12)
})

it('keeps the order of trying between equals, and counts a rounded zero as 1e-7', () => {
  const { trials, verdict } = judge([tried('a', 80, 0), tried('b', 80, 0)], LABELS, CLASSES)
  expect(trials.map(({ name, standing }) => [name, standing])).toEqual([['a', 'best'], ['b', 'tied']])
  expect(trials[0]?.logLoss).toBeCloseTo(-Math.log(1e-7), 9)
  expect(verdict).toBe(
    '"a" (80.0 %) and "b" (80.0 %) cannot be told apart on 100 images. Take the one that the network was trained with.',
  )
})

it('recommends none where all are as good as predictions dealt out at random', () => {
  // 3 standard errors of 100 images at 25 %: 13 %.
  const none = judge([tried('a', 37), tried('b', 30)], LABELS, CLASSES)
  expect(none.outcome).toBe('guessing')
  expect(none.trials.every(({ standing }) => standing === 'worse')).toBe(true)
  expect(none.verdict).toContain(
    'at most 37.0 % of 100 images are right, where the same predictions dealt out at random reach 25.0 %.',
  )
  expect(judge([tried('a', 39), tried('b', 30)], LABELS, CLASSES).outcome).not.toBe('guessing')
})

it('sees predictions that fit the labels under other names, and recommends none', () => {
  // One class further for all but 20 images, which are right.
  const result = judge([tried('a', 20)], LABELS, CLASSES)
  expect(result).toMatchObject({ outcome: 'order', trials: [{ name: 'a', standing: 'worse' }] })
  expect(result.verdict).toContain('Renamed, those with "a" would be right for 80.0 % of 100 images, instead of 20.0 %.')
})

it('takes one class named for every image for guessing, not for labels under other names', () => {
  // Six of ten images are of class 0: renamed, any one name for all images fits 60 % of them.
  const labels = LABELS.map((_, i) => (i < 60 ? 0 : 1 + (i % 3)))
  const constant = { ...tried('a', 0), predicted: new Int32Array(100).fill(3) }
  expect(judge([constant], labels, CLASSES)).toMatchObject({ outcome: 'guessing', chance: 0.6 })
  expect(judge([constant], new Int32Array(100), CLASSES).outcome).toBe('guessing')
})

it('counts a probability that is no number as none', () => {
  const broken = { ...tried('a', 80), probabilities: new Float64Array(100).fill(NaN) }
  const { trials } = judge([broken, tried('b', 80, 0.5)], LABELS, CLASSES)
  expect(trials.map(({ name }) => name)).toEqual(['b', 'a'])
  expect(trials[1].logLoss).toBeCloseTo(-Math.log(1e-7), 9)
})

it('takes a few right ones of many classes for knowledge', () => {
  // Half the images are of one class: naming it alone would be right more often than the network, which knows 10 %.
  const labels = Int32Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : i))
  const predicted = Int32Array.from(labels, (label, i) => (i % 10 === 0 ? label : 500 + i))
  const few: Tried = { ...tried('a', 0), predicted, probabilities: new Float64Array(200).fill(0.1) }
  expect(judge([few], labels, 1000)).toMatchObject({ outcome: 'clear', chance: 0.5 })
})

it('cannot tell guessing where all images are of one class', () => {
  const labels = new Int32Array(50)
  expect(judge([tried('a', 50, 0.5, labels), tried('b', 10, 0.5, labels)], labels, CLASSES).outcome).toBe('clear')
})
