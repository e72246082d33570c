import { VebiError } from '../../../shared/errors.ts'
import { describe, structOf, textOf, type MatlabValue, type StructElement } from '../matlab/values.ts'
import { LayerEntry } from './layer-entry.ts'

/** Older names of layer types. */
const SYNONYMS: Readonly<Record<string, string>> = { normalize: 'lrn' }

/** The layers of a SimpleNN network, each of which reads what the one before it writes. */
export function simplennLayers(file: string, cells: readonly MatlabValue[]): LayerEntry[] {
  const names = new Set<string>()
  return cells.map((cell, index) => {
    const settings = structOf(cell)
    if (!settings) {
      throw new VebiError('bad-model', `${file}: its layer ${index + 1} is ${describe(cell)}, where a struct is expected.`)
    }
    const type = textOf(settings.get('type'))
    if (type === undefined) throw new VebiError('bad-model', `${file}: its layer ${index + 1} has no type.`)
    const name = freeName(names, textOf(settings.get('name')) || `${type}${index + 1}`)
    names.add(name)
    return new LayerEntry({
      file,
      name,
      type,
      kind: SYNONYMS[type] ?? type,
      settings,
      parameters: parametersOf(settings),
      inputs: [`x${index}`],
      output: `x${index + 1}`,
    })
  })
}

/** Names are free to repeat there, as layers are known by their place. */
function freeName(taken: ReadonlySet<string>, wanted: string): string {
  if (!taken.has(wanted)) return wanted
  let number = 2
  while (taken.has(`${wanted}_${number}`)) number++
  return `${wanted}_${number}`
}

/** Before version 1.0-beta8 they were fields of their own. */
function parametersOf(settings: StructElement): readonly MatlabValue[] {
  const weights = settings.get('weights')
  if (weights?.kind === 'cell') return weights.cells
  const filters = settings.get('filters')
  const biases = settings.get('biases')
  return filters === undefined ? [] : biases === undefined ? [filters] : [filters, biases]
}
