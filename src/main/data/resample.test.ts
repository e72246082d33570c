import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { placeWindow, resampleBilinear, resampleNearest } from './resample.ts'
import type { Mask, RawImage } from './types.ts'

interface ResizeCase {
  shape: [number, number, 1 | 3]
  target: [number, number]
  resize: 'fit' | 'crop'
  input: string
  bilinear: string
  mask: string
  nearest: string
}

const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/golden/resize.json', import.meta.url), 'utf8')) as { resize: ResizeCase[] }
const samplesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

describe('against Pillow (scripts/golden/resize.py)', () => {
  it.each(golden.resize)('$resize of $shape to $target is equal sample for sample', (example) => {
    const [height, width, channels] = example.shape
    const target = { height: example.target[0], width: example.target[1] }
    const placement = placeWindow({ height, width }, target, example.resize)
    const image: RawImage = { height, width, channels, data: samplesOf(example.input) }
    expect(resampleBilinear(image, placement)).toEqual({ ...target, channels, data: samplesOf(example.bilinear) })
    const mask: Mask = { height, width, data: samplesOf(example.mask) }
    expect(resampleNearest(mask, placement)).toEqual({ ...target, data: samplesOf(example.nearest) })
  })
})

/** The definition in float64: every input pixel weighs by a triangle around the output pixel's centre, in both axes. */
function plainBilinear(image: RawImage, height: number, width: number): number[] {
  const weights = (inSize: number, outSize: number, position: number) => {
    const step = inSize / outSize
    const reach = Math.max(1, step)
    const centre = (position + 0.5) * step
    const raw = Array.from({ length: inSize }, (_, i) => Math.max(0, 1 - Math.abs(i + 0.5 - centre) / reach))
    const sum = raw.reduce((a, b) => a + b)
    return raw.map((weight) => weight / sum)
  }
  const out: number[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < image.channels; channel++) {
        let value = 0
        weights(image.height, height, y).forEach((vertical, row) => {
          weights(image.width, width, x).forEach((horizontal, column) => {
            value += vertical * horizontal * image.data[(row * image.width + column) * image.channels + channel]
          })
        })
        out.push(value)
      }
    }
  }
  return out
}

describe('against the definition', () => {
  it.each([[13, 17, 5, 6], [6, 5, 15, 11], [10, 10, 10, 10], [16, 16, 8, 24]])(
    '%i x %i to %i x %i within one level (two roundings)', (height, width, outHeight, outWidth) => {
      const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 7919) % 256)
      const image: RawImage = { height, width, channels: 3, data }
      const placement = placeWindow(image, { height: outHeight, width: outWidth }, 'fit')
      const resized = resampleBilinear(image, placement)
      plainBilinear(image, outHeight, outWidth).forEach((value, i) => {
        expect(Math.abs(resized.data[i] - value)).toBeLessThanOrEqual(1.001)
      })
    })

  it('keeps a constant image constant, whatever the rounding of the weights', () => {
    for (const level of [0, 1, 127, 254, 255]) {
      const image: RawImage = { height: 31, width: 47, channels: 1, data: new Uint8Array(31 * 47).fill(level) }
      const resized = resampleBilinear(image, placeWindow(image, { height: 13, width: 29 }, 'fit'))
      expect([...new Set(resized.data)]).toEqual([level])
    }
  })
})

describe('placement', () => {
  const target = { height: 20, width: 30 }
  it.each([
    ['a wide image: cut left and right',
      { height: 40, width: 100 }, { scaledHeight: 20, scaledWidth: 50, top: 0, left: 10 }],
    ['a tall image: cut top and bottom',
      { height: 90, width: 60 }, { scaledHeight: 45, scaledWidth: 30, top: 12, left: 0 }],
    ['the same shape: nothing cut', { height: 40, width: 60 }, { scaledHeight: 20, scaledWidth: 30, top: 0, left: 0 }],
    ['a thin image: rounding down never goes below the target',
      { height: 2001, width: 3001 }, { scaledHeight: 20, scaledWidth: 30, top: 0, left: 0 }],
  ])('crops %s', (_, image, expected) => {
    const placement = placeWindow(image, target, 'crop')
    expect(placement).toMatchObject(expected)
    expect(placement.scaledHeight).toBeGreaterThanOrEqual(target.height)
    expect(placement.scaledWidth).toBeGreaterThanOrEqual(target.width)
  })

  it('computes the window of a crop exactly as the crop of the whole', () => {
    const data = Uint8Array.from({ length: 33 * 50 }, (_, i) => (i * 31) % 256)
    const image: RawImage = { height: 33, width: 50, channels: 1, data }
    const placement = placeWindow(image, { height: 12, width: 12 }, 'crop')
    const scaled = { height: placement.scaledHeight, width: placement.scaledWidth }
    const whole = resampleBilinear(image, placeWindow(image, scaled, 'fit'))
    const window = resampleBilinear(image, placement)
    for (let row = 0; row < 12; row++) {
      const from = (row + placement.top) * placement.scaledWidth + placement.left
      expect(window.data.slice(row * 12, row * 12 + 12)).toEqual(whole.data.slice(from, from + 12))
    }
  })
})
