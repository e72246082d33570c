import protobuf from 'protobufjs/minimal.js'

/** An ONNX model in a few words; everything but the nodes has a default. */
export interface ModelText {
  readonly nodes: readonly NodeText[]
  readonly weights?: readonly WeightText[]
  readonly inputs?: readonly ValueText[]
  readonly outputs?: readonly ValueText[]
  /** Null leaves it out. */
  readonly version?: number | null
  readonly sparse?: boolean
}

export interface NodeText {
  readonly op: string
  readonly name?: string
  readonly domain?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>
}

export interface WeightText {
  readonly name: string
  readonly shape: readonly number[]
  /** ONNX's DataType; float by default. */
  readonly type?: number
  /** Zeros of the shape by default. */
  readonly values?: readonly number[]
  readonly raw?: Uint8Array
  readonly external?: Readonly<Record<string, string>>
}

export interface ValueText {
  readonly name: string
  /** A string or null is an open size; null in place of the shape leaves it out. */
  readonly shape: readonly (number | string | null)[] | null
}

type Writer = protobuf.Writer

const LENGTH_DELIMITED = 2

/** The bytes of the model; whole attributes are integers, a name ending in `!` marks a float. */
export function modelBytes(text: ModelText): Uint8Array {
  const model = protobuf.Writer.create()
  model.uint32(8).int64(8)
  const graph = message(model, 7)
  for (const node of text.nodes) writeNode(message(graph, 1), node)
  for (const weight of text.weights ?? []) writeWeight(message(graph, 5), weight)
  for (const value of text.inputs ?? [{ name: 'image', shape: [1, 2, 4, 5] }]) writeValue(message(graph, 11), value)
  for (const value of text.outputs ?? [{ name: 'classes', shape: null }]) writeValue(message(graph, 12), value)
  if (text.sparse) message(graph, 15).ldelim()
  graph.ldelim()
  if (text.version !== null) message(model, 8).uint32(16).int64(text.version ?? 13).ldelim()
  return model.finish()
}

/** Begins a message in a field; `ldelim` ends it. */
function message(writer: Writer, field: number): Writer {
  return writer.uint32(field * 8 + LENGTH_DELIMITED).fork()
}

function writeNode(writer: Writer, { op, name, domain, inputs, outputs, attributes }: NodeText): void {
  for (const input of inputs) writer.uint32(10).string(input)
  for (const output of outputs) writer.uint32(18).string(output)
  if (name !== undefined) writer.uint32(26).string(name)
  writer.uint32(34).string(op)
  for (const [key, value] of Object.entries(attributes ?? {})) writeAttribute(message(writer, 5), key, value)
  if (domain !== undefined) writer.uint32(58).string(domain)
  writer.ldelim()
}

function writeAttribute(writer: Writer, key: string, value: number | string | readonly number[]): void {
  writer.uint32(10).string(key.replace('!', ''))
  if (typeof value === 'string') writer.uint32(34).string(value)
  else if (typeof value !== 'number') for (const each of value) writer.uint32(64).int64(each)
  else if (key.endsWith('!')) writer.uint32(21).float(value)
  else writer.uint32(24).int64(value)
  writer.ldelim()
}

function writeWeight(writer: Writer, { name, shape, type = 1, values, raw, external }: WeightText): void {
  for (const size of shape) writer.uint32(8).int64(size)
  writer.uint32(16).int32(type)
  writer.uint32(66).string(name)
  if (external) {
    for (const [key, value] of Object.entries(external)) {
      message(writer, 13).uint32(10).string(key).uint32(18).string(value).ldelim()
    }
    writer.uint32(112).int32(1)
  } else if (raw) writer.uint32(74).bytes(raw)
  else {
    const count = shape.reduce((product, size) => product * size, 1)
    const numbers = values ?? Array.from({ length: count }, () => 0)
    for (const value of numbers) {
      if (type === 7) writer.uint32(56).int64(value)
      else writer.uint32(37).float(value)
    }
  }
  writer.ldelim()
}

function writeValue(writer: Writer, { name, shape }: ValueText): void {
  writer.uint32(10).string(name)
  if (shape !== null) {
    const type = message(writer, 2)
    const tensor = message(type, 1)
    tensor.uint32(8).int32(1)
    const sizes = message(tensor, 2)
    for (const size of shape) {
      const dimension = message(sizes, 1)
      if (typeof size === 'number') dimension.uint32(8).int64(size)
      else if (size !== null) dimension.uint32(18).string(size)
      dimension.ldelim()
    }
    sizes.ldelim()
    tensor.ldelim()
    type.ldelim()
  }
  writer.ldelim()
}
