import { expect, test } from 'vitest'
import { colourAt } from '../../../core/colour-maps.ts'
import { rangeOf, SPREAD_SCALE, spreadPixels } from './spread-pixels.ts'

test('colours grey levels on one scale and leaves unknown pixels transparent', () => {
  const { rgba, height, width } = spreadPixels({ shape: [1, 3], data: Float32Array.of(0, SPREAD_SCALE, NaN) })
  expect([height, width]).toEqual([1, 3])
  expect([...rgba]).toEqual([...colourAt('viridis', 0), 255, ...colourAt('viridis', 1), 255, 0, 0, 0, 0])
})

test('the range leaves out what is no number', () => {
  expect(rangeOf([1, NaN, 4, 1])).toEqual({ min: 1, mean: 2, max: 4 })
  expect(rangeOf([NaN])).toBeNull()
})
