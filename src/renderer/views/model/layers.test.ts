import { describe, expect, it } from 'vitest'
import type { ModelLayer, ModelReport } from '../../../shared/model-report.ts'
import {
  featuresOf,
  filterLayers,
  groupBehaviours,
  kindOf,
  layersIn,
  layersText,
  pairText,
  sameAsBuiltIn,
  shapeText,
} from './layers.ts'

function layer(number: number, changes: Partial<ModelLayer> = {}): ModelLayer {
  return {
    number,
    name: `layer${number}`,
    operator: 'conv2d',
    shape: [8, 8, 4],
    channels: 4,
    parameters: 112,
    stride: [1, 1],
    receptiveField: [3, 3],
    sets: ['All', 'OnlyConv'],
    ...changes,
  }
}

const layers = [
  layer(1, { name: 'conv1' }),
  layer(2, { name: 'relu1', operator: 'relu', sets: ['All', 'activations'] }),
  layer(12, { name: 'fc', operator: 'dense', shape: [10], channels: 10, stride: null, sets: ['classes'] }),
]
const report: ModelReport = {
  source: '',
  hash: '',
  input: [8, 8, 3],
  channelsFirst: false,
  outputs: 10,
  scores: 'logits',
  parameters: 112,
  layers,
  sharedWeights: [],
  reusedOutputs: [],
  nonLinearities: [],
  warnings: [],
}

describe('filterLayers', () => {
  const find = (text: string, set: Parameters<typeof filterLayers>[1]['set'] = 'any', own: number[] = []): number[] =>
    filterLayers(layers, { text, set }, new Set(own)).map(({ number }) => number)

  it('finds by part of a name, by operator and by the whole number', () => {
    expect(find('CONV')).toEqual([1])
    expect(find('dense')).toEqual([12])
    // "2" is a layer number, but also part of "conv2d".
    expect(find('2')).toEqual([1, 2])
    expect(find('12')).toEqual([12])
    expect(find('')).toEqual([1, 2, 12])
  })

  it('keeps to a set', () => {
    expect(find('', 'All')).toEqual([1, 2])
    expect(find('', 'classes')).toEqual([12])
    expect(find('', 'own', [2, 12])).toEqual([2, 12])
    expect(find('relu', 'own', [12])).toEqual([])
  })
})

it('writes layer numbers as ranges', () => {
  expect(layersText([7, 1, 3, 2, 3])).toBe('1-3,7')
  expect(layersText([4, 5])).toBe('4-5')
  expect(layersText([])).toBe('')
})

it('writes shapes and pairs', () => {
  expect(shapeText([54, 54, 20])).toBe('54 × 54 × 20')
  expect(pairText([2, 2])).toBe('2')
  expect(pairText([2, 1])).toBe('2 × 1')
})

it('tells maps from vectors, and counts features', () => {
  expect(layers.map(kindOf)).toEqual(['convolutional', 'convolutional', 'fully-connected'])
  expect(featuresOf(layersIn(report, 'All'))).toBe(8)
})

it('finds the built-in set with the same layers', () => {
  expect(sameAsBuiltIn(report, [2, 1])).toBe('All')
  expect(sameAsBuiltIn(report, [1])).toBe('OnlyConv')
  expect(sameAsBuiltIn(report, [1, 12])).toBeNull()
})

it('puts non-linearities together that behave alike', () => {
  expect(
    groupBehaviours([
      { name: 'relu1', guided: 'exact', sentence: '"relu1" is a ReLU: gradient passes.' },
      { name: 'act "two"', guided: 'approximated', sentence: '"act "two"" is an ELU: slope.' },
      { name: 'relu2', guided: 'exact', sentence: '"relu2" is a ReLU: gradient passes.' },
      { name: 'gate', guided: 'gradient', sentence: '"gate" multiplies outputs.' },
    ]),
  ).toEqual([
    { guided: 'exact', sentence: 'Is a ReLU: gradient passes.', names: ['relu1', 'relu2'] },
    { guided: 'approximated', sentence: 'Is an ELU: slope.', names: ['act "two"'] },
    { guided: 'gradient', sentence: 'Multiplies outputs.', names: ['gate'] },
  ])
})
