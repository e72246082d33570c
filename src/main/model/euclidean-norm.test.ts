import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { startEngine } from './engine.ts'
import { euclideanNorm } from './euclidean-norm.ts'
import { randomValues, tensorsLeftBy } from './testing/example.ts'

beforeAll(() => startEngine())

describe('euclideanNorm', () => {
  const shapes: [number, number, number][] = [[1, 1, 1], [3, 7, 2], [5, 144, 20], [2, 1, 50]]

  it.each(shapes)('is the root of the sum of squares, %d x %d x %d', (...shape) => {
    const [images, places, channels] = shape
    const values = randomValues(images * places * channels, places)
    const x = tf.tensor3d(values, shape)
    const norm = euclideanNorm(x)
    expect(norm.shape).toEqual([images, channels])
    norm.dataSync().forEach((found, at) => {
      const image = Math.floor(at / channels)
      let sum = 0
      for (let place = 0; place < places; place++) {
        sum += values[(image * places + place) * channels + (at % channels)] ** 2
      }
      expect(Math.abs(found - Math.sqrt(sum))).toBeLessThanOrEqual(1e-6 * Math.sqrt(sum))
    })
    norm.dispose()
    expect(tensorsLeftBy(() => euclideanNorm(x).dispose())).toBe(0)
    x.dispose()
  })
})
