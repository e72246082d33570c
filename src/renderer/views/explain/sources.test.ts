import { expect, test } from 'vitest'
import { imageOfRoute, routeOfImage, sourceOf } from './sources.ts'

test('an address names an image and an image has an address', () => {
  expect(imageOfRoute({ role: 'test', index: '17' })).toBe('test/17')
  expect(imageOfRoute({ role: 'added', index: '007' })).toBe('added/7')
  expect(imageOfRoute({ role: '', index: '' })).toBeNull()
  expect(imageOfRoute({ role: 'test', index: '' })).toBeNull()
  expect(routeOfImage('train/3')).toEqual({ name: 'explain', params: { role: 'train', index: '3' } })
})

test('a chosen image stays in the list that it was chosen from', () => {
  expect(sourceOf('added/1', 'folder')).toBe('folder')
  expect(sourceOf('added/1', 'test')).toBe('added')
  expect(sourceOf('train/1', 'folder')).toBe('train')
})
