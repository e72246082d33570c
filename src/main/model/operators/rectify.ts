import * as tf from '@tensorflow/tfjs-core'
import type { BackwardRule } from '../../../shared/graph.ts'
import { wherePositive } from './where-positive.ts'

/**
 * The signal below a rectifier with derivative f': gradient g f', deconvnet g [g > 0], guided backpropagation
 * g f' [g > 0]. For ReLU, where f' = [a > 0], this is the table of method section 4 (Springenberg et al. 2015,
 * figure 1); for rectifiers with another slope it is our extension of it.
 */
export function crossRectifier(upstream: tf.Tensor, rule: BackwardRule, derivative: () => tf.Tensor): tf.Tensor {
  return cross(upstream, rule, (signal) => tf.mul(signal, derivative()))
}

/** The same below a plain ReLU, whose input is `x`. */
export function crossRelu(upstream: tf.Tensor, rule: BackwardRule, x: tf.Tensor): tf.Tensor {
  return cross(upstream, rule, (signal) => wherePositive(signal, x))
}

/** @param timesDerivative multiplies a signal by f'. */
function cross(upstream: tf.Tensor, rule: BackwardRule, timesDerivative: (signal: tf.Tensor) => tf.Tensor): tf.Tensor {
  switch (rule) {
    case 'gradient':
      return timesDerivative(upstream)
    case 'deconvnet':
      return tf.relu(upstream)
    case 'guided':
      return timesDerivative(tf.relu(upstream))
  }
}

/** 1 where `condition` holds, else 0. */
export function indicator(condition: tf.Tensor): tf.Tensor {
  return tf.cast(condition, 'float32')
}
