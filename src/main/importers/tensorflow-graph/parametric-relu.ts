import { makerOf, type DataflowGraph } from '../dataflow/graph.ts'
import type { ConstantOf, Tensor } from '../dataflow/tensor.ts'
import type { TensorFlowNode } from './node.ts'

/** A ReLU with slopes of its own below zero, and the value it is applied to. */
export interface ParametricRelu {
  readonly input: string
  readonly slopes: Tensor
}

/**
 * Recognises such a ReLU as Keras writes it: relu(x) - slopes * relu(-x), or with negative slopes in a sum. Null where
 * `last` ends none.
 */
export function parametricReluAt(
  graph: DataflowGraph<TensorFlowNode>,
  last: TensorFlowNode,
  constantOf: ConstantOf,
): ParametricRelu | null {
  if (last.operation !== 'Add' && last.operation !== 'Sub') return null
  const made = (name: string | undefined, operator: string): TensorFlowNode | undefined => {
    const node = makerOf(graph, name)
    return node?.operator === operator ? node : undefined
  }
  const turns = (inputs: readonly string[]) => [inputs, inputs.toReversed()]
  for (const [above, below] of last.operation === 'Sub' ? [last.inputs] : turns(last.inputs)) {
    const input = made(above, 'Relu')?.inputs[0]
    for (const [factor, rest] of turns(made(below, 'Mul')?.inputs ?? [])) {
      const slopes = factor === undefined ? undefined : constantOf(factor)
      const negated = made(made(rest, 'Relu')?.inputs[0], 'Neg')
      if (!slopes || input === undefined || negated?.inputs[0] !== input) continue
      const data = last.operation === 'Sub' ? slopes.data : slopes.data.map((slope) => -slope)
      return { input, slopes: { ...slopes, data } }
    }
  }
  return null
}
