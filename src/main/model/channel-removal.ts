import * as tf from '@tensorflow/tfjs-core'
import type { GraphNode, NodeOf, OperatorSpecs, Shape } from '../../shared/graph.ts'
import { forwardOf } from './operators/index.ts'
import type { WeightLookup } from './operator.ts'

/**
 * The output channels of `node` that become zero when `channels` of its only input do and the rest of the input stays:
 * the rest of the output stays, too. Undefined where the operator mixes channels or does not carry zero to zero.
 */
export function passedZeros(node: GraphNode, input: Shape, channels: readonly number[]): readonly number[] | undefined {
  switch (node.op) {
    case 'relu':
      return ofZero(node.spec) === 0 ? channels : undefined
    case 'maxPool':
    case 'averagePool':
    case 'prelu':
    case 'elu':
    case 'tanh':
    case 'hardSwish':
    case 'silu':
    case 'gelu':
    case 'dropout':
    case 'zeroPadding':
    case 'globalMaxPool':
    case 'globalAveragePool':
      return channels
    case 'flatten': {
      const depth = input.at(-1)!
      const places = input.slice(0, -1).reduce((product, size) => product * size, 1)
      return Array.from({ length: places }, (_, place) => channels.map((channel) => place * depth + channel)).flat()
    }
    default:
      return undefined
  }
}

function ofZero({ maxValue, negativeSlope, threshold }: OperatorSpecs['relu']): number {
  if (maxValue !== null && maxValue <= 0) return maxValue
  return threshold <= 0 ? 0 : negativeSlope * -threshold
}

/** An operator whose output is the bias plus a sum of what each input channel contributes. */
export type SummingNode = NodeOf<'conv2d'> | NodeOf<'dense'>

export function isSumming(node: GraphNode): node is SummingNode {
  return node.op === 'dense' || (node.op === 'conv2d' && node.spec.groups === 1)
}

/**
 * What `channels` of `input` contribute to the output of `node`, and the bias on request. Called inside `tf.tidy`.
 */
export function contribution(
  node: SummingNode,
  input: tf.Tensor,
  channels: readonly number[],
  weight: WeightLookup,
  withBias: boolean,
): tf.Tensor {
  const chosen = tf.tensor1d(Int32Array.from(channels), 'int32')
  const part = tf.gather(input, chosen, input.rank - 1)
  const kernel = tf.gather(weight(node.spec.kernel), chosen, node.op === 'dense' ? 0 : 2)
  const lookUp: WeightLookup = (asked) => (asked === node.spec.kernel ? kernel : weight(asked))
  const bias = withBias ? node.spec.bias : null
  return node.op === 'dense'
    ? forwardOf({ ...node, spec: { ...node.spec, bias } }, [part], lookUp)
    : forwardOf({ ...node, spec: { ...node.spec, bias } }, [part], lookUp)
}
