import { describe, expect, it } from 'vitest'
import { mapAt, matrixPixels, montagePixels } from './matrix-pixels.ts'

describe('matrixPixels', () => {
  it('shows three channels as colour and leaves NaN transparent', () => {
    const data = Float32Array.of(10, 20.4, 300, NaN, NaN, NaN)
    const { height, width, rgba } = matrixPixels({ shape: [1, 2, 3], data })
    expect([height, width]).toEqual([1, 2])
    expect([...rgba]).toEqual([10, 20, 255, 255, 0, 0, 0, 0])
  })

  it('shows one channel as gray', () => {
    expect([...matrixPixels({ shape: [1, 1, 1], data: Uint8Array.of(7) }).rgba]).toEqual([7, 7, 7, 255])
  })

  it('takes one picture out of a montage', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    const { height, width, rgba } = montagePixels({ shape: [2, 2, 2, 1], data }, 1)
    expect([height, width]).toEqual([2, 2])
    expect([0, 4, 8, 12].map((i) => rgba[i])).toEqual([5, 6, 7, 8])
  })
})

describe('mapAt', () => {
  it('is one map of a stack', () => {
    const maps = { shape: [2, 1, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }
    expect(mapAt(maps, 1)).toEqual({ shape: [1, 3], data: Float32Array.of(3, 4, 5) })
  })
})
