import * as tf from '@tensorflow/tfjs-core'

const KERNEL = 'EuclideanNorm'

/** What kernels of the native backend call; its types are not published. */
interface NativeBackend extends tf.KernelBackend {
  readonly binding: Readonly<Record<'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_FLOAT' | 'TF_INT32', number>>
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly tf.TensorInfo[]): tf.TensorInfo
}

// TensorFlow has the operator, and it makes no tensor of squares as large as its input; tfjs knows no kernel for it.
tf.registerKernel({
  kernelName: KERNEL,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, backend }) => {
    const native = backend as NativeBackend
    const { TF_ATTR_BOOL, TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = native.binding
    const attributes = [
      { name: 'keep_dims', type: TF_ATTR_BOOL, value: false },
      { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: 'Tidx', type: TF_ATTR_TYPE, value: TF_INT32 },
    ]
    const axis = tf.tensor1d([1], 'int32')
    const norm = native.executeSingleOutput(KERNEL, attributes, [inputs['x'] as tf.TensorInfo, axis])
    axis.dispose()
    return norm
  },
})

/** Euclidean norm over the middle axis of `[images, places, channels]`, `[images, channels]`. */
export function euclideanNorm(x: tf.Tensor3D): tf.Tensor2D {
  return tf.getKernel(KERNEL, tf.getBackend())
    ? tf.engine().runKernel(KERNEL, { x })
    : tf.tidy(() => tf.sqrt(tf.sum(tf.square(x), 1)))
}
