import * as tf from '@tensorflow/tfjs-core'
import type { Shape } from '../../../shared/graph.ts'
import type { Operator } from '../operator.ts'
import { misfit, onlyInput, shapeText, sizeOf } from './shapes.ts'

/** The same values in another shape, row-major. */
export const reshape: Operator<'reshape'> = {
  outputShape(node, inputs) {
    const from = onlyInput(node, inputs)
    const to = node.spec.shape
    if (sizeOf(from) !== sizeOf(to)) {
      throw misfit(node, `input ${shapeText(from)} cannot take shape ${shapeText(to)}: the number of values differs.`)
    }
    return to
  },
  forward: (node, inputs) => tf.reshape(inputs[0], [inputs[0].shape[0], ...node.spec.shape]),
  backward: (_node, { inputs, upstream }) => [tf.reshape(upstream, inputs[0].shape)],
  footprint: () => ({ kind: 'everything' }),
}

/** Whether only the channels are regrouped, as in [28, 28] to [28, 28, 1]. */
export function keepsPlaces(from: Shape, to: Shape): boolean {
  return from.length >= 2 && to.length >= 2 && from[0] === to[0] && from[1] === to[1]
}
