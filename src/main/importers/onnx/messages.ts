import { integer, readFields, readMany, readTextEntry } from '../protobuf/fields.ts'
import type { FilePiece } from '../weight-in-file.ts'

/** The fields of ONNX's protocol buffers that are read here, with their numbers in ONNX's published schema. */

export interface ModelMessage {
  producer: string
  producerVersion: string
  graph: GraphMessage | null
  /** Operator sets by domain; the empty domain is ONNX's own. */
  operatorSets: Map<string, number>
  readonly metadata: Map<string, string>
}

export interface GraphMessage {
  readonly nodes: NodeMessage[]
  readonly initializers: TensorMessage[]
  sparseInitializers: number
  readonly inputs: ValueMessage[]
  readonly outputs: ValueMessage[]
}

export interface NodeMessage {
  name: string
  operator: string
  domain: string
  readonly inputs: string[]
  readonly outputs: string[]
  readonly attributes: Map<string, AttributeMessage>
}

/** One of the members holds the value. */
export interface AttributeMessage {
  name: string
  float: number
  integer: number
  text: string
  tensor: TensorMessage | null
  readonly floats: number[]
  readonly integers: number[]
  /** A branch of a choice; null inside another branch, so that reading cannot nest without end. */
  branch: GraphMessage | null
}

export interface TensorMessage {
  name: string
  /** ONNX's DataType. */
  dataType: number
  readonly dimensions: number[]
  /** Little-endian values where they stand as bytes. */
  raw: Uint8Array | null
  /** Where those bytes lie if they were left in the file; `raw` is null then. */
  place: FilePiece | null
  readonly floats: number[]
  readonly integers: number[]
  readonly longs: number[]
  readonly doubles: number[]
  /** 1: the values lie in another file. */
  location: number
  readonly external: Map<string, string>
}

/** A dimension is a number, or a name or null where it is open. */
export interface ValueMessage {
  name: string
  dimensions: (number | string | null)[] | null
}

/** Throws RangeError or Error where the bytes are no ONNX model. */
export function readModelMessage(bytes: Uint8Array): ModelMessage {
  const model: ModelMessage = {
    producer: '',
    producerVersion: '',
    graph: null,
    operatorSets: new Map(),
    metadata: new Map(),
  }
  readFields(bytes, {
    2: (reader) => (model.producer = reader.string()),
    3: (reader) => (model.producerVersion = reader.string()),
    7: (reader) => (model.graph = readGraph(reader.bytes())),
    8: (reader) => {
      const [domain, version] = readOperatorSet(reader.bytes())
      model.operatorSets.set(domain === 'ai.onnx' ? '' : domain, version)
    },
    14: (reader) => {
      const [key, value] = readTextEntry(reader.bytes())
      model.metadata.set(key, value)
    },
  })
  return model
}

function readOperatorSet(bytes: Uint8Array): [string, number] {
  let domain = ''
  let version = 0
  readFields(bytes, {
    1: (reader) => (domain = reader.string()),
    2: (reader) => (version = integer(reader)),
  })
  return [domain, version]
}

function readGraph(bytes: Uint8Array, isBranch = false): GraphMessage {
  const graph: GraphMessage = { nodes: [], initializers: [], sparseInitializers: 0, inputs: [], outputs: [] }
  readFields(bytes, {
    1: (reader) => graph.nodes.push(readNode(reader.bytes(), isBranch)),
    5: (reader) => graph.initializers.push(readTensor(reader.bytes())),
    11: (reader) => graph.inputs.push(readValue(reader.bytes())),
    12: (reader) => graph.outputs.push(readValue(reader.bytes())),
    15: (reader) => {
      reader.bytes()
      graph.sparseInitializers++
    },
  })
  return graph
}

function readNode(bytes: Uint8Array, inBranch: boolean): NodeMessage {
  const node: NodeMessage = { name: '', operator: '', domain: '', inputs: [], outputs: [], attributes: new Map() }
  readFields(bytes, {
    1: (reader) => node.inputs.push(reader.string()),
    2: (reader) => node.outputs.push(reader.string()),
    3: (reader) => (node.name = reader.string()),
    4: (reader) => (node.operator = reader.string()),
    5: (reader) => {
      const attribute = readAttribute(reader.bytes(), inBranch)
      node.attributes.set(attribute.name, attribute)
    },
    7: (reader) => (node.domain = reader.string()),
  })
  return node
}

function readAttribute(bytes: Uint8Array, inBranch: boolean): AttributeMessage {
  const attribute: AttributeMessage = {
    name: '', float: 0, integer: 0, text: '', tensor: null, floats: [], integers: [], branch: null,
  }
  readFields(bytes, {
    1: (reader) => (attribute.name = reader.string()),
    2: (reader) => (attribute.float = reader.float()),
    3: (reader) => (attribute.integer = integer(reader)),
    4: (reader) => (attribute.text = reader.string()),
    5: (reader) => (attribute.tensor = readTensor(reader.bytes())),
    6: (reader) => {
      const branch = reader.bytes()
      if (!inBranch) attribute.branch = readGraph(branch, true)
    },
    7: (reader, packed) => readMany(reader, packed, attribute.floats, (one) => one.float()),
    8: (reader, packed) => readMany(reader, packed, attribute.integers, integer),
  })
  return attribute
}

function readTensor(bytes: Uint8Array): TensorMessage {
  const tensor: TensorMessage = {
    name: '', dataType: 0, dimensions: [], raw: null, place: null, floats: [], integers: [], longs: [], doubles: [], location: 0,
    external: new Map(),
  }
  readFields(bytes, {
    1: (reader, packed) => readMany(reader, packed, tensor.dimensions, integer),
    2: (reader) => (tensor.dataType = integer(reader)),
    4: (reader, packed) => readMany(reader, packed, tensor.floats, (one) => one.float()),
    5: (reader, packed) => readMany(reader, packed, tensor.integers, (one) => one.int32()),
    7: (reader, packed) => readMany(reader, packed, tensor.longs, integer),
    8: (reader) => (tensor.name = reader.string()),
    9: (reader) => (tensor.raw = reader.bytes()),
    10: (reader, packed) => readMany(reader, packed, tensor.doubles, (one) => one.double()),
    13: (reader) => {
      const [key, value] = readTextEntry(reader.bytes())
      tensor.external.set(key, value)
    },
    14: (reader) => (tensor.location = integer(reader)),
  })
  return tensor
}

function readValue(bytes: Uint8Array): ValueMessage {
  const value: ValueMessage = { name: '', dimensions: null }
  const readType = (type: Uint8Array): void =>
    readFields(type, {
      1: (reader) =>
        readFields(reader.bytes(), {
          2: (tensor) => (value.dimensions = readDimensions(tensor.bytes())),
        }),
    })
  readFields(bytes, {
    1: (reader) => (value.name = reader.string()),
    2: (reader) => readType(reader.bytes()),
  })
  return value
}

function readDimensions(bytes: Uint8Array): (number | string | null)[] {
  const dimensions: (number | string | null)[] = []
  readFields(bytes, {
    1: (reader) => {
      let size: number | string | null = null
      readFields(reader.bytes(), {
        1: (dimension) => (size = integer(dimension)),
        2: (dimension) => (size = dimension.string()),
      })
      dimensions.push(size)
    },
  })
  return dimensions
}
