import { expect, it } from 'vitest'
import { EMPTY_FORM } from './draft-form.ts'
import { presetOf, presetsFor, trialsOf } from './presets.ts'

it('knows a preset however its numbers are written', () => {
  expect(presetOf(EMPTY_FORM, 3)?.name).toBe('0 … 1')
  expect(presetOf({ ...EMPTY_FORM, mean: '0 0 0', std: '1,1,1' }, 3)?.name).toBe('0 … 1')
  expect(presetOf({ ...EMPTY_FORM, scale: '0.01' }, 3)).toBeNull()
  expect(presetOf({ ...EMPTY_FORM, scale: '' }, 3)).toBeNull()
})

it.each([1, 3] as const)('has presets that can be read and differ, for %i channels', (channels) => {
  const names = presetsFor(channels).map(({ values }) => presetOf({ ...EMPTY_FORM, ...values }, channels)?.name)
  expect(names).toEqual(presetsFor(channels).map(({ name }) => name))
})

it('tries the form, its other channel order with the means turned, and the presets', () => {
  const trials = trialsOf({ ...EMPTY_FORM, scale: '2', mean: '1, 2, 3', std: '4' }, 3)
  const names = trials.map(({ name }) => name)
  expect(names).toEqual(['As entered', 'As entered, BGR', '0 … 1', '−1 … 1', '0 … 255', 'Caffe', 'Torch'])
  expect(trials.filter(({ isNow }) => isNow)).toHaveLength(1)
  expect(trials[1]?.values).toEqual({ scale: '2', mean: '3, 2, 1', std: '4', order: 'bgr' })
})

it('tries nothing twice, and grey networks in no other order', () => {
  const namesOf = (channels: 1 | 3): string[] => trialsOf(EMPTY_FORM, channels).map(({ name }) => name)
  expect(namesOf(3)).toEqual(['0 … 1', '0 … 1, BGR', '−1 … 1', '0 … 255', 'Caffe', 'Torch'])
  expect(namesOf(1)).toEqual(['0 … 1', '−1 … 1', '0 … 255', 'MNIST'])
})

it('offers the presets alone while the form cannot be read', () => {
  const trials = trialsOf({ ...EMPTY_FORM, mean: '1, 2' }, 3)
  expect(trials.map(({ name, isNow }) => [name, isNow])).toEqual(presetsFor(3).map(({ name }) => [name, false]))
})
