import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { crossRectifier } from './rectify.ts'
import { onlyInput } from './shapes.ts'

const CUBIC = 0.044715
const TANH_SCALE = Math.sqrt(2 / Math.PI)

/**
 * x times the normal distribution function of x, or its approximation by tanh (Hendrycks & Gimpel 2016, section 2);
 * treated as a rectifier.
 */
export const gelu: Operator<'gelu'> = {
  outputShape: onlyInput,
  forward: (node, inputs) => tf.mul(inputs[0], share(inputs[0], node.spec.approximate)),
  backward(node, { inputs, upstream, rule }) {
    const { approximate } = node.spec
    const x = inputs[0]
    const derivative = () => tf.add(share(x, approximate), tf.mul(x, shareSlope(x, approximate)))
    return [crossRectifier(upstream, rule, derivative)]
  },
  footprint: () => ({ kind: 'point' }),
}

/** What part of x passes: the normal distribution function, between 0 and 1. */
function share(x: tf.Tensor, approximate: boolean): tf.Tensor {
  const odd = approximate ? tf.tanh(tanhArgument(x)) : tf.erf(tf.mul(x, Math.SQRT1_2))
  return tf.mul(tf.add(odd, 1), 0.5)
}

function shareSlope(x: tf.Tensor, approximate: boolean): tf.Tensor {
  const squared = tf.square(x)
  if (!approximate) return tf.mul(tf.exp(tf.mul(squared, -0.5)), 1 / Math.sqrt(2 * Math.PI))
  const inner = tf.mul(tf.add(tf.mul(squared, 3 * CUBIC), 1), 0.5 * TANH_SCALE)
  return tf.mul(inner, tf.sub(1, tf.square(tf.tanh(tanhArgument(x)))))
}

function tanhArgument(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC), 1)), TANH_SCALE)
}
