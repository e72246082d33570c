import { describe, expect, it } from 'vitest'
import { controlMaps } from '../../../core/control-maps.ts'
import { controlsOf, scoreMap } from './image-scores.ts'

const [HEIGHT, WIDTH] = [8, 6]
const wave = (i: number): number => Math.round(127 + 120 * Math.sin(i * 1.7))

describe('scoreMap', () => {
  const map = { shape: [HEIGHT, WIDTH], data: Float32Array.from({ length: 48 }, (_, i) => wave(i) / 255) }
  const mask = { shape: [HEIGHT, WIDTH], data: Uint8Array.from({ length: 48 }, (_, i) => (i % 5 < 2 ? 1 : 0)) }
  const score = scoreMap({ kind: 'ours', name: 'Ours', control: false, map }, mask)

  it('is the definition, threshold by threshold', () => {
    score.curve.forEach((iou, level) => {
      let [both, either] = [0, 0]
      mask.data.forEach((inMask, i) => {
        const shown = map.data[i] > 0 && map.data[i] >= level / 100
        if (shown && inMask) both++
        if (shown || inMask) either++
      })
      expect(iou).toBeCloseTo(both / either, 12)
    })
  })

  it('has the area under it and its highest point', () => {
    const trapezia = score.curve.slice(1).reduce((sum, iou, i) => sum + (iou + score.curve[i]) / 200, 0)
    expect(score.area).toBeCloseTo(trapezia, 12)
    expect(score.best.iou).toBe(Math.max(...score.curve))
    expect(score.curve[Math.round(score.best.threshold * 100)]).toBe(score.best.iou)
  })
})

describe('controlsOf', () => {
  it.each([1, 3])('makes of %i channels of a canvas what the engine makes of the image', (channels) => {
    const image = Uint8ClampedArray.from({ length: HEIGHT * WIDTH * channels }, (_, i) => wave(i))
    const data = new Uint8ClampedArray(HEIGHT * WIDTH * 4)
    for (let i = 0; i < HEIGHT * WIDTH; i++) {
      for (let c = 0; c < 3; c++) data[i * 4 + c] = image[i * channels + (channels === 3 ? c : 0)]!
      data[i * 4 + 3] = 255
    }
    const expected = controlMaps({ height: HEIGHT, width: WIDTH, channels, data: image }, 0.2, [7, 31])
    const made = controlsOf({ height: HEIGHT, width: WIDTH, data }, channels, 0.2, [7, 31])
    expect(Object.fromEntries(made.map(({ kind, map }) => [kind, map.data]))).toEqual(expected)
    expect(made.every(({ map }) => map.shape.join() === `${HEIGHT},${WIDTH}`)).toBe(true)
  })
})
