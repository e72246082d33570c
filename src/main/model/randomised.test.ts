import { beforeAll, describe, expect, it } from 'vitest'
import type { Graph, GraphNode, Weight } from '../../shared/graph.ts'
import { startEngine } from './engine.ts'
import { Network } from './network.ts'
import { learntNodes, partlyRandomised, randomisedGraph } from './randomised.ts'
import { exampleGraph, graphOf, randomValues } from './testing/example.ts'

const graph = exampleGraph()

beforeAll(() => startEngine())

/** `node.role` and weight of everything that a graph holds. */
function weightsOf({ nodes }: Graph): Map<string, Weight> {
  return new Map(nodes.flatMap((node) => {
    return Object.entries(node.spec as Record<string, unknown>)
      .filter((entry): entry is [string, Weight] => (entry[1] as Weight | null)?.data instanceof Float32Array)
      .map(([role, weight]) => [`${node.name}.${role}`, weight] as const)
  }))
}

/** The node as one that only puts channels in another order, where it has this name. */
function pickingIn(node: GraphNode, name: string): GraphNode {
  return node.name === name ? ({ ...node, spec: { ...node.spec, picksChannels: true } } as GraphNode) : node
}

describe('randomisedGraph', () => {
  const shuffled = randomisedGraph(graph, 3)

  it('keeps shapes and values of every weight, in another order', () => {
    const before = weightsOf(graph)
    const after = weightsOf(shuffled)
    expect([...after.keys()]).toEqual([...before.keys()])
    expect(before.size).toBe(10)
    for (const [name, { shape, data }] of before) {
      expect(after.get(name)!.shape).toEqual(shape)
      expect([...after.get(name)!.data].sort()).toEqual([...data].sort())
      if (name.startsWith('norm.')) expect(after.get(name)!.data).toEqual(data)
      else if (data.length > 6) expect(after.get(name)!.data).not.toEqual(data)
    }
  })

  it('leaves a kernel alone that only puts channels in another order', () => {
    const turned = { ...graph, nodes: graph.nodes.map((node) => pickingIn(node, 'conv1')) }
    expect(weightsOf(randomisedGraph(turned, 3)).get('conv1.kernel')).toEqual(weightsOf(graph).get('conv1.kernel'))
    expect(learntNodes(turned)).toEqual(learntNodes(graph).filter((id) => graph.nodes[id].name !== 'conv1'))
  })

  it('leaves the original and its structure alone', () => {
    expect(graph).toEqual(exampleGraph())
    const skeleton = ({ nodes }: Graph) => nodes.map((node) => ({ ...node, spec: undefined }))
    expect(skeleton(shuffled)).toEqual(skeleton(graph))
    expect(shuffled.nodes[3]).toEqual(graph.nodes[3])
  })

  it('repeats with its seed, and has a hash of its own', () => {
    expect(randomisedGraph(graph, 3)).toEqual(shuffled)
    const other = randomisedGraph(graph, 4)
    expect(weightsOf(other).get('conv1.kernel')).not.toEqual(weightsOf(shuffled).get('conv1.kernel'))
    expect(new Set([graph.hash, shuffled.hash, other.hash]).size).toBe(3)
  })

  it('shuffles weights of one size in different orders', () => {
    const ramp = (): Weight => ({ shape: [64], data: Float32Array.from({ length: 64 }, (_, i) => i) })
    const twins = graphOf(
      ['input', 'x', { shape: [64] }, []],
      ['prelu', 'first', { alpha: ramp() }, [0]],
      ['prelu', 'second', { alpha: ramp() }, [1]],
    )
    const orders = [...weightsOf(randomisedGraph(twins, 1)).values(), ramp()].map(({ data }) => data.join())
    expect(new Set(orders).size).toBe(3)
  })

  it('predicts something else', () => {
    const data = randomValues(8 * 7 * 3, 50)
    const [before, after] = [graph, shuffled].map((each) => {
      const network = new Network(each)
      const scores = [...network.output(data, 1, each.output)]
      network.dispose()
      return scores
    })
    expect(Math.max(...before.map((score, j) => Math.abs(score - after[j])))).toBeGreaterThan(0.05)
  })
})

describe('partlyRandomised', () => {
  const shuffled = randomisedGraph(graph, 3)
  const nodes = learntNodes(graph)

  it('knows what is learnt, from the output down', () => {
    expect(nodes.map((id) => graph.nodes[id].name)).not.toContain('norm')
    expect(nodes).toEqual(nodes.toSorted((a, b) => b - a))
  })

  it('takes the named nodes from the randomised graph and leaves the others, without a copy of a weight', () => {
    const last = nodes[0]
    const partly = partlyRandomised(graph, shuffled, new Set([last]))
    for (const id of nodes) expect(partly.nodes[id]).toBe((id === last ? shuffled : graph).nodes[id])
    expect(partlyRandomised(graph, shuffled, new Set(nodes)).nodes).toEqual(shuffled.nodes)
    const other = partlyRandomised(graph, shuffled, new Set(nodes.slice(0, 2)))
    expect(new Set([partly.hash, other.hash, shuffled.hash, graph.hash]).size).toBe(4)
  })
})
