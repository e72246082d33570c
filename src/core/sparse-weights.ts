/** The non-zero weights of all classes, class after class. */
export interface SparseWeights {
  /** `[C + 1]`: entries of class j are `starts[j]` to `starts[j + 1]`. */
  readonly starts: Int32Array
  /** Feature of each entry, ascending within a class. */
  readonly features: Int32Array
  readonly values: Float64Array
}

/** @param rows `[C]` weights `[size]` each. */
export function sparseWeights(rows: Iterable<Float64Array>): SparseWeights {
  const starts = [0]
  const features: number[] = []
  const values: number[] = []
  for (const row of rows) {
    for (let k = 0; k < row.length; k++) {
      if (row[k] === 0) continue
      features.push(k)
      values.push(row[k])
    }
    starts.push(features.length)
  }
  return {
    starts: Int32Array.from(starts),
    features: Int32Array.from(features),
    values: Float64Array.from(values),
  }
}

/** Largest magnitude of the weight of each feature over the classes, `[size]`; what orders a removal. */
export function strengths({ features, values }: SparseWeights, size: number): Float64Array {
  const found = new Float64Array(size)
  features.forEach((k, i) => (found[k] = Math.max(found[k], Math.abs(values[i]))))
  return found
}

/** Features with a weight in some class, ascending. */
export function unionOf({ features }: SparseWeights): number[] {
  return [...new Set(features)].sort((a, b) => a - b)
}
