import { describe, expect, it } from 'vitest'
import type { FeatureName, SelectionMatrix } from '../../../shared/results.ts'
import { columnOrder, featureClasses, placeColumns, weightAt } from './weight-matrix.ts'

function name(feature: number, layerNumber: number, channel: number): FeatureName {
  return { feature, layerNumber, layerName: `conv${layerNumber}`, layerKind: 'convolutional', channel }
}

/** From the weights with their zeros, a row for each class. */
function matrixOf(features: readonly FeatureName[], rows: readonly (readonly number[])[]): SelectionMatrix {
  const found = rows.map((row) => row.flatMap((weight, column) => (weight === 0 ? [] : [{ column, weight }])))
  const starts = [0]
  for (const row of found) starts.push(starts.at(-1)! + row.length)
  return {
    features,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(found.flat(), ({ column }) => column),
    weights: Float64Array.from(found.flat(), ({ weight }) => weight),
  }
}

const ROWS = [
  [3, 0, -1, 0],
  [0, 0, 0, 0],
  [2, -5, 0, 1],
]
const MATRIX = matrixOf([name(9, 2, 4), name(1, 1, 1), name(7, 2, 2), name(30, 3, 0)], ROWS)

describe('the classes of a feature', () => {
  it('are all those with a weight for it', () => {
    const classes = featureClasses(MATRIX)
    expect([9, 1, 7, 30].map((feature) => classes.of(feature))).toEqual([[0, 2], [2], [0], [2]])
  })

  it('are none for a feature that no class has', () => {
    expect(featureClasses(MATRIX).of(8)).toEqual([])
  })
})

describe('columns in another order', () => {
  it('are those of the layers, then of the channels', () => {
    expect([...columnOrder(MATRIX, 'layer')]).toEqual([1, 2, 0, 3])
    expect([...columnOrder(MATRIX, 'removal')]).toEqual([0, 1, 2, 3])
  })

  it.each(['layer', 'removal'] as const)('keep every weight at its feature: %s', (kind) => {
    const order = columnOrder(MATRIX, kind)
    const placed = placeColumns(MATRIX, order)
    expect(placed).toMatchObject({ rows: 3, width: 4, largest: 5 })
    for (const [row, weights] of ROWS.entries()) {
      for (const [place, column] of order.entries()) expect(weightAt(placed, row, place)).toBe(weights[column])
      const own = placed.columns.slice(placed.starts[row], placed.starts[row + 1])
      expect([...own]).toEqual([...own].sort((a, b) => a - b))
    }
  })
})
