import { expect, it } from 'vitest'
import { randomIndex, randomStream } from './random.ts'
import { renamedAccuracy } from './renamed-accuracy.ts'

const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

/** The best of all namings of three classes. */
function best(labels: readonly number[], predicted: readonly number[]): number {
  const rightIn = (order: readonly number[]): number =>
    labels.filter((label, i) => order[predicted[i]] === label).length
  return Math.max(...ORDERS.map(rightIn)) / labels.length
}

it('is 1 for predictions in another order', () => {
  expect(renamedAccuracy([0, 0, 1, 2, 2], [2, 2, 0, 1, 1])).toBe(1)
  expect(renamedAccuracy([4, 7], [900, 3])).toBe(1)
})

it('gives each prediction one name', () => {
  expect(renamedAccuracy([0, 0, 1, 2], [5, 5, 5, 5])).toBe(0.5)
})

it('never exceeds the best of all namings, and reaches it where most images are right', () => {
  for (let draw = 0; draw < 200; draw++) {
    const random = randomStream(3, draw)
    const labels = Array.from({ length: 30 }, (_, i) => i % 3)
    const order = ORDERS[randomIndex(random, 6)]
    const noise = randomIndex(random, 10)
    const predicted = labels.map((label) => (randomIndex(random, 10) < noise ? randomIndex(random, 3) : order[label]))
    const found = renamedAccuracy(labels, predicted)
    expect(found).toBeLessThanOrEqual(best(labels, predicted))
    if (noise < 3) expect(found).toBe(best(labels, predicted))
  }
})
