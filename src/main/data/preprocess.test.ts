import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { displayImage, preprocess, preprocessInto, preprocessMask } from './preprocess.ts'
import { preprocessingKey, validatePreprocessing } from './preprocessing.ts'
import type { PreprocessingOptions } from './preprocessing.ts'
import type { RawImage } from './types.ts'

interface Golden {
  preprocess: { shape: [number, number, 1 | 3]; input: string; options: PreprocessingOptions; values: number[] }[]
}
const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/golden/resize.json', import.meta.url), 'utf8')) as Golden

function image(height: number, width: number, channels: 1 | 3): RawImage {
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => (i * 37 + 11) % 256)
  return { height, width, channels, data }
}

describe('values', () => {
  it.each(golden.preprocess)('equal NumPy ($options.order of $options.channels)', (example) => {
    const [height, width, channels] = example.shape
    const data = new Uint8Array(Buffer.from(example.input, 'base64'))
    const values = preprocess({ height, width, channels, data }, validatePreprocessing(example.options))
    expect([...values]).toEqual(example.values)
  })

  it.each([
    { height: 5, width: 4, channels: 3, order: 'bgr', scale: 0.5, mean: [1, 2, 3], std: [4, 5, 6] },
    { height: 3, width: 7, channels: 3, resize: 'crop', scale: 1 / 255, mean: 0.5, std: 0.25 },
    { height: 5, width: 4, channels: 1, mean: 33, std: -2 },
  ] satisfies PreprocessingOptions[])('equal a plain loop over the displayed image: %o', (options) => {
    const preprocessing = validatePreprocessing(options)
    for (const input of [image(5, 4, 3), image(5, 4, 1), image(9, 8, 3), image(2, 3, 1)]) {
      const shown = displayImage(input, preprocessing)
      const expected: number[] = []
      for (let pixel = 0; pixel < options.height * options.width; pixel++) {
        for (let channel = 0; channel < options.channels; channel++) {
          const stored = preprocessing.order === 'bgr' ? 2 - channel : channel
          const sample = shown.data[pixel * options.channels + stored]
          const { scale, mean, std } = preprocessing
          expected.push(Math.fround((sample * scale - mean[channel]) / std[channel]))
        }
      }
      expect([...preprocess(input, preprocessing)]).toEqual(expected)
    }
  })

  it('go to their place in a larger array and nowhere else', () => {
    const preprocessing = validatePreprocessing({ height: 2, width: 2, channels: 1 })
    const target = new Float32Array(10).fill(-1)
    preprocessInto({ height: 2, width: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) }, preprocessing, target, 3)
    expect([...target]).toEqual([-1, -1, -1, 1, 2, 3, 4, -1, -1, -1])
  })
})

describe('the displayed image', () => {
  it('is the image itself where size and channels are right', () => {
    for (const channels of [1, 3] as const) {
      const input = image(6, 5, channels)
      expect(displayImage(input, validatePreprocessing({ height: 6, width: 5, channels, order: 'bgr' }))).toBe(input)
    }
  })

  it('repeats grey over three channels', () => {
    const grey: RawImage = { height: 1, width: 3, channels: 1, data: Uint8Array.of(7, 8, 9) }
    const shown = displayImage(grey, validatePreprocessing({ height: 1, width: 3, channels: 3 }))
    expect([...shown.data]).toEqual([7, 7, 7, 8, 8, 8, 9, 9, 9])
  })

  it('makes luma of colour before it resizes', () => {
    const colour: RawImage = { height: 1, width: 2, channels: 3, data: Uint8Array.of(255, 0, 0, 0, 0, 255) }
    const shown = displayImage(colour, validatePreprocessing({ height: 1, width: 1, channels: 1 }))
    // round((76 + 29) / 2)
    expect([...shown.data]).toEqual([53])
  })

  it('of a crop and its mask show the same place', () => {
    const data = new Uint8Array(40 * 100)
    for (let row = 0; row < 40; row++) data.fill(1, row * 100 + 50, row * 100 + 100)
    const preprocessing = validatePreprocessing({ height: 20, width: 20, channels: 1, resize: 'crop' })
    const white = data.map((one) => one * 255)
    const shown = displayImage({ height: 40, width: 100, channels: 1, data: white }, preprocessing)
    const mask = preprocessMask({ height: 40, width: 100, data }, preprocessing)
    expect([...mask.data.subarray(0, 20)]).toEqual([...new Array<number>(10).fill(0), ...new Array<number>(10).fill(1)])
    expect([...mask.data]).toEqual([...shown.data].map((sample) => (sample > 127 ? 1 : 0)))
  })
})

describe('options', () => {
  const size = { height: 28, width: 28, channels: 1 }

  it('get defaults, and single values for every channel', () => {
    expect(validatePreprocessing({ ...size, channels: 3, mean: 0.5, std: [2] })).toEqual({
      height: 28, width: 28, channels: 3, resize: 'fit', scale: 1, mean: [0.5, 0.5, 0.5], std: [2, 2, 2], order: 'rgb',
    })
  })

  it.each([
    [{ ...size, std: 0 }, 'Preprocessing, std: must not be zero.'],
    [{ ...size, channels: 3, std: [1, 0, 1] }, 'Preprocessing, std: must not be zero.'],
    [{ ...size, scale: 0 }, 'Preprocessing, scale: must not be zero.'],
    [{ ...size, channels: 2 }, 'Preprocessing, channels: must be 1 or 3.'],
    [{ ...size, mean: [1, 2, 3] }, 'Preprocessing, mean: has 3 values for 1 channel.'],
    [{ ...size, mean: 'x' }, 'Preprocessing, mean: must be a number or a list of numbers.'],
    [{ ...size, mean: Number.NaN }, 'Preprocessing, mean: must be a number or a list of numbers.'],
    [{ ...size, scale: Number.POSITIVE_INFINITY }, /^Preprocessing, scale: /],
    [{ ...size, height: 0 }, /^Preprocessing, height: /],
    [{ ...size, width: 2.5 }, /^Preprocessing, width: /],
    [{ ...size, order: 'gbr' }, /^Preprocessing, order: /],
    [{ ...size, resize: 'stretch' }, /^Preprocessing, resize: /],
    [{ ...size, sdt: 1 }, /sdt/],
    [null, /^Preprocessing, options: /],
  ])('refuse %o', (options, sentence) => {
    expect(() => validatePreprocessing(options)).toThrow(sentence)
  })

  it('that mean the same have one key, and each field changes it', () => {
    const key = (options: object) => (
      preprocessingKey(validatePreprocessing({ height: 8, width: 8, channels: 3, ...options })))
    expect(key({ mean: 2, scale: 3 })).toBe(key({ scale: 3, order: 'rgb', mean: [2, 2, 2] }))
    const variants = [{}, { height: 9 }, { width: 9 }, { channels: 1 }, { resize: 'crop' }, { scale: 2 },
      { mean: [0, 0, 1] }, { std: [1, 1, 2] }, { order: 'bgr' }].map(key)
    expect(new Set(variants).size).toBe(variants.length)
    expect(key({ channels: 1, order: 'bgr' })).toBe(key({ channels: 1 }))
  })
})
