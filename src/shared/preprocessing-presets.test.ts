import { expect, it } from 'vitest'
import {
  areSameValues,
  FROM_FILE,
  inOtherOrder,
  numbersText,
  numberText,
  preprocessingText,
  presetsFor,
  suggestedPreset,
  takenFromFile,
} from './preprocessing-presets.ts'

const valuesOf = (name: string, channels: 1 | 3 = 3): ReturnType<typeof presetsFor>[number]['values'] =>
  presetsFor({ height: 32, width: 32, channels }).find((preset) => preset.name === name)!.values

it('maps samples as its names say', () => {
  const input = (name: string, sample: number, channels: 1 | 3 = 3): number[] => {
    const { scale, mean, std } = valuesOf(name, channels)
    return mean.map((each, channel) => (sample * scale - each) / (std[channel] ?? NaN))
  }
  for (const channels of [1, 3] as const) {
    const all = (value: number): number[] => new Array<number>(channels).fill(value)
    expect([input('0 … 1', 0, channels), input('0 … 1', 255, channels)]).toEqual([all(0), all(1)])
    expect([input('−1 … 1', 0, channels), input('−1 … 1', 255, channels)]).toEqual([all(-1), all(1)])
    expect([input('0 … 255', 0, channels), input('0 … 255', 255, channels)]).toEqual([all(0), all(255)])
  }
  // Of torchvision's documentation, and of Caffe's reference models, blue first.
  expect(input('Torch', 255)[0]).toBeCloseTo((1 - 0.485) / 0.229, 12)
  expect(input('Caffe', 0)).toEqual([-103.939, -116.779, -123.68])
  expect(valuesOf('Caffe').order).toBe('bgr')
})

it('offers the statistics of CIFAR-10 for its size alone', () => {
  const names = (side: number, channels: 1 | 3): string[] =>
    presetsFor({ height: side, width: side, channels }).map(({ name }) => name)
  expect(names(224, 3)).toEqual(['0 … 1', '−1 … 1', '0 … 255', 'Caffe', 'Torch'])
  expect(names(32, 3)).toContain('CIFAR-10')
  expect(names(28, 1)).toEqual(['0 … 1', '−1 … 1', '0 … 255', 'MNIST'])
})

it('makes a preset of what a file suggests', () => {
  const preprocessing = { scale: 1, mean: [1, 2, 3], std: [1, 1, 1], order: 'rgb', resize: 'crop' } as const
  expect(suggestedPreset({ preprocessing, classes: null })).toEqual({
    name: FROM_FILE, hint: 'as the file itself says', values: { scale: 1, mean: [1, 2, 3], std: [1, 1, 1], order: 'rgb' },
  })
  expect(suggestedPreset({ preprocessing: null, classes: ['a'] })).toBeNull()
  expect(suggestedPreset(undefined)).toBeNull()
})

it('compares by what the network gets', () => {
  const one = { scale: 1, mean: [0], std: [2], order: 'rgb' } as const
  expect(areSameValues(one, { ...one, mean: [0, 0, 0], std: [2, 2, 2] }, 3)).toBe(true)
  expect(areSameValues(one, { ...one, order: 'bgr' }, 3)).toBe(false)
  expect(areSameValues(one, { ...one, order: 'bgr' }, 1)).toBe(true)
  expect(areSameValues(one, { ...one, mean: [0, 0, 1] }, 3)).toBe(false)
  expect(inOtherOrder({ scale: 1, mean: [1, 2, 3], std: [4, 5, 6], order: 'bgr' })).toEqual({
    scale: 1, mean: [3, 2, 1], std: [6, 5, 4], order: 'rgb',
  })
})

it.each([
  [1 / 255, '1/255'],
  [1 / 127.5, '1/127.5'],
  [0.5, '0.5'],
  [0, '0'],
  [1, '1'],
  [0.485, '0.485'],
  [103.939, '103.939'],
  [0.00390624, '0.00390624'],
  [-1 / 255, '-1/255'],
  [-0.4, '-0.4'],
  // Close to 1/255, but another number.
  [0.00392156862745, '0.00392156862745'],
  [Math.fround(1 / 255), '0.003921568859368563'],
])('writes %d as a person would', (value, text) => expect(numberText(value)).toBe(text))

it('writes equal numbers once', () => {
  expect(numbersText([0, 0, 0])).toBe('0')
  expect(numbersText([1, 2, 3], ',')).toBe('1,2,3')
})

it('takes over what the file suggests where nothing was given by hand, and then all of it', () => {
  const preprocessing = { scale: 1, mean: [123.7], std: [1], order: 'bgr', resize: 'crop' } as const
  const suggestion = { preprocessing, classes: null }
  expect(takenFromFile({}, suggestion)).toBe(preprocessing)
  expect(takenFromFile({ scale: undefined }, suggestion)).toBe(preprocessing)
  for (const given of [{ scale: 1 }, { mean: [0] }, { std: 1 }, { order: 'rgb' }, { resize: 'fit' }]) {
    expect(takenFromFile(given, suggestion)).toBeNull()
  }
  expect(takenFromFile({}, undefined)).toBeNull()
  expect(takenFromFile({}, { preprocessing: null, classes: ['a'] })).toBeNull()
  expect(preprocessingText({ ...preprocessing, scale: 1 / 255, mean: [1, 2, 3], channels: 3 })).toBe(
    'scale 1/255, mean 1, 2, 3, standard deviation 1, order BGR, resize crop',
  )
  expect(preprocessingText({ ...preprocessing, mean: [0.1307], channels: 1 })).toBe(
    'scale 1, mean 0.1307, standard deviation 1, resize crop',
  )
})
