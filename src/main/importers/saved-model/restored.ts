import type { GraphMessage, NodeMessage } from '../tensorflow-graph/messages.ts'

const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall'])
const ASSIGNING: ReadonlySet<string> = new Set(['AssignVariableOp', 'Assign'])
const DEEPEST_CALL = 16

/**
 * The key of each variable in the checkpoint, by the name of the variable's node: told by the nodes that read the
 * variables when TensorFlow loads the model. Each takes one entry of a list of keys and assigns it to a variable.
 *
 * @param restoring the node that reads all of them; in graphs of TensorFlow 1 the nodes stand in the graph itself.
 */
export function restoredVariables(graph: GraphMessage, restoring: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  const call = graph.nodes.find(({ name }) => name === restoring.split(':')[0])
  if (call && CALLS.has(call.operator)) visitCall(graph, call, (reference) => reference, keys, 0)
  else visit(graph, graph.nodes, (reference) => reference, keys, 0)
  return keys
}

/** The name, in the graph itself, of what a body takes under another one. */
type Outside = (reference: string) => string | undefined

function visitCall(
  graph: GraphMessage,
  call: NodeMessage,
  outside: Outside,
  keys: Map<string, string>,
  depth: number,
): void {
  const body = graph.functions.get(call.attributes.get('f')?.function ?? '')
  if (!body || depth > DEEPEST_CALL) return
  const given = call.inputs.filter((input) => !input.startsWith('^'))
  visit(graph, body.nodes, (reference) => {
    const position = body.inputs.indexOf(nameIn(reference))
    return position < 0 ? undefined : outside(given[position] ?? '')
  }, keys, depth)
}

function visit(
  graph: GraphMessage,
  nodes: readonly NodeMessage[],
  outside: Outside,
  keys: Map<string, string>,
  depth: number,
): void {
  const named = new Map(nodes.map((node) => [node.name, node]))
  for (const node of nodes) {
    if (CALLS.has(node.operator) && depth > 0) visitCall(graph, node, outside, keys, depth + 1)
    if (!ASSIGNING.has(node.operator)) continue
    const [target = '', value = ''] = node.inputs
    const variable = outside(target)
    const key = keyOf(named, value)
    if (variable !== undefined && key !== undefined) keys.set(nameIn(variable), key)
  }
}

/** The entry of the list of keys that a value was read by; undefined where it was not read. */
function keyOf(named: ReadonlyMap<string, NodeMessage>, value: string): string | undefined {
  let reference = value
  let node = named.get(nameIn(reference))
  for (let step = 0; node?.operator === 'Identity' && step < named.size; step++) {
    reference = node.inputs[0] ?? ''
    node = named.get(nameIn(reference))
  }
  if (node?.operator !== 'RestoreV2') return undefined
  const list = named.get(nameIn(node.inputs[1] ?? ''))?.attributes.get('value')?.tensor?.texts
  const parts = reference.split(':')
  return list?.[parts.length === 1 ? 0 : Number(parts.at(-1))]
}

function nameIn(reference: string): string {
  return reference.split(':')[0]
}
