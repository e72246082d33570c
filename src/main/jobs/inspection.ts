import { classLayers, layersOf, NAMED_LAYER_SETS, rectifierReport, resolveLayerSet } from '../../core/layers.ts'
import type { Graph } from '../../shared/graph.ts'
import type { LayerSetName, ModelReport } from '../../shared/results.ts'
import { fieldsOf } from '../model/fields.ts'

/** The layers of a model and what the backward pass will do at its non-linearities. */
export function inspect(graph: Graph): ModelReport {
  const fields = fieldsOf(graph)
  const tied = new Set(classLayers(graph).map((layer) => layer.node))
  const members = NAMED_LAYER_SETS.map((name) => ({ name, nodes: nodesOf(graph, name) }))
  return {
    source: graph.source,
    hash: graph.hash,
    input: graph.nodes[0].shape,
    layers: layersOf(graph).map(({ number, node, name, op, shape, channels }) => {
      const { vertical, horizontal, whole } = fields[node]
      const sets = members.filter(({ nodes }) => nodes.has(node)).map((set): LayerSetName => set.name)
      return {
        number,
        name,
        operator: op,
        shape,
        channels,
        stride: whole ? null : [vertical.stride, horizontal.stride],
        receptiveField: [vertical.size, horizontal.size],
        sets: tied.has(node) ? ['classes'] : sets,
      }
    }),
    nonLinearities: rectifierReport(graph).map(({ sentence }) => sentence),
    warnings: graph.warnings,
    ...(graph.suggestion ? { suggestion: graph.suggestion } : {}),
  }
}

/** A model may have no layer for a set, for instance no convolution: the set is empty then. */
function nodesOf(graph: Graph, name: string): Set<number> {
  try {
    return new Set(resolveLayerSet(graph, name).nodes)
  } catch {
    return new Set()
  }
}
