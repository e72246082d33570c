import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished } from 'vitest'
import type { Graph, GraphNode } from '../../../shared/graph.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { Network } from '../../model/network.ts'

/** Whole numbers of `step`, as base64 of gzip of int16. */
interface WholeNumbers {
  readonly step: number
  readonly values: string
}

/** Guided backpropagation of one channel of a layer. */
interface GoldenHeatmap extends WholeNumbers {
  /** Its name; or of the layers with weights its number, or the shape of its kernel, which no other one has. */
  readonly layer: string | number | readonly number[]
  readonly channel: number
}

/** What a framework computes of a network in a file; made by the programs under scripts/golden. */
export interface GoldenNetwork {
  readonly name: string
  readonly image: WholeNumbers & { readonly shape: readonly number[] }
  readonly output: readonly number[]
  readonly heatmaps: readonly GoldenHeatmap[]
}

/** The cases in a file under scripts/golden. */
export function goldenNetworks<Golden extends GoldenNetwork>(name: string): readonly Golden[] {
  const stored = new URL(`../../../../scripts/golden/${name}`, import.meta.url)
  return (JSON.parse(readFileSync(stored, 'utf8')) as { cases: Golden[] }).cases
}

/** Of base64 of gzip. */
export function unpacked(text: string): Buffer {
  return gunzipSync(Buffer.from(text, 'base64'))
}

function numbers({ step, values }: WholeNumbers): number[] {
  const bytes = unpacked(values)
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index) * step)
}

/** Outputs to 1e-4, heatmaps to 1e-3 of their largest value. */
export function expectGolden(graph: Graph, golden: GoldenNetwork): void {
  const network = new Network(graph)
  onTestFinished(() => network.dispose())
  expect(graph.nodes[0].shape).toEqual(golden.image.shape)
  const nodes = golden.heatmaps.map(({ layer }) => {
    const [node, ...others] = nodesOf(graph, layer)
    expect(others).toEqual([])
    return node.id
  })
  const pass = new ImagePass(network, Float32Array.from(numbers(golden.image)), 1, nodes)
  onTestFinished(() => pass.dispose())
  expect(largestDifference(pass.scores(), golden.output)).toBeLessThan(1e-4)
  golden.heatmaps.forEach((heatmap, position) => {
    const method = { rule: 'guided', strideCorrection: 'none' } as const
    const signal = pass.signal(nodes[position], [0], [heatmap.channel], method)
    const expected = numbers(heatmap)
    const scale = Math.max(...expected.map(Math.abs))
    expect(scale).toBeGreaterThan(0)
    expect(largestDifference(signal, expected) / scale).toBeLessThan(1e-3)
  })
}

function nodesOf(graph: Graph, layer: GoldenHeatmap['layer']): GraphNode[] {
  if (typeof layer === 'string') return graph.nodes.filter(({ name }) => name === layer)
  const weighted = graph.nodes.filter(({ op }) => op === 'conv2d' || op === 'depthwiseConv2d' || op === 'dense')
  return typeof layer === 'number' ? [weighted[layer]] : weighted.filter((node) => hasKernel(node, layer))
}

function hasKernel({ spec }: GraphNode, shape: readonly number[]): boolean {
  return 'kernel' in spec && spec.kernel.shape.join() === shape.join()
}

function largestDifference(actual: Float32Array, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length)
  return expected.reduce((worst, value, index) => Math.max(worst, Math.abs(value - actual[index])), 0)
}
