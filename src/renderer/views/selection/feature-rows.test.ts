import { describe, expect, it } from 'vitest'
import type { WeightedFeature } from '../../../shared/results.ts'
import { classList, featureRows, filterFeatures, layersOf, NO_FILTER, type FeatureFilter } from './feature-rows.ts'

function feature(number: number, layerNumber: number, channel: number, weight: number): WeightedFeature {
  const layerName = `conv${layerNumber}`
  return { feature: number, layerNumber, layerName, layerKind: 'convolutional', channel, weight }
}

const SHARED = new Map([
  [3, [0, 2]],
  [8, [2]],
  [9, [0, 1, 2]],
])
const ROWS = featureRows(
  [feature(3, 4, 1, 2), feature(8, 5, 12, -1), feature(9, 5, 4, 0.5)],
  2,
  (one) => SHARED.get(one.feature) ?? [],
)
const shown = (filter: Partial<FeatureFilter>): number[] =>
  filterFeatures(ROWS, { ...NO_FILTER, ...filter }).map((row) => row.feature)

describe('features of a class', () => {
  it('name the other classes', () => {
    expect(ROWS.map(({ others }) => others)).toEqual([[0], [], [0, 1]])
  })

  it('are filtered by layer, sign, sharing and text', () => {
    expect(shown({})).toEqual([3, 8, 9])
    expect(shown({ layer: 5 })).toEqual([8, 9])
    expect(shown({ sign: 'negative' })).toEqual([8])
    expect(shown({ sign: 'positive' })).toEqual([3, 9])
    expect(shown({ shared: 'own' })).toEqual([8])
    expect(shown({ shared: 'shared' })).toEqual([3, 9])
    expect(shown({ search: ' CONV5 / 1' })).toEqual([8])
    expect(shown({ search: '4' })).toEqual([3, 9])
    expect(shown({ search: 'none' })).toEqual([])
    expect(shown({ layer: 5, sign: 'positive', shared: 'own' })).toEqual([])
  })

  it('have layers with so many features each', () => {
    expect(layersOf(ROWS)).toEqual([
      { number: 4, name: 'conv4', kind: 'convolutional', features: 1 },
      { number: 5, name: 'conv5', kind: 'convolutional', features: 2 },
    ])
  })
})

describe('a list of classes', () => {
  const nameOf = (index: number): string => `c${index}`

  it('is cut where it grows long', () => {
    expect(classList([1, 4, 7], nameOf, 2)).toEqual({ shown: 'c1, c4', more: 1, all: 'c1, c4, c7' })
    expect(classList([], nameOf, 2)).toEqual({ shown: '', more: 0, all: '' })
    const many = classList(Array.from({ length: 999 }, (_, i) => i), nameOf, 2)
    expect(many.more).toBe(997)
    expect(many.all).toMatch(/c49 and 949 more$/)
  })
})
