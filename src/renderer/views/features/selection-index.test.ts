import { expect, test } from 'vitest'
import type { FeatureName } from '../../../shared/results.ts'
import { indexSelection } from './selection-index.ts'

test('lists for each feature the classes whose weight is not zero, as the dense matrix has it', () => {
  const [classes, width] = [7, 5]
  const dense = Array.from({ length: classes }, (_, j) =>
    Array.from({ length: width }, (_, i) => {
      const mixed = (j * 7919 + i * 104_729 + 13) % 1009
      return i > 0 && mixed % 2 === 0 ? 0 : mixed - 504.5
    }),
  )
  const columns: number[] = []
  const weights: number[] = []
  const starts = [0]
  for (const row of dense) {
    row.forEach((weight, i) => {
      if (weight === 0) return
      columns.push(i)
      weights.push(weight)
    })
    starts.push(columns.length)
  }
  const features = Array.from({ length: width }, (_, i): FeatureName => ({
    feature: 10 + i,
    layerNumber: 1,
    layerName: 'conv1',
    layerKind: 'convolutional',
    channel: i,
  }))
  const index = indexSelection({
    features,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    weights: Float64Array.from(weights),
  })
  for (let i = 0; i < width; i++) {
    const relevant = [...dense.keys()].filter((j) => dense[j][i] !== 0)
    const found = index.byFeature.get(10 + i)
    expect(found?.classes).toEqual(relevant)
    expect(found?.weights).toEqual(relevant.map((j) => dense[j][i]))
    const magnitudes = dense.map((row) => Math.abs(row[i]))
    expect(Math.abs(found?.weight ?? 0)).toBe(Math.max(...magnitudes))
  }
})
