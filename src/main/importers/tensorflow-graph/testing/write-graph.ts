import protobuf from 'protobufjs/minimal.js'
import type { AttributeMessage } from '../messages.ts'

/** A node of a GraphDef in a few words. */
export interface NodeText {
  readonly op: string
  readonly name: string
  readonly inputs?: readonly string[]
  readonly attributes?: Readonly<Record<string, Attribute>>
}

/** A constant's values are zeros by default; `raw` takes their place. */
export interface TensorText {
  readonly type?: number
  readonly shape: readonly number[]
  readonly values?: readonly number[]
  readonly raw?: Uint8Array
  readonly texts?: readonly string[]
}

export type Attribute = Omit<AttributeMessage, 'tensor'> & { readonly tensor?: TensorText }

export interface FunctionText {
  readonly name: string
  readonly inputs: readonly string[]
  /** Where each output comes from. */
  readonly results: Readonly<Record<string, string>>
  readonly nodes: readonly NodeText[]
}

type Writer = protobuf.Writer

const LENGTH_DELIMITED = 2
export const FLOAT = 1
export const INT32 = 3

export function constant(name: string, shape: readonly number[], values?: readonly number[], type = FLOAT): NodeText {
  const tensor = values ? { type, shape, values } : { type, shape }
  return { op: 'Const', name, attributes: { dtype: { type }, value: { tensor } } }
}

/** The bytes of a GraphDef. */
export function graphBytes(nodes: readonly NodeText[], functions: readonly FunctionText[] = []): Uint8Array {
  const graph = protobuf.Writer.create()
  writeGraph(graph, nodes, functions)
  return graph.finish()
}

export interface SavedModelText {
  readonly nodes: readonly NodeText[]
  readonly functions?: readonly FunctionText[]
  /** Inputs and outputs by name. */
  readonly signatures: Readonly<Record<string, readonly [inputs: readonly string[], outputs: readonly string[]]>>
  readonly restoring?: string
}

/** The bytes of saved_model.pb. */
export function savedModelBytes({ nodes, functions = [], signatures, restoring }: SavedModelText): Uint8Array {
  const model = protobuf.Writer.create()
  model.uint32(8).int64(1)
  const meta = message(model, 2)
  message(meta, 1).uint32(34).string('serve').ldelim()
  const graph = message(meta, 2)
  writeGraph(graph, nodes, functions)
  graph.ldelim()
  if (restoring !== undefined) message(meta, 3).uint32(26).string(restoring).ldelim()
  for (const [name, [inputs, outputs]] of Object.entries(signatures)) {
    const signature = message(message(meta, 5).uint32(10).string(name), 2)
    inputs.forEach((value) => writeValue(message(signature, 1), value))
    outputs.forEach((value) => writeValue(message(signature, 2), value))
    signature.ldelim().ldelim()
  }
  meta.ldelim()
  return model.finish()
}

/** An entry of a map from a name to a value. */
function writeValue(writer: Writer, value: string): void {
  message(writer.uint32(10).string('key'), 2).uint32(10).string(value).ldelim()
  writer.ldelim()
}

/** Begins a message in a field; `ldelim` ends it. */
function message(writer: Writer, field: number): Writer {
  return writer.uint32(field * 8 + LENGTH_DELIMITED).fork()
}

function writeGraph(writer: Writer, nodes: readonly NodeText[], functions: readonly FunctionText[]): void {
  for (const node of nodes) writeNode(message(writer, 1), node)
  if (functions.length === 0) return
  const library = message(writer, 2)
  for (const body of functions) {
    const definition = message(library, 1)
    const signature = message(definition, 1).uint32(10).string(body.name)
    for (const name of body.inputs) message(signature, 2).uint32(10).string(name).ldelim()
    for (const name of Object.keys(body.results)) message(signature, 3).uint32(10).string(name).ldelim()
    signature.ldelim()
    for (const node of body.nodes) writeNode(message(definition, 3), node)
    for (const [output, value] of Object.entries(body.results)) {
      message(definition, 4).uint32(10).string(output).uint32(18).string(value).ldelim()
    }
    definition.ldelim()
  }
  library.ldelim()
}

function writeNode(writer: Writer, { op, name, inputs = [], attributes = {} }: NodeText): void {
  writer.uint32(10).string(name).uint32(18).string(op)
  for (const input of inputs) writer.uint32(26).string(input)
  for (const [key, value] of Object.entries(attributes)) {
    const entry = message(writer, 5).uint32(10).string(key)
    writeAttribute(message(entry, 2), value)
    entry.ldelim()
  }
  writer.ldelim()
}

function writeAttribute(writer: Writer, attribute: Attribute): void {
  if (attribute.text !== undefined) writer.uint32(18).string(attribute.text)
  if (attribute.integer !== undefined) writer.uint32(24).int64(attribute.integer)
  if (attribute.float !== undefined) writer.uint32(37).float(attribute.float)
  if (attribute.truth !== undefined) writer.uint32(40).bool(attribute.truth)
  if (attribute.type !== undefined) writer.uint32(48).int32(attribute.type)
  if (attribute.shape !== undefined) writeShape(message(writer, 7), attribute.shape)
  if (attribute.tensor) writeTensor(message(writer, 8), attribute.tensor)
  if (attribute.function !== undefined) message(writer, 10).uint32(10).string(attribute.function).ldelim()
  if (attribute.texts || attribute.integers) {
    const list = message(writer, 1)
    for (const text of attribute.texts ?? []) list.uint32(18).string(text)
    const packed = message(list, 3)
    for (const value of attribute.integers ?? []) packed.int64(value)
    packed.ldelim()
    list.ldelim()
  }
  writer.ldelim()
}

function writeShape(writer: Writer, shape: readonly (number | null)[] | null): void {
  if (shape === null) writer.uint32(24).bool(true)
  for (const size of shape ?? []) message(writer, 2).uint32(8).int64(size ?? -1).ldelim()
  writer.ldelim()
}

function writeTensor(writer: Writer, { type = FLOAT, shape, values, raw, texts = [] }: TensorText): void {
  writer.uint32(8).int32(type)
  writeShape(message(writer, 2), shape)
  if (raw) writer.uint32(34).bytes(raw)
  for (const text of texts) writer.uint32(66).string(text)
  for (const value of values ?? []) {
    if (type === FLOAT) writer.uint32(45).float(value)
    else writer.uint32(56).int32(value)
  }
  writer.ldelim()
}
