import * as tf from '@tensorflow/tfjs-core'
import { registerNative, runNative } from './native-kernel.ts'

const OPERATOR = 'EuclideanNorm'

// It makes no tensor of squares as large as its input.
registerNative(OPERATOR, (native, { x }) => {
  const { TF_ATTR_BOOL, TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = native.binding
  const attributes = [
    { name: 'keep_dims', type: TF_ATTR_BOOL, value: false },
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'Tidx', type: TF_ATTR_TYPE, value: TF_INT32 },
  ]
  const axis = tf.tensor1d([1], 'int32')
  const norm = native.executeSingleOutput(OPERATOR, attributes, [x!, axis])
  axis.dispose()
  return norm
})

/** Euclidean norm over the middle axis of `[images, places, channels]`, `[images, channels]`. */
export function euclideanNorm(x: tf.Tensor3D): tf.Tensor2D {
  return runNative<tf.Tensor2D>(OPERATOR, { x }) ?? tf.tidy(() => tf.sqrt(tf.sum(tf.square(x), 1)))
}
