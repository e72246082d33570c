import { integer, readFields, readMany, readTextEntry, type Reader } from '../protobuf/fields.ts'

/**
 * The fields of TensorFlow's GraphDef that are read here, with their numbers in TensorFlow's published schema. A TF.js
 * GraphModel holds the same messages as JSON.
 */
export interface GraphMessage {
  readonly nodes: NodeMessage[]
  /** Bodies of calls, by name. */
  readonly functions: Map<string, FunctionMessage>
}

export interface NodeMessage {
  name: string
  operator: string
  /** `node`, `node:output` or `^node` for order alone; in functions also an argument or `node:name:output`. */
  readonly inputs: string[]
  readonly attributes: Map<string, AttributeMessage>
}

/** One of the members holds the value. */
export interface AttributeMessage {
  text?: string
  integer?: number
  float?: number
  truth?: boolean
  /** TensorFlow's DataType. */
  type?: number
  /** Null where the number of axes is open. */
  shape?: readonly (number | null)[] | null
  tensor?: TensorMessage
  /** Name of a function. */
  function?: string
  texts?: string[]
  integers?: number[]
}

export interface TensorMessage {
  /** TensorFlow's DataType. */
  dataType: number
  readonly dimensions: number[]
  /** Little-endian values where they stand as bytes. */
  raw: Uint8Array | null
  /** Else a list, whose last value stands for all that follow. */
  readonly values: number[]
  readonly texts: string[]
}

export interface FunctionMessage {
  name: string
  readonly inputs: string[]
  readonly outputs: string[]
  readonly nodes: NodeMessage[]
  /** Where each output comes from. */
  readonly results: Map<string, string>
}

/** Throws RangeError or Error where the bytes are no GraphDef. */
export function readGraphMessage(bytes: Uint8Array): GraphMessage {
  const graph: GraphMessage = { nodes: [], functions: new Map() }
  readFields(bytes, {
    1: (reader) => graph.nodes.push(readNode(reader.bytes())),
    2: (reader) =>
      readFields(reader.bytes(), {
        1: (library) => {
          const body = readFunction(library.bytes())
          graph.functions.set(body.name, body)
        },
      }),
  })
  return graph
}

function readNode(bytes: Uint8Array): NodeMessage {
  const node: NodeMessage = { name: '', operator: '', inputs: [], attributes: new Map() }
  readFields(bytes, {
    1: (reader) => (node.name = reader.string()),
    2: (reader) => (node.operator = reader.string()),
    3: (reader) => node.inputs.push(reader.string()),
    5: (reader) => {
      const [key, value] = readEntry(reader.bytes(), readAttribute)
      if (value) node.attributes.set(key, value)
    },
  })
  return node
}

/** An entry of a map from text to messages. */
export function readEntry<Value>(bytes: Uint8Array, read: (bytes: Uint8Array) => Value): [string, Value | undefined] {
  let key = ''
  let value: Value | undefined
  readFields(bytes, {
    1: (reader) => (key = reader.string()),
    2: (reader) => (value = read(reader.bytes())),
  })
  return [key, value]
}

function readAttribute(bytes: Uint8Array): AttributeMessage {
  const attribute: AttributeMessage = {}
  readFields(bytes, {
    1: (reader) => readList(reader.bytes(), attribute),
    2: (reader) => (attribute.text = reader.string()),
    3: (reader) => (attribute.integer = integer(reader)),
    4: (reader) => (attribute.float = reader.float()),
    5: (reader) => (attribute.truth = reader.bool()),
    6: (reader) => (attribute.type = integer(reader)),
    7: (reader) => (attribute.shape = readShape(reader.bytes())),
    8: (reader) => (attribute.tensor = readTensor(reader.bytes())),
    10: (reader) =>
      readFields(reader.bytes(), { 1: (body) => (attribute.function = body.string()) }),
  })
  return attribute
}

function readList(bytes: Uint8Array, attribute: AttributeMessage): void {
  const texts: string[] = []
  const integers: number[] = []
  readFields(bytes, {
    2: (reader) => texts.push(reader.string()),
    3: (reader, packed) => readMany(reader, packed, integers, integer),
  })
  attribute.texts = texts
  attribute.integers = integers
}

/** Null where the number of axes is open; open sizes are null. */
export function readShape(bytes: Uint8Array): (number | null)[] | null {
  const sizes: (number | null)[] = []
  let isOpen = false
  readFields(bytes, {
    2: (reader) => {
      let size = 0
      readFields(reader.bytes(), { 1: (dimension) => (size = integer(dimension)) })
      sizes.push(size < 0 ? null : size)
    },
    3: (reader) => (isOpen = reader.bool()),
  })
  return isOpen ? null : sizes
}

function readTensor(bytes: Uint8Array): TensorMessage {
  const tensor: TensorMessage = { dataType: 0, dimensions: [], raw: null, values: [], texts: [] }
  const many = (read: (reader: Reader) => number) => (reader: Reader, packed: boolean) =>
    readMany(reader, packed, tensor.values, read)
  readFields(bytes, {
    1: (reader) => (tensor.dataType = integer(reader)),
    2: (reader) => tensor.dimensions.push(...(readShape(reader.bytes()) ?? []).map((size) => size ?? -1)),
    4: (reader) => (tensor.raw = reader.bytes()),
    5: many((reader) => reader.float()),
    6: many((reader) => reader.double()),
    7: many((reader) => reader.int32()),
    8: (reader) => tensor.texts.push(reader.string()),
    10: many(integer),
    11: many((reader) => Number(reader.bool())),
    13: many((reader) => reader.int32()),
    16: many((reader) => reader.uint32()),
    17: many(integer),
  })
  return tensor
}

function readFunction(bytes: Uint8Array): FunctionMessage {
  const body: FunctionMessage = { name: '', inputs: [], outputs: [], nodes: [], results: new Map() }
  const readArgument = (argument: Uint8Array): string => {
    let name = ''
    readFields(argument, { 1: (reader) => (name = reader.string()) })
    return name
  }
  readFields(bytes, {
    1: (reader) =>
      readFields(reader.bytes(), {
        1: (signature) => (body.name = signature.string()),
        2: (signature) => body.inputs.push(readArgument(signature.bytes())),
        3: (signature) => body.outputs.push(readArgument(signature.bytes())),
      }),
    3: (reader) => body.nodes.push(readNode(reader.bytes())),
    4: (reader) => {
      const [output, value] = readTextEntry(reader.bytes())
      body.results.set(output, value)
    },
  })
  return body
}
