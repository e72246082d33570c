/**
 * Loads the tfjs-node package in the folder given as argument, convolves, and compares with numbers
 * worked out by hand. Prints TensorFlow's version, or fails with the reason on stderr. A program of its
 * own, because a library that does not fit the processor takes its whole process down.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import util from 'node:util'

// tfjs-node 4.22 calls two helpers that Node removed in version 23.
Object.assign(util, {
  isNullOrUndefined: (/** @type {unknown} */ value) => value === null || value === undefined,
  isArray: Array.isArray,
})
process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3'

const folder = path.resolve(process.argv[2] ?? '')
/** @type {typeof import('@tensorflow/tfjs-core')} */
const tf = createRequire(import.meta.url)(folder)

// Input [1, 4, 4, 1] counts 1..16. Output channel 0 weighs each 2 x 2 window with 1 2 3 4, channel 1 with minus
// ones: with b the window's top left value, 10 b + 34 and -(4 b + 10).
const input = tf.tensor4d(Array.from({ length: 16 }, (_, i) => i + 1), [1, 4, 4, 1])
const kernel = tf.tensor4d([1, -1, 2, -1, 3, -1, 4, -1], [2, 2, 1, 2])
const actual = tf.conv2d(input, kernel, 1, 'valid').dataSync()
const expected = [1, 2, 3, 5, 6, 7, 9, 10, 11].flatMap((b) => [10 * b + 34, -(4 * b + 10)])
if (tf.getBackend() !== 'tensorflow') throw new Error(`the backend is ${tf.getBackend()}`)
if (actual.length !== expected.length || expected.some((value, i) => Math.abs(value - (actual[i] ?? NaN)) > 1e-4)) {
  throw new Error(`a convolution gives ${actual.join(' ')} instead of ${expected.join(' ')}`)
}
const backend = /** @type {{ binding?: { TF_Version?: string } }} */ (/** @type {unknown} */ (tf.backend()))
console.log(`TensorFlow ${backend.binding?.TF_Version ?? 'unknown'}`)
