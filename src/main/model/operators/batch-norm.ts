import * as tf from '@tensorflow/tfjs-core'
import type { OperatorSpecs } from '../../../shared/graph.ts'
import type { Operator, WeightLookup } from '../operator.ts'
import { expectWeight, misfit, onlyInput } from './shapes.ts'

/** Batch normalisation in inference form; backwards times scale / sqrt(variance + epsilon). */
export const batchNorm: Operator<'batchNorm'> = {
  outputShape(node, inputs) {
    const shape = onlyInput(node, inputs)
    if (shape.length === 0) throw misfit(node, 'needs an input with at least one axis, but gets a single number.')
    const { scale, offset, mean, variance } = node.spec
    for (const [role, weight] of Object.entries({ scale, offset, mean, variance })) {
      if (weight) expectWeight(node, role, weight, [shape.at(-1)!], shape)
    }
    return shape
  },

  forward(node, inputs, weight) {
    const { offset, mean } = node.spec
    const factor = factorOf(node.spec, weight)
    const centre = tf.mul(weight(mean), factor)
    const shift = offset ? tf.sub(weight(offset), centre) : tf.neg(centre)
    return tf.add(tf.mul(inputs[0], factor), shift)
  },

  backward: (node, { upstream, weight }) => [tf.mul(upstream, factorOf(node.spec, weight))],

  footprint: () => ({ kind: 'point' }),
}

/** scale / sqrt(variance + epsilon), `[channels]`. */
function factorOf({ scale, variance, epsilon }: OperatorSpecs['batchNorm'], weight: WeightLookup): tf.Tensor {
  const inverse = tf.rsqrt(tf.add(weight(variance), epsilon))
  return scale ? tf.mul(weight(scale), inverse) : inverse
}
