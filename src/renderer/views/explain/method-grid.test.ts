import { expect, test } from 'vitest'
import type { HeatmapMethod } from '../../../shared/jobs.ts'
import type { ComputedExplanation } from '../../../shared/results.ts'
import { cellOf, columnsOf, featuresBeside, inOrder, rawMaximum } from './method-grid.ts'

/** Features as [number, kind, largest value of the map]. */
function explained(
  method: HeatmapMethod,
  features: readonly (readonly [number, 'convolutional' | 'fully-connected', number])[],
): ComputedExplanation {
  return {
    image: 'test/0',
    predicted: 0,
    confidence: 1,
    classIndex: 0,
    probability: 1,
    method,
    features: features.map(([feature, layerKind]) => ({
      feature,
      layerNumber: 1,
      layerName: 'layer',
      layerKind,
      channel: feature,
      contribution: 1,
    })),
    heatmaps: { shape: [features.length, 1, 2], data: Float32Array.from(features.flatMap(([, , top]) => [0, top])) },
    combined: { shape: [1, 2], data: Float32Array.of(0, 1) },
  }
}

const OURS = explained('ours', [
  [4, 'fully-connected', -9],
  [7, 'convolutional', 3],
])
const UPSAMPLED = explained('upsampled', [
  [7, 'convolutional', 5],
  [8, 'convolutional', 100],
])

test('the columns are the features that explain the class, whatever resized activations can show', () => {
  expect(columnsOf([UPSAMPLED, OURS]).map(({ feature }) => feature)).toEqual([4, 7])
  expect(columnsOf([UPSAMPLED]).map(({ feature }) => feature)).toEqual([7, 8])
  expect(columnsOf([])).toEqual([])
})

test('a cell is the map of its feature, or says why there is none', () => {
  const [connected, convolutional] = columnsOf([OURS])
  expect(cellOf(OURS, convolutional)).toEqual({ kind: 'map', map: { shape: [1, 2], data: Float32Array.of(0, 3) } })
  expect(cellOf(UPSAMPLED, convolutional)).toMatchObject({ kind: 'map', map: { data: Float32Array.of(0, 5) } })
  expect(cellOf(UPSAMPLED, connected)).toMatchObject({ reason: expect.stringContaining('fully connected') })
  expect(cellOf(explained('gradient', []), convolutional)).toMatchObject({ reason: expect.stringContaining('Not') })
})

test('names what a combined map is made of beside the columns', () => {
  const columns = columnsOf([OURS])
  expect(featuresBeside(OURS, columns)).toEqual([])
  expect(featuresBeside(UPSAMPLED, columns).map(({ feature }) => feature)).toEqual([8])
})

test('one scale is the largest magnitude in sight, and of nothing else', () => {
  expect(rawMaximum([OURS, UPSAMPLED], columnsOf([OURS]))).toBe(9)
  expect(rawMaximum([UPSAMPLED], columnsOf([UPSAMPLED]))).toBe(100)
  expect(rawMaximum([], [])).toBe(0)
})

test('methods keep the order of their rows', () => {
  expect(inOrder(['ours', 'deconv-gb', 'gradient'], ['gradient', 'ours'])).toEqual(['ours', 'gradient'])
})
