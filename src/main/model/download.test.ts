import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { floatsOf, integersOf, release } from './download.ts'
import { startEngine } from './engine.ts'
import { tensorsLeftBy } from './testing/example.ts'

beforeAll(() => startEngine())

describe('floatsOf and integersOf', () => {
  it('give the values and free all tensors made on the way', () => {
    const square = (): tf.Tensor => tf.square(tf.add(tf.tensor([1, 2.5]), 1))
    expect(floatsOf(square)).toEqual(Float32Array.of(4, 12.25))
    expect(integersOf(square)).toEqual(Int32Array.of(4, 12))
    expect(integersOf(() => tf.argMax(tf.tensor2d([[1, 3, 2], [5, 4, 5]]), 1))).toEqual(Int32Array.of(1, 0))
    expect(tensorsLeftBy(() => [floatsOf(square), integersOf(square)])).toBe(0)
  })

  it('give memory that can be given back', () => {
    const values = floatsOf(() => tf.tensor([1, 2.5]))
    release(values)
    expect(values).toHaveLength(0)
    expect(values.buffer.byteLength).toBe(0)
  })

  it('free them when the work throws', () => {
    const fail = (): tf.Tensor => {
      tf.square(tf.tensor([1, 2]))
      throw new Error('stop')
    }
    expect(() => floatsOf(fail)).toThrow('stop')
    expect(tensorsLeftBy(() => floatsOf(fail))).toBe(0)
    expect(tensorsLeftBy(() => integersOf(fail))).toBe(0)
  })
})
