import { createHash } from 'node:crypto'
import { shuffledIndexes } from '../../core/random.ts'
import type { Graph, GraphNode, Weight } from '../../shared/graph.ts'

/**
 * The same network with the values of each weight tensor in random order: a control that keeps architecture and the
 * distribution of the weights, but not what was learnt (Adebayo et al. 2018).
 *
 * @param only nodes to randomise, all where left out; each tensor gets the same order whichever others are randomised.
 */
export function randomisedGraph(graph: Graph, seed: number, only?: ReadonlySet<number>): Graph {
  let tensors = 0
  const nodes = graph.nodes.map((node) => {
    const spec: Record<string, unknown> = { ...node.spec }
    for (const [name, value] of Object.entries(spec)) {
      // Variances and other statistics of batch normalisation are no learnt detectors; shuffling them breaks scales.
      if (node.op === 'batchNorm' || !isWeight(value)) continue
      const tensor = tensors++
      if (only && !only.has(node.id)) continue
      const order = shuffledIndexes(value.data.length, seed, tensor)
      spec[name] = { shape: value.shape, data: Float32Array.from(order, (from) => value.data[from]) }
    }
    return { ...node, spec } as GraphNode
  })
  const which = only ? ` in ${[...only].sort((a, b) => a - b).join()}` : ''
  const hash = createHash('sha256').update(`${graph.hash} shuffled by ${seed}${which}`).digest('hex')
  return { ...graph, nodes, hash }
}

function isWeight(value: unknown): value is Weight {
  return typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float32Array
}

/** Nodes whose weights `randomisedGraph` puts in random order, from the output down. */
export function learntNodes(graph: Graph): number[] {
  return graph.nodes
    .filter(({ op, spec }) => op !== 'batchNorm' && Object.values(spec).some(isWeight))
    .map(({ id }) => id)
    .reverse()
}
