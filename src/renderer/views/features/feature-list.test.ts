import { expect, test } from 'vitest'
import type { FeatureNote } from '../../../shared/results.ts'
import { arrange, layersOfList, listFeatures, noteKey, type FeatureFilter, type ListedFeature } from './feature-list.ts'

const FILTER: FeatureFilter = {
  layerNumber: null,
  pinnedOnly: false,
  notedOnly: false,
  pinnedFirst: false,
  order: 'weight',
}

function feature(number: number, layerNumber: number, weight: number, classes = 1): ListedFeature {
  return {
    feature: number,
    layerNumber,
    layerName: `layer${layerNumber}`,
    layerKind: 'convolutional',
    channel: number,
    weight,
    classes,
  }
}

function notesOf(...notes: Partial<FeatureNote>[]): ReadonlyMap<string, FeatureNote> {
  const filled = notes.map((note) => ({ layerNumber: 1, channel: 0, text: '', pinned: false, ...note }))
  return new Map(filled.map((note) => [noteKey(note), note]))
}

const FEATURES = [feature(0, 2, 0.5, 3), feature(1, 1, -2), feature(2, 1, 0.5, 2)]
const shown = (filter: Partial<FeatureFilter>, notes = notesOf()): number[] =>
  arrange(FEATURES, { ...FILTER, ...filter }, notes).map((each) => each.feature)

test('lists the features of a class with its weight, and those of all with the largest', () => {
  const name = { layerNumber: 1, layerName: 'conv1', layerKind: 'convolutional', channel: 4 } as const
  const one = { ...name, feature: 4, classes: [0, 2], weights: [0.25, -0.75], weight: -0.75 }
  const index = { features: [one], byFeature: new Map([[4, one]]) }
  expect(listFeatures(index, 0)).toEqual([{ ...name, feature: 4, weight: 0.25, classes: 2 }])
  expect(listFeatures(index, 1)).toEqual([])
  expect(listFeatures(index, null)).toEqual([{ ...name, feature: 4, weight: -0.75, classes: 2 }])
})

test('orders by magnitude of the weight, by place or by classes, ties by layer and channel', () => {
  expect(shown({})).toEqual([1, 2, 0])
  expect(shown({ order: 'layer' })).toEqual([1, 2, 0])
  expect(shown({ order: 'classes' })).toEqual([0, 2, 1])
})

test('pins go first only where that is asked for', () => {
  const notes = notesOf({ layerNumber: 2, channel: 0, pinned: true })
  expect(shown({}, notes)).toEqual([1, 2, 0])
  expect(shown({ pinnedFirst: true }, notes)).toEqual([0, 1, 2])
  expect(shown({ pinnedOnly: true }, notes)).toEqual([0])
})

test('filters by layer and by note', () => {
  expect(shown({ layerNumber: 2 })).toEqual([0])
  const notes = notesOf({ layerNumber: 1, channel: 2, text: 'petals' }, { layerNumber: 1, channel: 1, pinned: true })
  expect(shown({ notedOnly: true }, notes)).toEqual([2])
})

test('counts the features of each layer by its number', () => {
  expect(layersOfList(FEATURES)).toEqual([
    { number: 1, name: 'layer1', features: 2 },
    { number: 2, name: 'layer2', features: 1 },
  ])
})
