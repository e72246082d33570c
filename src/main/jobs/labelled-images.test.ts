import { expect, it } from 'vitest'
import type { ImageSource } from '../data/types.ts'
import { labelImages } from './labelled-images.ts'

function source(...classes: string[]): ImageSource {
  return {
    location: '/data',
    classes,
    notes: [],
    records: classes.map((name, label) => ({ hash: '', label, name, hasMask: false })),
    read: () => Promise.reject(new Error('not read here')),
    readMask: () => Promise.reject(new Error('not read here')),
  }
}

const outputsOf = (...argument: Parameters<typeof labelImages>): number[] => {
  const { source: images, classOf } = labelImages(...argument)
  return images.records.map((_, index) => classOf(index))
}

it('takes the order of the images’ own classes where there are no names', () => {
  expect(outputsOf(source('ant', 'bee'), 2, null)).toEqual([0, 1])
})

it('finds each class among the names, of which the images may have a part', () => {
  const named = { names: ['cat', 'bee', 'ant'], from: '/labels.txt' }
  expect(outputsOf(source('ant', 'bee'), 3, named)).toEqual([2, 1])
  expect(outputsOf(source('2', '0'), 3, named)).toEqual([2, 0])
})

it('says why labels do not fit', () => {
  const named = { names: ['cat', 'bee', 'ant'], from: '/labels.txt' }
  expect(() => labelImages(source('ant', 'bee'), 3, null)).toThrow('The model has 3 outputs, but /data has 2 classes:')
  expect(() => labelImages(source('ant'), 2, named)).toThrow('/labels.txt names 3 classes, but the model has 2 outputs.')
  expect(() => labelImages(source('ant', 'cow'), 3, named)).toThrow('/data has classes that /labels.txt does not name: "cow".')
  expect(() => labelImages(source('3'), 3, named)).toThrow('does not name: "3"')
  // As the lists of ImageNet do with "crane", the bird and the machine.
  const twice = { names: ['crane', 'bee', 'crane'], from: '/labels.txt' }
  expect(() => labelImages(source('bee', 'crane'), 3, twice)).toThrow('/labels.txt names the class "crane" of /data more than once')
  expect(outputsOf(source('bee'), 3, twice)).toEqual([1])
})
