import * as tf from '@tensorflow/tfjs-core'
import type { Operator } from '../operator.ts'
import { misfit, onlyInput, shapeText } from './shapes.ts'

/** Axes in another order; backwards in the inverse order. */
export const permute: Operator<'permute'> = {
  outputShape(node, inputs) {
    const shape = onlyInput(node, inputs)
    const { order } = node.spec
    const isOrder = [...order].sort((a, b) => a - b).every((axis, index) => axis === index)
    if (order.length !== shape.length || !isOrder) {
      throw misfit(node, `axis order ${shapeText(order)} does not fit input ${shapeText(shape)}.`)
    }
    return order.map((axis) => shape[axis])
  },
  forward: (node, inputs) => tf.transpose(inputs[0], withImages(node.spec.order)),
  backward(node, { upstream }) {
    const { order } = node.spec
    return [tf.transpose(upstream, withImages(order.map((_, axis) => order.indexOf(axis))))]
  },
  footprint(node) {
    const keepsPlaces = node.spec.order[0] === 0 && (node.spec.order.length < 2 || node.spec.order[1] === 1)
    return { kind: keepsPlaces ? 'point' : 'everything' }
  },
}

function withImages(order: readonly number[]): number[] {
  return [0, ...order.map((axis) => axis + 1)]
}
