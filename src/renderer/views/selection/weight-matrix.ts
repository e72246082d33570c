import type { SelectionMatrix } from '../../../shared/results.ts'

/** Classes of each feature of a selection, read from its class-by-feature matrix. */
export interface FeatureClasses {
  /** Classes that a feature (column of the extracted responses) is relevant to, ascending. */
  readonly of: (feature: number) => readonly number[]
}

export function featureClasses({ features, starts, columns }: SelectionMatrix): FeatureClasses {
  const byColumn: number[][] = features.map(() => [])
  for (let j = 0; j + 1 < starts.length; j++) {
    for (let i = starts[j]; i < starts[j + 1]; i++) byColumn[columns[i]].push(j)
  }
  const columnOf = new Map(features.map(({ feature }, column) => [feature, column]))
  return { of: (feature) => byColumn[columnOf.get(feature) ?? -1] ?? [] }
}

/** Positions of the columns by layer and channel, or in the order of removal as they come. */
export function columnOrder({ features }: SelectionMatrix, order: 'layer' | 'removal'): Int32Array {
  const positions = Int32Array.from(features.keys())
  if (order === 'removal') return positions
  return positions.sort((a, b) => {
    const [one, other] = [features[a], features[b]]
    return one.layerNumber - other.layerNumber || one.channel - other.channel
  })
}

/** A matrix with its columns in the order of `order`, for drawing: `columns` are places on the picture. */
export interface PlacedMatrix {
  readonly rows: number
  readonly width: number
  readonly starts: Int32Array
  /** Ascending within a row. */
  readonly columns: Int32Array
  readonly weights: Float64Array
  readonly largest: number
}

export function placeColumns(matrix: SelectionMatrix, order: Int32Array): PlacedMatrix {
  const { starts } = matrix
  const placeOf = new Int32Array(order.length)
  order.forEach((column, place) => (placeOf[column] = place))
  const columns = new Int32Array(matrix.columns.length)
  const weights = new Float64Array(matrix.weights.length)
  let largest = 0
  for (let j = 0; j + 1 < starts.length; j++) {
    const own = Array.from({ length: starts[j + 1] - starts[j] }, (_, i) => starts[j] + i)
    own.sort((a, b) => placeOf[matrix.columns[a]] - placeOf[matrix.columns[b]])
    own.forEach((from, i) => {
      columns[starts[j] + i] = placeOf[matrix.columns[from]]!
      weights[starts[j] + i] = matrix.weights[from]!
      largest = Math.max(largest, Math.abs(matrix.weights[from]))
    })
  }
  return { rows: starts.length - 1, width: order.length, starts, columns, weights, largest }
}

/** The weight at a row and a place; 0 where the class does not have the feature. */
export function weightAt({ starts, columns, weights }: PlacedMatrix, row: number, place: number): number {
  let low = starts[row]
  let high = starts[row + 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (columns[middle] < place) low = middle + 1
    else high = middle
  }
  return low < starts[row + 1] && columns[low] === place ? weights[low] : 0
}
