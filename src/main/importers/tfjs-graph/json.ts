import { VebiError } from '../../../shared/errors.ts'
import { isObject, type JsonObject } from '../keras/config.ts'
import type { Signature } from '../tensorflow-graph/file-graph.ts'
import type { AttributeMessage, FunctionMessage, GraphMessage, NodeMessage } from '../tensorflow-graph/messages.ts'

/**
 * A GraphDef as JSON, in the mapping that protocol buffers define: 64-bit numbers as text, bytes as base64, names of
 * enumerations. Throws VebiError where a part is missing or of another kind.
 */
export function graphOfJson(topology: JsonObject, file: string): GraphMessage {
  const functions = new Map<string, FunctionMessage>()
  const library = topology['library']
  for (const entry of isObject(library) ? listOf(library['function']) : []) {
    const body = functionOf(entry, file)
    functions.set(body.name, body)
  }
  return { nodes: nodesOf(topology['node'], file), functions }
}

/** The signature that a model.json states, under whichever key; undefined where it states none. */
export function signatureOfJson(description: JsonObject): Signature | undefined {
  const own = description['userDefinedMetadata']
  const signature = [description['signature'], isObject(own) ? own['signature'] : undefined].find(isObject)
  if (!signature) return undefined
  const entries = (key: string): JsonObject[] => {
    const group = signature[key]
    return isObject(group) ? Object.values(group).filter(isObject) : []
  }
  const valueOf = (entry: JsonObject): string => (typeof entry['name'] === 'string' ? entry['name'] : '')
  const shapes = new Map<string, readonly (number | null)[] | null>()
  for (const entry of entries('inputs')) shapes.set(valueOf(entry).split(':')[0], shapeOf(entry['tensorShape']) ?? null)
  return {
    inputs: entries('inputs').map(valueOf).filter((value) => value !== ''),
    outputs: entries('outputs').map(valueOf).filter((value) => value !== ''),
    shapes,
  }
}

function nodesOf(list: unknown, file: string): NodeMessage[] {
  if (list !== undefined && !Array.isArray(list)) throw malformed(file, 'its nodes are no list')
  return listOf(list).map((entry, position) => {
    if (!isObject(entry) || typeof entry['name'] !== 'string' || typeof entry['op'] !== 'string') {
      throw malformed(file, `node ${position + 1} has no name or no operator`)
    }
    const { name, op } = entry as { name: string; op: string }
    const given = listOf(entry['input'])
    const inputs = given.filter((input) => typeof input === 'string')
    if (inputs.length < given.length) throw malformed(file, `an input of node "${name}" is no text`)
    const attributes = new Map<string, AttributeMessage>()
    for (const [key, value] of isObject(entry['attr']) ? Object.entries(entry['attr']) : []) {
      if (isObject(value)) attributes.set(key, attributeOf(value))
    }
    return { name, operator: op, inputs, attributes }
  })
}

function functionOf(entry: unknown, file: string): FunctionMessage {
  const signature = isObject(entry) ? entry['signature'] : undefined
  if (!isObject(entry) || !isObject(signature) || typeof signature['name'] !== 'string') {
    throw malformed(file, 'a function has no name')
  }
  const argumentsOf = (key: string): string[] =>
    listOf(signature[key]).map((one) => (isObject(one) && typeof one['name'] === 'string' ? one['name'] : ''))
  const results = isObject(entry['ret']) ? Object.entries(entry['ret']) : []
  return {
    name: signature['name'],
    inputs: argumentsOf('inputArg'),
    outputs: argumentsOf('outputArg'),
    nodes: nodesOf(entry['nodeDef'], file),
    results: new Map(results.map(([output, value]) => [output, String(value)])),
  }
}

function attributeOf(value: JsonObject): AttributeMessage {
  const attribute: AttributeMessage = {}
  if (typeof value['s'] === 'string') attribute.text = textOf(value['s'])
  if (value['i'] !== undefined) attribute.integer = Number(value['i'])
  if (value['f'] !== undefined) attribute.float = Number(value['f'])
  if (typeof value['b'] === 'boolean') attribute.truth = value['b']
  if (value['type'] !== undefined) attribute.type = typeOf(value['type'])
  const shape = shapeOf(value['shape'])
  if (shape !== undefined) attribute.shape = shape
  if (isObject(value['func']) && typeof value['func']['name'] === 'string') attribute.function = value['func']['name']
  const list = value['list']
  if (isObject(list)) {
    attribute.texts = listOf(list['s']).map((text) => textOf(String(text)))
    attribute.integers = listOf(list['i']).map(Number)
  }
  return attribute
}

/** Undefined where there is no shape, null where the number of axes is open; open sizes are null. */
function shapeOf(value: unknown): (number | null)[] | null | undefined {
  if (!isObject(value)) return undefined
  if (value['unknownRank'] === true) return null
  return listOf(value['dim']).map((dimension) => {
    const size = isObject(dimension) ? Number(dimension['size'] ?? 0) : NaN
    return Number.isInteger(size) && size >= 0 ? size : null
  })
}

function textOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

/** TensorFlow's DataType numbers by their names. */
const TYPES: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['DT_FLOAT', 1], ['DT_DOUBLE', 2], ['DT_INT32', 3], ['DT_UINT8', 4], ['DT_INT16', 5], ['DT_INT8', 6],
  ['DT_STRING', 7], ['DT_INT64', 9], ['DT_BOOL', 10], ['DT_BFLOAT16', 14], ['DT_UINT16', 17], ['DT_HALF', 19],
  ['DT_RESOURCE', 20], ['DT_UINT32', 22], ['DT_UINT64', 23],
])

function typeOf(value: unknown): number {
  return TYPES.get(value) ?? (typeof value === 'number' ? value : 0)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function malformed(file: string, reason: string): VebiError {
  return new VebiError('bad-model', `${file}: the graph is malformed: ${reason}.`)
}
