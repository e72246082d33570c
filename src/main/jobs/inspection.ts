import { classLayers, layersOf, NAMED_LAYER_SETS, rectifierReport, resolveLayerSet } from '../../core/layers.ts'
import { distinctParameters, parametersOf, sharedWeights } from '../../core/model-parameters.ts'
import { scoreKind } from '../../core/score-kind.ts'
import type { Graph } from '../../shared/graph.ts'
import type { LayerSetName, ModelReport, ReusedOutput } from '../../shared/model-report.ts'
import { fieldsOf } from '../model/fields.ts'

/** What is known of a model before anything runs. */
export function inspect(graph: Graph): ModelReport {
  const fields = fieldsOf(graph)
  const layers = layersOf(graph)
  const tied = new Set(classLayers(graph).map((layer) => layer.node))
  const members = NAMED_LAYER_SETS.map((name) => ({ name, nodes: nodesOf(graph, name) }))
  const numbers = new Map(layers.map(({ node, number }) => [node, number]))
  return {
    source: graph.source,
    hash: graph.hash,
    input: graph.nodes[0].shape,
    channelsFirst: graph.channelsFirst ?? false,
    outputs: graph.nodes[graph.output].shape.at(-1)!,
    scores: scoreKind(graph),
    parameters: distinctParameters(graph),
    layers: layers.map(({ number, node, name, op, shape, channels }) => {
      const { vertical, horizontal, whole } = fields[node]
      const sets = members.filter(({ nodes }) => nodes.has(node)).map((set): LayerSetName => set.name)
      return {
        number,
        name,
        operator: op,
        shape,
        channels,
        parameters: parametersOf(graph.nodes[node]),
        stride: whole ? null : [vertical.stride, horizontal.stride],
        receptiveField: [vertical.size, horizontal.size],
        sets: tied.has(node) ? ['classes'] : sets,
      }
    }),
    sharedWeights: sharedWeights(graph).map((nodes) => nodes.map((node) => numbers.get(node)!)),
    reusedOutputs: reusedOutputs(graph, numbers),
    nonLinearities: rectifierReport(graph).map(({ name, guided, sentence }) => ({ name, guided, sentence })),
    warnings: graph.warnings,
    ...(graph.suggestion ? { suggestion: graph.suggestion } : {}),
  }
}

/** Readers are found through what is no layer, such as a flatten. */
function reusedOutputs(graph: Graph, numbers: ReadonlyMap<number, number>): ReusedOutput[] {
  const sources = new Map<number, readonly number[]>([[0, [0]]])
  const readers = new Map<number, Set<number>>()
  for (const { id, inputs } of graph.nodes.slice(1)) {
    const read = [...new Set(inputs.flatMap((input) => sources.get(input)!))]
    const number = numbers.get(id)
    sources.set(id, number === undefined ? read : [number])
    if (number === undefined) continue
    for (const layer of read) readers.set(layer, (readers.get(layer) ?? new Set()).add(number))
  }
  return [...readers]
    .map(([layer, by]) => ({ layer, readers: [...by].sort((a, b) => a - b) }))
    .filter((output) => output.readers.length > 1)
    .sort((a, b) => a.layer - b.layer)
}

/** A model may have no layer for a set, for instance no convolution: the set is empty then. */
function nodesOf(graph: Graph, name: string): Set<number> {
  try {
    return new Set(resolveLayerSet(graph, name).nodes)
  } catch {
    return new Set()
  }
}
