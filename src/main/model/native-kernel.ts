import * as tf from '@tensorflow/tfjs-core'

/** What kernels of the native backend call; its types are not published. */
export interface NativeBackend extends tf.KernelBackend {
  readonly binding: Readonly<Record<'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_FLOAT' | 'TF_INT32', number>>
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly tf.TensorInfo[]): tf.TensorInfo
}

/** Makes an operator of TensorFlow known for which tfjs has no kernel. */
export function registerNative(
  operator: string,
  run: (native: NativeBackend, inputs: tf.NamedTensorInfoMap) => tf.TensorInfo,
): void {
  tf.registerKernel({
    kernelName: operator,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => run(backend as NativeBackend, inputs),
  })
}

/** Its output; undefined on other engines. */
export function runNative<T extends tf.Tensor>(operator: string, inputs: tf.NamedTensorMap): T | undefined {
  return tf.getKernel(operator, tf.getBackend()) ? tf.engine().runKernel<T>(operator, inputs) : undefined
}
