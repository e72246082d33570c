import { describe, expect, it } from 'vitest'
import {
  draftOf,
  EMPTY_FORM,
  nameProblem,
  parseNumber,
  parseNumbers,
  parsePreprocessing,
  projectFolder,
  restoredForm,
  suggestedName,
} from './draft-form.ts'

describe('numbers as they are typed', () => {
  it.each([
    ['1/255', 1 / 255],
    [' 1 / 127.5 ', 2 / 255],
    ['-0.5', -0.5],
    ['.25', 0.25],
    ['1e-3', 0.001],
    ['3.', 3],
  ])('reads %j', (text, value) => {
    expect(parseNumber(text)).toBeCloseTo(value, 15)
  })

  it.each(['', 'x', '1/0', '1/2/3', '0x10', 'Infinity', '1,5', '--1'])('refuses %j', (text) => {
    expect(parseNumber(text)).toBeNull()
  })

  it('reads lists with commas, semicolons or blanks', () => {
    expect(parseNumbers('0.485, 0.456,0.406')).toEqual([0.485, 0.456, 0.406])
    expect(parseNumbers('1 / 2; 3  4')).toEqual([0.5, 3, 4])
    expect(parseNumbers('1, x')).toBeNull()
    expect(parseNumbers('  ')).toBeNull()
  })
})

describe('parsePreprocessing', () => {
  it('gives the engine what was typed', () => {
    const form = { ...EMPTY_FORM, scale: '1', mean: '103.9, 116.8, 123.7', order: 'bgr', resize: 'crop' } as const
    expect(parsePreprocessing(form, 3)).toEqual({
      overrides: { resize: 'crop', scale: 1, mean: [103.9, 116.8, 123.7], std: [1], order: 'bgr' },
      problems: {},
    })
  })

  it('says at each field what is wrong', () => {
    const { overrides, problems } = parsePreprocessing({ ...EMPTY_FORM, scale: '0', mean: '1, 2', std: '1, 0, 1' }, 3)
    expect(overrides).toBeNull()
    expect(Object.keys(problems)).toEqual(['scale', 'mean', 'std'])
    expect(problems.mean).toBe('These are 2 numbers: enter one number, or three with commas between them.')
    expect(problems.std).toMatch(/must not be zero/)
    expect(parsePreprocessing({ ...EMPTY_FORM, mean: '1, 2, 3' }, 1).problems.mean).toMatch(/^These are 3 numbers/)
  })
})

it('asks the engine only with the paths that it needs, and leaves empty ones out', () => {
  const form = { ...EMPTY_FORM, model: ' /m ', train: '/a', test: '/b', masks: '' }
  expect(draftOf(form, {})).toEqual({ model: '/m', train: '/a', test: '/b', preprocessing: {} })
  expect(draftOf({ ...form, labels: '/l' }, {})).toMatchObject({ labels: '/l' })
  expect(draftOf({ ...form, test: ' ' }, {})).toBeNull()
  expect(draftOf({ ...form, classNames: 'model' }, {})).toMatchObject({ modelClasses: true })
  // A label file goes before.
  expect(draftOf({ ...form, classNames: 'model', labels: '/l' }, {})).not.toHaveProperty('modelClasses')
})

it('joins the project folder in the way of its location', () => {
  expect(projectFolder({ ...EMPTY_FORM, location: '/home/a/', name: 'p' })).toBe('/home/a/p')
  expect(projectFolder({ ...EMPTY_FORM, location: '/', name: 'p' })).toBe('/p')
  expect(projectFolder({ ...EMPTY_FORM, location: 'C:\\data\\', name: 'p' })).toBe('C:\\data\\p')
  expect(projectFolder({ ...EMPTY_FORM, location: '/home', name: ' ' })).toBe('')
})

it('takes only names of folders, and finds one in the path of the model', () => {
  expect(nameProblem('tinyvgg 10')).toBeNull()
  expect(nameProblem('a/b')).toMatch(/cannot be named/)
  expect(nameProblem(' ')).toBe('Give the project a name.')
  expect(nameProblem('..')).not.toBeNull()
  expect(suggestedName('/models/tinyvgg/model.json')).toBe('tinyvgg-project')
  expect(suggestedName('C:\\models\\net.json')).toBe('net-project')
  expect(suggestedName('/models/resnet.v2.onnx')).toBe('resnet.v2-project')
  expect(suggestedName('/')).toBe('')
})

it('restores what was remembered, and nothing else', () => {
  expect(restoredForm({ model: '/m', order: 'bgr', resize: 'stretch', classNames: 'x', train: 3, other: 'x' })).toEqual({
    ...EMPTY_FORM,
    model: '/m',
    order: 'bgr',
  })
  expect(restoredForm(null)).toEqual(EMPTY_FORM)
})
