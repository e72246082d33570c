import { expect, test } from 'vitest'
import type { ClassResponses } from '../../../shared/results.ts'
import { arrangeRows, classRows, responseScale, weightScale, type RowOrder } from './class-rows.ts'

function responses(classIndex: number, median: number): ClassResponses {
  return { classIndex, images: 10, mean: median, quantiles: [0, 0, median, median, median + 1] }
}

const ROWS = classRows(
  ['cat', 'dog', 'cow', 'fox'],
  [responses(0, 2), responses(1, 5), responses(3, 2)],
  { classes: [2, 3], weights: [0.5, -1.5] },
)
const order = (by: RowOrder, text = '', relevantOnly = false): number[] =>
  arrangeRows(ROWS, { text, relevantOnly, order: by }).map(({ classIndex }) => classIndex)

test('joins classes with their responses and weights', () => {
  expect(ROWS[2]).toEqual({ classIndex: 2, name: 'cow', weight: 0.5, responses: null })
  expect(ROWS[1]).toMatchObject({ weight: 0, responses: { images: 10 } })
})

test('orders by weight and then response, by response or by class; what does not respond comes last', () => {
  expect(order('weight')).toEqual([3, 2, 1, 0])
  expect(order('response')).toEqual([1, 0, 3, 2])
  expect(order('class')).toEqual([0, 1, 2, 3])
})

test('finds classes by number or name, and those that are relevant', () => {
  expect(order('class', 'O')).toEqual([1, 2, 3])
  expect(order('class', ' 0 ')).toEqual([0])
  expect(order('class', '', true)).toEqual([2, 3])
})

test('scales reach the largest value and are never empty', () => {
  expect(responseScale(ROWS)).toBe(6)
  expect(weightScale(ROWS)).toBe(1.5)
  const silent = classRows(['cat'], [], null)
  expect(responseScale(silent)).toBe(1)
  expect(weightScale(silent)).toBe(1)
})
