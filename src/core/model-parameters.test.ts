import { expect, test } from 'vitest'
import type { Graph, GraphNode, Weight } from '../shared/graph.ts'
import { distinctParameters, parametersOf, sharedWeights } from './model-parameters.ts'

const weight = (...data: number[]): Weight => ({ shape: [1, data.length], data: Float32Array.from(data) })

/** Dense layers one behind the other; only their weights matter here. */
function graphOf(...specs: readonly { readonly kernel: Weight; readonly bias: Weight | null }[]): Graph {
  const image = { id: 0, name: 'image', op: 'input', spec: { shape: [1] }, inputs: [], shape: [1] } as const
  const dense = specs.map((spec, i): GraphNode => ({
    id: i + 1, name: `dense${i + 1}`, op: 'dense', spec, inputs: [i], shape: [1],
  }))
  return { nodes: [image, ...dense], output: specs.length, source: '', hash: '', warnings: [] }
}

test('counts the numbers in all weights of a layer', () => {
  const graph = graphOf({ kernel: weight(1, 2, 3), bias: weight(0) }, { kernel: weight(1, 2), bias: null })
  expect(graph.nodes.map(parametersOf)).toEqual([0, 4, 2])
  expect(distinctParameters(graph)).toBe(6)
})

test('finds layers with the same weights, whether the file’s array or a copy, and counts them once', () => {
  const kernel = weight(1, 2, 3)
  const graph = graphOf(
    { kernel, bias: weight(4) },
    { kernel: weight(1, 2, 5), bias: weight(4) },
    { kernel, bias: weight(4) },
    { kernel: weight(1, 2, 3), bias: weight(4) },
    { kernel, bias: weight(5) },
    { kernel, bias: null },
  )
  expect(sharedWeights(graph)).toEqual([[1, 3, 4]])
  expect(distinctParameters(graph)).toBe(4 + 4 + 4 + 3)
})

test('does not take layers for one whose weights are all constant', () => {
  const fresh = (): { kernel: Weight; bias: Weight } => ({ kernel: weight(1, 1, 1), bias: weight(0) })
  const graph = graphOf(fresh(), fresh())
  expect(sharedWeights(graph)).toEqual([])
  expect(distinctParameters(graph)).toBe(8)
})

test('does not count a kernel that only puts channels in another order', () => {
  const graph = graphOf({ kernel: weight(1, 2, 3), bias: null }, { kernel: weight(0, 1, 1, 0), bias: null })
  const [image, trained, turned] = graph.nodes
  const picking = { ...turned, spec: { ...turned.spec, picksChannels: true } } as unknown as GraphNode
  expect(distinctParameters({ ...graph, nodes: [image, trained, picking] })).toBe(3)
})
