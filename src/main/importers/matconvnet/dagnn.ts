import { VebiError } from '../../../shared/errors.ts'
import { describe, structOf, textOf, textsOf, type MatlabValue, type StructElement } from '../matlab/values.ts'
import { LayerEntry } from './layer-entry.ts'

/** Blocks under the names of SimpleNN, where there are such. */
const KINDS: Readonly<Record<string, string>> = {
  'dagnn.Conv': 'conv',
  'dagnn.ReLU': 'relu',
  'dagnn.Sigmoid': 'sigmoid',
  'dagnn.Pooling': 'pool',
  'dagnn.LRN': 'lrn',
  'dagnn.BatchNorm': 'bnorm',
  'dagnn.Scale': 'scale',
  'dagnn.Sum': 'sum',
  'dagnn.Concat': 'concat',
  'dagnn.SoftMax': 'softmax',
  'dagnn.DropOut': 'dropout',
  'dagnn.Loss': 'loss',
}

/** The layers of a DagNN network, sorted so that each comes after those whose variables it reads. */
export function dagnnLayers(
  file: string,
  elements: readonly StructElement[],
  params: MatlabValue | undefined,
): LayerEntry[] {
  const values = parameterValues(file, params)
  return inOrder(elements.map((element, index) => layerOf(file, element, index, values)))
}

function layerOf(
  file: string,
  element: StructElement,
  index: number,
  values: ReadonlyMap<string, MatlabValue>,
): LayerEntry {
  const name = textOf(element.get('name')) || `layer${index + 1}`
  const bad = (reason: string) => new VebiError('bad-model', `${file}: layer "${name}" ${reason}.`)
  const type = textOf(element.get('type'))
  if (type === undefined) throw bad('has no type')
  const block = element.get('block')!
  const settings = structOf(block) ?? (block.kind === 'numeric' && block.data.length === 0 ? new Map() : undefined)
  if (!settings) throw bad(`has ${describe(block)} as its block, where a struct is expected (save net.saveobj())`)
  const namesIn = (field: string): readonly string[] => {
    const value = element.get(field)
    const names = value === undefined ? [] : textsOf(value)
    if (names) return names
    throw bad(`has ${describe(value!)} as its ${field}, where names are expected`)
  }
  const outputs = namesIn('outputs')
  if (outputs.length !== 1) throw bad(`writes ${outputs.length} variables, where one is expected`)
  const parameters = namesIn('params').map((parameter) => {
    const value = values.get(parameter)
    if (value === undefined) throw bad(`needs the parameter "${parameter}", which the file does not have`)
    return value
  })
  return new LayerEntry({
    file,
    name,
    type,
    kind: KINDS[type] ?? type,
    settings,
    parameters,
    inputs: namesIn('inputs'),
    output: outputs[0],
  })
}

function parameterValues(file: string, params: MatlabValue | undefined): ReadonlyMap<string, MatlabValue> {
  const values = new Map<string, MatlabValue>()
  if (params === undefined || params.kind === 'numeric') return values
  if (params.kind !== 'struct') {
    throw new VebiError('bad-model', `${file}: its "params" is ${describe(params)}, where a struct array is expected.`)
  }
  for (const element of params.elements) {
    const name = textOf(element.get('name'))
    const value = element.get('value')
    if (name === undefined || value === undefined) {
      throw new VebiError('bad-model', `${file}: its "params" has an element without a name or a value.`)
    }
    if (values.has(name)) throw new VebiError('bad-model', `${file}: two parameters are named "${name}".`)
    values.set(name, value)
  }
  return values
}

/** In the order of the file as far as inputs allow. Throws where two write one variable or one waits for itself. */
function inOrder(layers: readonly LayerEntry[]): LayerEntry[] {
  const makers = new Map<string, LayerEntry>()
  for (const layer of layers) {
    const other = makers.get(layer.output)
    if (other) {
      throw layer.bad(`writes the variable "${layer.output}", which layer "${other.name}" writes already`)
    }
    makers.set(layer.output, layer)
  }
  const sorted = new Set<LayerEntry>()
  for (const layer of layers) {
    const path = [layer]
    while (path.length > 0) {
      const last = path.at(-1)!
      const before = last.inputs.map((input) => makers.get(input)).find((maker) => maker && !sorted.has(maker))
      if (before && path.includes(before)) {
        const circle = path.slice(path.indexOf(before)).map(({ name }) => `"${name}"`)
        throw before.bad(`waits for its own output: ${[...circle, circle[0]].reverse().join(', ')}`)
      }
      if (before) path.push(before)
      else sorted.add(path.pop()!)
    }
  }
  return [...sorted]
}
