import * as tf from '@tensorflow/tfjs-core'
import { registerNative, runNative } from '../native-kernel.ts'

const OPERATOR = 'ReluGrad'

registerNative(OPERATOR, (native, { gradients, features }) => {
  const attributes = [{ name: 'T', type: native.binding.TF_ATTR_TYPE, value: native.binding.TF_FLOAT }]
  return native.executeSingleOutput(OPERATOR, attributes, [gradients!, features!])
})

/** `signal` where `x`, of the same shape, is above 0, and 0 elsewhere. To be called within a tidy. */
export function wherePositive(signal: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return (
    runNative(OPERATOR, { gradients: signal, features: x }) ?? tf.mul(signal, tf.cast(tf.greater(x, 0), 'float32'))
  )
}
