import { createHash } from 'node:crypto'
import { isWeight } from '../../core/model-parameters.ts'
import { shuffledIndexes } from '../../core/random.ts'
import type { Graph, GraphNode } from '../../shared/graph.ts'

/**
 * The same network with the values of each weight tensor in random order: a control that keeps architecture and the
 * distribution of the weights, but not what was learnt (Adebayo et al. 2018).
 */
export function randomisedGraph(graph: Graph, seed: number): Graph {
  let tensors = 0
  const nodes = graph.nodes.map((node) => {
    const spec: Record<string, unknown> = { ...node.spec }
    for (const [name, value] of Object.entries(spec)) {
      if (!holdsDetectors(node) || !isWeight(value)) continue
      const order = shuffledIndexes(value.data.length, seed, tensors++)
      spec[name] = { shape: value.shape, data: Float32Array.from(order, (from) => value.data[from]) }
    }
    return { ...node, spec } as GraphNode
  })
  return { ...graph, nodes, hash: hashOf(`${graph.hash} shuffled by ${seed}`) }
}

/** The graph with some of its nodes as they are in a randomised one; both graphs' weights are shared, not copied. */
export function partlyRandomised(graph: Graph, randomised: Graph, only: ReadonlySet<number>): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => (only.has(node.id) ? randomised.nodes[node.id] : node)),
    hash: hashOf(`${graph.hash} with ${[...only].sort((a, b) => a - b).join()} of ${randomised.hash}`),
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Nodes whose weights `randomisedGraph` puts in random order, from the output down. */
export function learntNodes(graph: Graph): number[] {
  return graph.nodes
    .filter((node) => holdsDetectors(node) && Object.values(node.spec).some(isWeight))
    .map(({ id }) => id)
    .reverse()
}

/**
 * Statistics of batch normalisation are no learnt detectors, and shuffled variances would break the scales; a kernel
 * that only puts channels in another order is not learnt at all.
 */
function holdsDetectors({ op, spec }: GraphNode): boolean {
  return op !== 'batchNorm' && !('picksChannels' in spec)
}
