import { VebiError } from '../../../shared/errors.ts'
import type { MatlabFile } from '../matlab/file.ts'
import { describe, structOf, type MatlabValue, type StructElement } from '../matlab/values.ts'
import { dagnnLayers } from './dagnn.ts'
import type { LayerEntry } from './layer-entry.ts'
import { simplennLayers } from './simplenn.ts'

/** A network as the file states it, whichever of MatConvNet's wrappers wrote it. */
export interface StatedNetwork {
  readonly wrapper: 'SimpleNN' | 'DagNN'
  readonly layers: readonly LayerEntry[]
  /** The averages, sizes and classes beside the layers. */
  readonly meta: StructElement
}

/** The variables that a network lies in when its fields were saved one by one (`save -struct`). */
const FIELDS = ['layers', 'params', 'meta', 'classes', 'normalization']

/** The sentence that refuses a file whose variables hold no network, else null. */
export function refusalByNames(location: string, names: readonly string[]): string | null {
  if (names.includes('layers') || names.includes('net')) return null
  const known = names.filter((name) => name !== '').slice(0, 8)
  const found = known.length === 0 ? 'no variables' : `the variables ${known.map((name) => `"${name}"`).join(', ')}`
  return `${location} holds ${found}, and neither "layers" nor "net", so no network of MatConvNet.`
}

export async function readNetwork(location: string, file: MatlabFile): Promise<StatedNetwork> {
  const refusal = refusalByNames(location, file.names)
  if (refusal !== null) throw new VebiError('bad-file', refusal)
  const fields = file.names.includes('layers') ? await readFields(file) : await readStruct(location, file)
  const layers = fields.get('layers')
  const meta = metaOf(fields)
  if (layers?.kind === 'cell') return { wrapper: 'SimpleNN', layers: simplennLayers(location, layers.cells), meta }
  if (layers?.kind === 'struct' && layers.elements.every((layer) => layer.has('block'))) {
    return { wrapper: 'DagNN', layers: dagnnLayers(location, layers.elements, fields.get('params')), meta }
  }
  const found = layers === undefined ? 'missing' : describe(layers)
  throw new VebiError(
    'bad-model',
    `${location}: its "layers" is ${found}, where MatConvNet has a cell array (SimpleNN) or a struct array (DagNN).`,
  )
}

async function readFields(file: MatlabFile): Promise<StructElement> {
  const fields = new Map<string, MatlabValue>()
  for (const name of FIELDS) {
    const value = await file.read(name)
    if (value !== undefined) fields.set(name, value)
  }
  return fields
}

async function readStruct(location: string, file: MatlabFile): Promise<StructElement> {
  const net = await file.read('net')
  const fields = structOf(net)
  if (fields) return fields
  const advice = net?.kind === 'foreign' ? '; save the struct that net.saveobj() or vl_simplenn_move(net, \'cpu\') returns' : ''
  throw new VebiError('unsupported', `${location}: its variable "net" is ${describe(net!)}, no struct${advice}.`)
}

/** Older versions had the classes and the normalisation beside the layers. */
function metaOf(fields: StructElement): StructElement {
  const meta = structOf(fields.get('meta'))
  if (meta) return meta
  const old = ['classes', 'normalization'].flatMap((name) => {
    const value = fields.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return new Map(old)
}
