import type { Hdf5File } from '../hdf5/file.ts'
import type { NamedWeight } from './weights.ts'

/** Where a weight of the model lies in its HDF5 file. */
export interface StoredVariable {
  /** `layer/kernel`, with the names of enclosing models in front. */
  readonly name: string
  readonly dataset: string
}

export interface StoredWeights {
  readonly weights: readonly NamedWeight[]
  readonly warnings: readonly string[]
}

/** Describes the weights; their values are read when a layer takes them, while the file is open. */
export function storedWeights(
  file: Hdf5File,
  variables: readonly StoredVariable[],
  warnings: readonly string[] = [],
): StoredWeights {
  const otherTypes = new Set<string>()
  const weights: NamedWeight[] = []
  for (const { name, dataset } of variables) {
    // How many images a Normalization was adapted to changes nothing that it computes.
    if (/(^|\/)count(:\d+)?$/.test(name)) continue
    const stored = file.dataset(dataset)
    if (stored.type !== 'float32') otherTypes.add(stored.type)
    weights.push({ name, shape: stored.shape, values: () => stored.values() })
  }
  const converted = [...otherTypes].sort().map((type) => `Weights of type ${type} were converted to float32.`)
  return { weights, warnings: [...warnings, ...converted] }
}
