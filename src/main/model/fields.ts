import { receptiveFields, type ReceptiveField } from '../../core/receptive-field.ts'
import type { Graph } from '../../shared/graph.ts'
import { footprintOf } from './operators/index.ts'

const known = new WeakMap<Graph, ReceptiveField[]>()

/** Receptive field of every node, by id. */
export function fieldsOf(graph: Graph): readonly ReceptiveField[] {
  let fields = known.get(graph)
  if (!fields) {
    fields = receptiveFields(graph.nodes, footprintOf, graph.nodes[0].shape)
    known.set(graph, fields)
  }
  return fields
}
