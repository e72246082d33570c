import { expect, it } from 'vitest'
import type { Suggestion } from '../../../shared/graph.ts'
import { FROM_FILE } from '../../../shared/preprocessing-presets.ts'
import { EMPTY_FORM } from './draft-form.ts'
import { filledFrom, isAsSuggested, offeredPresets, presetOf, typed } from './presets.ts'

const INPUT = { height: 224, width: 224, channels: 3 } as const
const presets = offeredPresets(INPUT, undefined)
const suggestion: Suggestion = {
  preprocessing: { scale: 1, mean: [123.7, 116.8, 103.9], std: [1, 1, 1], order: 'rgb', resize: 'crop' },
  classes: ['tench', 'goldfish'],
}

it('knows a preset however its numbers are written', () => {
  expect(presetOf(EMPTY_FORM, presets, 3)?.name).toBe('0 … 1')
  expect(presetOf({ ...EMPTY_FORM, mean: '0 0 0', std: '1,1,1' }, presets, 3)?.name).toBe('0 … 1')
  expect(presetOf({ ...EMPTY_FORM, order: 'bgr' }, presets, 3)).toBeNull()
  expect(presetOf({ ...EMPTY_FORM, scale: '0.01' }, presets, 3)).toBeNull()
  expect(presetOf({ ...EMPTY_FORM, scale: '' }, presets, 3)).toBeNull()
})

it.each([1, 3] as const)('types presets so that they are read again, for %i channels', (channels) => {
  const all = offeredPresets({ ...INPUT, channels }, undefined)
  const names = all.map(({ values }) => presetOf({ ...EMPTY_FORM, ...typed(values) }, all, channels)?.name)
  expect(names).toEqual(all.map(({ name }) => name))
  expect(all.map(({ values }) => typed(values))[1]).toMatchObject({ scale: '1/127.5', mean: '1', std: '1' })
})

it('fills the form with what the file suggests, and offers it first', () => {
  const filled = filledFrom(suggestion)
  expect(filled).toEqual({
    scale: '1', mean: '123.7, 116.8, 103.9', std: '1', order: 'rgb', resize: 'crop', classNames: 'model',
  })
  const form = { ...EMPTY_FORM, ...filled }
  expect(isAsSuggested(form, suggestion, 3)).toBe(true)
  expect(isAsSuggested({ ...form, resize: 'fit' }, suggestion, 3)).toBe(false)
  expect(isAsSuggested({ ...form, std: '2' }, suggestion, 3)).toBe(false)
  expect(presetOf(form, offeredPresets(INPUT, suggestion), 3)?.name).toBe(FROM_FILE)
})

it('leaves the numbers as they are where the file says nothing', () => {
  expect(filledFrom(undefined)).toEqual({ classNames: 'images' })
  expect(filledFrom({ preprocessing: null, classes: ['a'] })).toEqual({ classNames: 'model' })
  expect(isAsSuggested(EMPTY_FORM, undefined, 3)).toBe(false)
})
