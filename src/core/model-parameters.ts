import type { Graph, GraphNode, Weight } from '../shared/graph.ts'
import { sizeOf } from '../shared/matrix.ts'

/** Trained numbers in the weights of a node; moving averages of a batch normalisation are among them. */
export function parametersOf(node: GraphNode): number {
  return weightsOf(node).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
}

/** Numbers in the weights of all nodes; those of nodes that share them count once. */
export function distinctParameters(graph: Graph): number {
  const repeated = new Set(sharedWeights(graph).flatMap(([, ...others]) => others))
  return graph.nodes.reduce((sum, node) => sum + (repeated.has(node.id) ? 0 : parametersOf(node)), 0)
}

/**
 * Ids of nodes of one operator that have the same numbers in all their weights, each group ascending, in graph order:
 * what a file writes as one layer that is called several times. Nodes whose weights are all constant, such as fresh
 * batch normalisations, say nothing by being equal.
 */
export function sharedWeights(graph: Graph): number[][] {
  const groups: GraphNode[][] = []
  for (const node of graph.nodes) {
    if (!weightsOf(node).some(varies)) continue
    const group = groups.find(([first]) => haveSameWeights(first, node))
    if (group) group.push(node)
    else groups.push([node])
  }
  return groups.filter(({ length }) => length > 1).map((group) => group.map(({ id }) => id))
}

/** A kernel that only puts channels in another order was never trained. */
function weightsOf(node: GraphNode): Weight[] {
  if ('picksChannels' in node.spec) return []
  return (Object.values(node.spec) as unknown[]).filter(isWeight)
}

function haveSameWeights(left: GraphNode, right: GraphNode): boolean {
  if (left.op !== right.op) return false
  const [some, others] = [weightsOf(left), weightsOf(right)]
  return some.length === others.length && some.every((weight, position) => areEqual(weight, others[position]))
}

function areEqual(left: Weight, right: Weight): boolean {
  if (left === right) return true
  if (left.shape.join() !== right.shape.join()) return false
  return left.data.every((value, position) => Object.is(value, right.data[position]))
}

function varies({ data }: Weight): boolean {
  return data.some((value) => value !== data[0])
}

/** Whether a member of a node's spec is a weight tensor. */
export function isWeight(value: unknown): value is Weight {
  return typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float32Array
}
