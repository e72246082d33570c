import { integer, readFields } from '../protobuf/fields.ts'
import { readEntry, readGraphMessage, readShape, type GraphMessage } from '../tensorflow-graph/messages.ts'
import type { Signature } from '../tensorflow-graph/file-graph.ts'

/** The fields of TensorFlow's SavedModel that are read here, with their numbers in TensorFlow's published schema. */
export interface SavedModelMessage {
  readonly graphs: MetaGraph[]
}

export interface MetaGraph {
  readonly tags: string[]
  /** Version of the TensorFlow that wrote it. */
  version: string
  graph: GraphMessage | null
  /** What may be asked of the graph, by name. */
  readonly signatures: Map<string, Signature>
  /** The node that reads the variables from their file. */
  restoring: string
}

/** Throws RangeError or Error where the bytes are no SavedModel. */
export function readSavedModel(bytes: Uint8Array): SavedModelMessage {
  const model: SavedModelMessage = { graphs: [] }
  readFields(bytes, { 2: (reader) => model.graphs.push(readMetaGraph(reader.bytes())) })
  return model
}

function readMetaGraph(bytes: Uint8Array): MetaGraph {
  const meta: MetaGraph = { tags: [], version: '', graph: null, signatures: new Map(), restoring: '' }
  readFields(bytes, {
    1: (reader) =>
      readFields(reader.bytes(), {
        4: (info) => meta.tags.push(info.string()),
        5: (info) => (meta.version = info.string()),
      }),
    2: (reader) => (meta.graph = readGraphMessage(reader.bytes())),
    3: (reader) => readFields(reader.bytes(), { 3: (saver) => (meta.restoring = saver.string()) }),
    5: (reader) => {
      const [name, signature] = readEntry(reader.bytes(), readSignature)
      if (signature) meta.signatures.set(name, signature)
    },
  })
  return meta
}

function readSignature(bytes: Uint8Array): Signature {
  const inputs: string[] = []
  const outputs: string[] = []
  const shapes = new Map<string, readonly (number | null)[] | null>()
  readFields(bytes, {
    1: (reader) => {
      const [, value] = readEntry(reader.bytes(), readValue)
      if (!value) return
      inputs.push(value.name)
      shapes.set(value.name.split(':')[0], value.shape)
    },
    2: (reader) => {
      const [, value] = readEntry(reader.bytes(), readValue)
      if (value) outputs.push(value.name)
    },
  })
  return { inputs, outputs, shapes }
}

interface SignedValue {
  name: string
  shape: readonly (number | null)[] | null
}

function readValue(bytes: Uint8Array): SignedValue {
  const value: SignedValue = { name: '', shape: null }
  readFields(bytes, {
    1: (reader) => (value.name = reader.string()),
    3: (reader) => (value.shape = readShape(reader.bytes())),
  })
  return value
}

/** Where a checkpoint keeps the values of one variable. */
export interface BundleEntry {
  /** TensorFlow's DataType. */
  dataType: number
  readonly dimensions: number[]
  /** Number of the file that holds it. */
  shard: number
  offset: number
  size: number
  /** Parts of a variable that was split. */
  slices: number
}

export function readBundleEntry(bytes: Uint8Array): BundleEntry {
  const entry: BundleEntry = { dataType: 0, dimensions: [], shard: 0, offset: 0, size: 0, slices: 0 }
  readFields(bytes, {
    1: (reader) => (entry.dataType = integer(reader)),
    2: (reader) => entry.dimensions.push(...(readShape(reader.bytes()) ?? []).map((size) => size ?? -1)),
    3: (reader) => (entry.shard = integer(reader)),
    4: (reader) => (entry.offset = integer(reader)),
    5: (reader) => (entry.size = integer(reader)),
    7: (reader) => {
      reader.bytes()
      entry.slices++
    },
  })
  return entry
}

export interface BundleHeader {
  shards: number
  bigEndian: boolean
}

export function readBundleHeader(bytes: Uint8Array): BundleHeader {
  const header: BundleHeader = { shards: 0, bigEndian: false }
  readFields(bytes, {
    1: (reader) => (header.shards = integer(reader)),
    2: (reader) => (header.bigEndian = integer(reader) !== 0),
  })
  return header
}
