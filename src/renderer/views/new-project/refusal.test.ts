import { expect, it } from 'vitest'
import { VebiError, type ErrorCode } from '../../../shared/errors.ts'
import { EMPTY_FORM } from './draft-form.ts'
import { fieldOfRefusal, stepOfField } from './refusal.ts'

const form = {
  ...EMPTY_FORM,
  model: '/data/model',
  train: '/data/images',
  test: '/data/images-test',
  masks: '/data/images-test/masks',
  labels: '/data/classes.txt',
  location: '/data',
}

it.each([
  ['unsupported', '/data/model is a Keras HDF5 model, which this version does not read.', 'model'],
  ['unsupported', 'The model takes inputs of shape [4]; images need [height, width].', 'model'],
  ['bad-data', '"/data/images" holds no folders: one folder of images per class is expected.', 'train'],
  ['bad-data', '"/data/images-test" has no folder for: a, b.', 'test'],
  ['missing-file', '"/data/images-test.csv" does not exist.', 'test'],
  ['overlap', '3 of 10 test images are also training images: a = b.', 'test'],
  ['bad-data', '/data/images-test/masks has no mask for any image of /data/images-test: ...', 'masks'],
  ['bad-data', 'No file in the masks folder "/data/images-test/masks" has the name of an image such as "a".', 'masks'],
  ['bad-file', '/data/classes.txt: line 2 is empty; every line names one class.', 'labels'],
  ['bad-argument', 'The list of classes names "a" twice.', 'labels'],
  ['bad-data', '/data/model has 10 outputs, but /data/images has 6 classes (give all class names).', 'labels'],
  ['bad-argument', 'Preprocessing, std: must not be zero.', 'std'],
  ['bad-argument', 'Preprocessing, options: bad.', null],
  ['bad-argument', '/data/project holds a project already.', 'location'],
  ['disk-full', 'There is no space left.', null],
] as const satisfies readonly (readonly [ErrorCode, string, string | null])[])('finds the field of %s: %s', (code, sentence, field) => {
  expect(fieldOfRefusal(new VebiError(code, sentence), form)).toBe(field)
})

it('blames the class names where those of the model’s file are not those of the images', () => {
  const ofFile = { ...form, labels: '', classNames: 'model' } as const
  const twice = new VebiError('bad-argument', 'The list of classes names "crane" twice.')
  expect(fieldOfRefusal(twice, ofFile)).toBe('classNames')
  const count = new VebiError('bad-data', '/data/model has 10 outputs, but /data/images has 9 classes.')
  expect(fieldOfRefusal(count, ofFile)).toBe('classNames')
  const error = new VebiError('bad-data', '"/data/images" has folders that are not among the classes: "cat".')
  expect(fieldOfRefusal(error, { ...form, labels: '', classNames: 'model' })).toBe('classNames')
  expect(fieldOfRefusal(error, { ...form, classNames: 'model' })).toBe('train')
  expect(fieldOfRefusal(error, { ...form, labels: '' })).toBe('train')
})

it('knows nothing about other errors and empty fields', () => {
  expect(fieldOfRefusal(new Error('/data/model'), form)).toBeNull()
  expect(fieldOfRefusal(new VebiError('bad-file', 'x cannot be read.'), EMPTY_FORM)).toBeNull()
})

it('knows where each field is', () => {
  expect(['model', 'labels', 'std', 'name'].map((field) => stepOfField(field as keyof typeof form))).toEqual([
    'model',
    'data',
    'preprocessing',
    'project',
  ])
})
