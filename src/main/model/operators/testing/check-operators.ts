import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { BackwardRule, GraphNode, Shape, StrideCorrection, Weight } from '../../../../shared/graph.ts'
import type { EngineName } from '../../engine.ts'
import { startEngine } from '../../engine.ts'
import { backwardOf, forwardOf, outputShapeOf } from '../index.ts'
import type { OperatorCase } from './cases.ts'
import { operatorCases, randomValues } from './cases.ts'
import { numericGradient, plainBackward, plainOptions } from './plain-backward.ts'
import type { Plain } from './plain-forward.ts'
import { plainForward } from './plain-forward.ts'

const images = 2
const rules: readonly BackwardRule[] = ['gradient', 'deconvnet', 'guided']
const corrections: readonly StrideCorrection[] = ['none', 'conv', 'conv+pool']

/** Compares every operator, on the engine of this process, with its plain restatement. */
export function checkOperators(engine: EngineName): void {
  beforeAll(async () => {
    expect((await startEngine(engine)).name).toBe(engine)
  })

  describe.each(operatorCases)('$title', (operatorCase) => {
    it('forward', () => {
      const { node, inputs } = prepare(operatorCase)
      const expected = inputs.map((parts) => runPlain(operatorCase, parts))
      expect(node.shape).toEqual(expected[0].shape)
      const actual = withTensors(inputs, (tensors, weight) => forwardOf(node, tensors, weight))
      expectClose(actual, expected)
    })

    if (operatorCase.op === 'softmax') {
      it('is never crossed', () => {
        const { node, inputs } = prepare(operatorCase)
        expect(() => backwardEverywhere(node, inputs, inputs.map((parts) => parts[0]), 'gradient', 'none')).toThrow(
          expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('never crossed') as string }),
        )
      })
      return
    }

    it('backward under every rule and stride correction', () => {
      const { node, inputs } = prepare(operatorCase)
      const upstream = inputs.map(() => randomPlain(node.shape))
      const { op, spec } = node
      const depends = plainOptions(op)
      const known = new Map<string, Plain[][]>()
      for (const rule of rules) {
        for (const correction of corrections) {
          const key = `${depends.rule && rule} ${depends.correction && correction}`
          const expected =
            known.get(key) ??
            inputs.map((parts, image) => plainBackward(op, spec, parts, upstream[image], rule, correction))
          known.set(key, expected)
          const actual = backwardEverywhere(node, inputs, upstream, rule, correction)
          actual.forEach((signal, position) => {
            expectClose(signal, expected.map((parts) => parts[position]))
          })
        }
      }
    })

    if (operatorCase.ties) return
    it('gradient agrees with numeric differences', () => {
      const { node, inputs } = prepare(operatorCase)
      const upstream = inputs.map(() => randomPlain(node.shape))
      const { op, spec } = node
      const actual = backwardEverywhere(node, inputs, upstream, 'gradient', 'none')
      // Seven is coprime to the sizes used, so that rows, columns and channels are all met.
      const expected = inputs.map((parts, image) => numericGradient(op, spec, parts, upstream[image], 7))
      actual.forEach((signal, position) => expectClose(signal, expected.map((parts) => parts[position])))
    })
  })
}

function prepare(operatorCase: OperatorCase): { node: GraphNode; inputs: Plain[][] } {
  const { op, spec, inputs } = operatorCase
  const named = { id: 9, name: 'tested', op, spec, inputs: inputs.map((_, index) => index) }
  const shape = outputShapeOf(named, inputs)
  return {
    node: { ...named, shape } as GraphNode,
    inputs: Array.from({ length: images }, () => inputs.map((part) => randomPlain(part, operatorCase.ties))),
  }
}

function runPlain({ op, spec }: OperatorCase, inputs: readonly Plain[]): Plain {
  return (plainForward[op] as (spec: unknown, inputs: readonly Plain[]) => Plain)(spec, inputs)
}

function randomPlain(shape: Shape, ties = false): Plain {
  const values = randomValues(shape.reduce((product, size) => product * size, 1), ties)
  return { shape, data: Float64Array.from(values) }
}

function backwardEverywhere(
  node: GraphNode,
  inputs: readonly Plain[][],
  upstream: readonly Plain[],
  rule: BackwardRule,
  strideCorrection: StrideCorrection,
): tf.Tensor[] {
  return withTensors(inputs, (tensors, weight) => {
    const output = forwardOf(node, tensors, weight)
    const signal = stack(upstream)
    const context = { inputs: tensors, output, upstream: signal, rule, strideCorrection, weight }
    const downstream = tf.tidy(() => backwardOf(node, context))
    for (const tensor of downstream) expect([...tensors, output, signal]).not.toContain(tensor)
    return downstream
  })
}

/**
 * Runs `use` on the images as batches and proves that disposing of its results leaves inputs and weights intact and
 * nothing else behind. Returns copies of the results.
 */
function withTensors<Result extends tf.Tensor | tf.Tensor[]>(
  inputs: readonly Plain[][],
  use: (tensors: tf.Tensor[], weight: (weight: Weight) => tf.Tensor) => Result,
): Result {
  return tf.tidy(() => {
    const tensors = inputs[0].map((_, position) => stack(inputs.map((parts) => parts[position])))
    const uploaded = new Map<Weight, tf.Tensor>()
    const result = use(tensors, (weight) => {
      const known = uploaded.get(weight)
      if (known) return known
      const tensor = tf.tensor(weight.data, [...weight.shape])
      uploaded.set(weight, tensor)
      return tensor
    })
    const results: tf.Tensor[] = Array.isArray(result) ? result : [result]
    const copies = results.map((tensor) => tf.tensor(tensor.dataSync(), tensor.shape))
    for (const tensor of results) tensor.dispose()
    for (const tensor of [...tensors, ...uploaded.values()]) expect(tensor.isDisposed).toBe(false)
    return (Array.isArray(result) ? copies : copies[0]) as Result
  })
}

function stack(parts: readonly Plain[]): tf.Tensor {
  const values = Float32Array.from(parts.flatMap((part) => [...part.data]))
  return tf.tensor(values, [parts.length, ...parts[0].shape])
}

/** Within 2e-5 of the larger of 1 and the value: float32 against float64. Entries expected to be NaN are left out. */
function expectClose(actual: tf.Tensor, expected: readonly Plain[]): void {
  expect(actual.shape).toEqual([expected.length, ...expected[0].shape])
  const values = actual.dataSync()
  let worst = 0
  expected.flatMap((part) => [...part.data]).forEach((value, index) => {
    if (Number.isNaN(value)) return
    const difference = Math.abs(values[index] - value) / Math.max(1, Math.abs(value))
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference)
  })
  expect(worst).toBeLessThan(2e-5)
}
