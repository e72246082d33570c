import { expect, it } from 'vitest'
import type { ModelLayer, ModelReport } from '../../../shared/model-report.ts'
import { capabilitiesOf, imageInput } from './capabilities.ts'

function layer(number: number, sets: ModelLayer['sets'], receptiveField: [number, number]): ModelLayer {
  return {
    number,
    name: `l${number}`,
    operator: 'conv2d',
    shape: [4, 4, 8],
    channels: 8,
    parameters: 0,
    stride: [1, 1],
    receptiveField,
    sets,
  }
}

const report: ModelReport = {
  source: 'test',
  hash: '',
  input: [32, 32, 3],
  channelsFirst: false,
  outputs: 8,
  scores: 'softmax',
  parameters: 0,
  sharedWeights: [],
  reusedOutputs: [],
  layers: [layer(1, ['All', 'OnlyConv'], [3, 3]), layer(2, ['All'], [32, 40]), layer(3, ['classes'], [32, 40])],
  nonLinearities: [],
  warnings: ['The padding was mended.'],
}

it('says what a model will do', () => {
  expect(capabilitiesOf(report)).toEqual([
    { kind: 'works', sentence: 'Takes colour images of 32 × 32 pixels.' },
    { kind: 'works', sentence: 'Tells 8 classes apart.' },
    { kind: 'works', sentence: 'Features are searched in 2 layers (All): 16.' },
    { kind: 'works', sentence: 'Of these, 8 are channels of convolutions (OnlyConv).' },
    { kind: 'works', sentence: 'Layer 3 is tied to the classes and not searched for features.' },
    { kind: 'limited', sentence: 'From layer 2 on a unit sees the whole image, so average images show whole images.' },
    { kind: 'limited', sentence: 'The padding was mended.' },
  ])
})

it('refuses what takes no images, and tells of an empty layer set', () => {
  const capabilities = capabilitiesOf({ ...report, input: [100], layers: [layer(1, ['All'], [3, 3])] })
  expect(capabilities.filter(({ kind }) => kind === 'refused')).toHaveLength(1)
  expect(capabilities).toContainEqual({ kind: 'limited', sentence: 'No convolution, so the layer set OnlyConv is empty.' })
  expect(capabilitiesOf({ ...report, outputs: 1 })).toContainEqual({
    kind: 'limited',
    sentence: 'Has one output and so tells no classes apart: choose a model with one output for each class.',
  })
  expect(imageInput({ ...report, input: [28, 28] })).toEqual({ height: 28, width: 28, channels: 1 })
  expect(imageInput({ ...report, input: [28, 28, 4] })).toBeNull()
})
