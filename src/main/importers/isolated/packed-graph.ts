import type { Graph, GraphNode, Shape, Weight } from '../../../shared/graph.ts'
import { identityOf, isWeight } from '../graph-hash.ts'
import { sizeOf } from '../../../shared/matrix.ts'
import { WeightInFile, type StoredValues } from '../weight-in-file.ts'

/** A weight that lies in files, or one whose values follow. */
export type PackedWeight =
  | { readonly shape: Shape; readonly stored: StoredValues; readonly fault: string }
  | { readonly shape: Shape; readonly stored: null }

/** A graph for another process: in its nodes stand numbers of weights in the place of weights. */
export interface PackedGraph {
  readonly graph: Omit<Graph, 'nodes'>
  readonly nodes: readonly (Omit<GraphNode, 'spec'> & { readonly spec: Readonly<Record<string, unknown>> })[]
  readonly weights: readonly PackedWeight[]
}

/** Also the weights whose values have to follow, by their number. */
export function packGraph(graph: Graph): { packed: PackedGraph; following: ReadonlyMap<number, Float32Array> } {
  const { nodes, ...rest } = graph
  const { weights } = identityOf(graph)
  const numbers = new Map(weights.map((weight, number) => [weight, number]))
  const following = new Map<number, Float32Array>()
  const packedWeights = weights.map((weight, number): PackedWeight => {
    const { shape } = weight
    if (weight instanceof WeightInFile) return { shape, stored: weight.stored, fault: weight.fault }
    following.set(number, weight.data)
    return { shape, stored: null }
  })
  const packedNodes = nodes.map((node) => ({
    ...node,
    spec: mapped(node.spec, (value) => (isWeight(value) ? new WeightNumber(numbers.get(value)!).plain : value)),
  }))
  return { packed: { graph: rest, nodes: packedNodes, weights: packedWeights }, following }
}

/** Values that followed are written into the arrays that `room` was given, by the number of their weight. */
export function unpackGraph({ graph, nodes, weights }: PackedGraph): {
  graph: Graph
  room: ReadonlyMap<number, Float32Array>
} {
  const room = new Map<number, Float32Array>()
  const made = weights.map((packed, number): Weight => {
    const { shape, stored } = packed
    if (stored) return new WeightInFile(shape, stored, packed.fault)
    const data = new Float32Array(sizeOf(shape))
    room.set(number, data)
    return { shape, data }
  })
  const unpacked = nodes.map(({ spec, ...node }) => ({
    ...node,
    spec: mapped(spec, (value) => {
      const number = WeightNumber.of(value)
      return number === undefined ? value : made[number]
    }),
  }))
  return { graph: { ...graph, nodes: unpacked as unknown as GraphNode[] }, room }
}

/** How a weight's number stands in a node. */
class WeightNumber {
  readonly plain: { readonly weightNumber: number }

  constructor(number: number) {
    this.plain = { weightNumber: number }
  }

  static of(value: unknown): number | undefined {
    if (typeof value !== 'object' || value === null || !('weightNumber' in value)) return undefined
    return value.weightNumber as number
  }
}

function mapped(spec: object, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).map(([key, value]: [string, unknown]) => [key, change(value)]))
}
