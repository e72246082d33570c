import * as tf from '@tensorflow/tfjs-core'

/**
 * The values of a tensor made inside a tidy. The array must not be returned from the tidy itself: tfjs then looks for
 * tensors among its elements, one by one, which takes longer than a forward pass.
 */
export function floatsOf(make: () => tf.Tensor): Float32Array {
  const tensor = tf.tidy(make)
  const values = tensor.dataSync<'float32'>()
  tensor.dispose()
  return values
}

/** The same for int32 tensors. */
export function integersOf(make: () => tf.Tensor): Int32Array {
  const tensor = tf.tidy(() => tf.cast(make(), 'int32'))
  const values = tensor.dataSync<'int32'>()
  tensor.dispose()
  return values
}

/**
 * Gives back the memory of an array that nobody looks at any more; it is empty then. Left to the garbage collector,
 * the arrays of an extraction make it run several times a second, on the cores that compute.
 */
export function release(values: Float32Array | Int32Array): void {
  if (values.buffer instanceof ArrayBuffer) values.buffer.transfer(0)
}
