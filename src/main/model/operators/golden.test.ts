import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { BackwardRule, GraphNode, OperatorSpecs, StrideCorrection, Weight } from '../../../shared/graph.ts'
import { startEngine } from '../engine.ts'
import { backwardOf, forwardOf, outputShapeOf } from './index.ts'

interface StoredArray {
  shape: number[]
  data: number[]
}

interface GoldenCase {
  name: string
  nodes: { op: GraphNode['op']; spec: Record<string, unknown>; inputs: number[] }[]
  input: StoredArray
  upstream: StoredArray
  output: StoredArray
  /** Expected signal at the input by "rule/stride correction". */
  backward: Record<string, number[]>
}

const stored = new URL('../../../../scripts/golden/operators.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(stored, 'utf8')) as { cases: GoldenCase[] }

describe('operators against PyTorch', () => {
  beforeAll(async () => {
    await startEngine()
  })

  describe.each(cases)('$name', (golden) => {
    it('forward', () => {
      const values = run(golden)
      expectClose(values.at(-1)!, golden.output.data, golden.output.shape)
    })

    it.each(Object.keys(golden.backward))('backward %s', (key) => {
      const [rule, strideCorrection] = key.split('/') as [BackwardRule, StrideCorrection]
      const nodes = nodesOf(golden)
      const values = run(golden)
      let upstream: tf.Tensor = upload(golden.upstream)
      for (const node of nodes.toReversed()) {
        const inputs = node.inputs.map((id) => values[id])
        const context = { inputs, output: values[node.id], upstream, rule, strideCorrection, weight: upload }
        upstream = backwardOf(node, context)[0]!
      }
      expectClose(upstream, golden.backward[key], golden.input.shape)
    })
  })
})

/** Outputs by node id; 0 is the input. */
function run(golden: GoldenCase): tf.Tensor[] {
  const values: tf.Tensor[] = [upload(golden.input)]
  for (const node of nodesOf(golden)) {
    values.push(forwardOf(node, node.inputs.map((id) => values[id]), upload))
    expect(values.at(-1)!.shape.slice(1)).toEqual(node.shape)
  }
  return values
}

function nodesOf(golden: GoldenCase): GraphNode[] {
  const shapes: (readonly number[])[] = [golden.input.shape.slice(1)]
  return golden.nodes.map(({ op, spec, inputs }, position) => {
    const node = { id: position + 1, name: `${golden.name} ${position}`, op, spec: revive(spec), inputs }
    const shape = outputShapeOf(node as Pick<GraphNode, 'op' | 'name' | 'spec'>, inputs.map((id) => shapes[id]))
    shapes.push(shape)
    return { ...node, shape } as GraphNode
  })
}

/** Stored arrays become weights. */
function revive(spec: Record<string, unknown>): OperatorSpecs[GraphNode['op']] {
  const entries = Object.entries(spec).map(([key, value]) => [key, isArray(value) ? weightOf(value) : value])
  return Object.fromEntries(entries) as OperatorSpecs[GraphNode['op']]
}

function isArray(value: unknown): value is StoredArray {
  return typeof value === 'object' && value !== null && 'data' in value
}

function weightOf({ shape, data }: StoredArray): Weight {
  return { shape, data: Float32Array.from(data) }
}

function upload({ shape, data }: StoredArray | Weight): tf.Tensor {
  return tf.tensor(data instanceof Float32Array ? data : Float32Array.from(data), [...shape])
}

/** Within 1e-5 of the largest value: one float32 chain against float64. */
function expectClose(actual: tf.Tensor, expected: readonly number[], shape: readonly number[]): void {
  expect(actual.shape).toEqual(shape)
  const values = actual.dataSync()
  const scale = Math.max(...expected.map(Math.abs))
  const differences = expected.map((value, index) => Math.abs(values[index] - value) / scale)
  expect(Math.max(...differences)).toBeLessThan(1e-5)
}
