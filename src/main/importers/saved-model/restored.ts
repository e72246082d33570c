import type { GraphMessage, NodeMessage } from '../tensorflow-graph/messages.ts'

const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall'])
const ASSIGNING: ReadonlySet<string> = new Set(['AssignVariableOp', 'Assign'])

/**
 * The key of each variable in the checkpoint, by the name of the variable's node: told by the nodes that read the
 * variables when TensorFlow loads the model. Each takes one entry of a list of keys and assigns it to a variable.
 *
 * @param restoring the node that reads all of them; in graphs of TensorFlow 1 the nodes stand in the graph itself.
 */
export function restoredVariables(graph: GraphMessage, restoring: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  const call = graph.nodes.find(({ name }) => name === restoring.split(':')[0])
  if (!call || !CALLS.has(call.operator)) {
    visit(graph.nodes, (reference) => reference, keys)
    return keys
  }
  const body = graph.functions.get(call.attributes.get('f')?.function ?? '')
  const given = call.inputs.filter((input) => !input.startsWith('^'))
  visit(body?.nodes ?? [], (reference) => given[body!.inputs.indexOf(nameIn(reference))], keys)
  return keys
}

/** @param outside the value in the graph itself that a body takes under another name; undefined where it takes none. */
function visit(
  nodes: readonly NodeMessage[],
  outside: (reference: string) => string | undefined,
  keys: Map<string, string>,
): void {
  const named = new Map(nodes.map((node) => [node.name, node]))
  for (const node of nodes) {
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
