import * as tf from '@tensorflow/tfjs-core'

export interface ConvolutionTiming {
  /** What was measured, for the label beside the number. */
  readonly description: string
  /** Median over `repeats`, in milliseconds for one batch, until the values are in memory. */
  readonly milliseconds: number
  readonly repeats: number
}

const BATCH = 8
const SIDE = 28
const CHANNELS = 64
const REPEATS = 7
const SLOW_MILLISECONDS = 500

/**
 * Times one convolution on the engine that runs: a rough figure that tells engines apart, not a model's speed.
 * Takes well under a second on native TensorFlow and a few seconds on the plain JavaScript engine.
 */
export async function timeConvolution(): Promise<ConvolutionTiming> {
  const image = tf.ones<tf.Rank.R4>([BATCH, SIDE, SIDE, CHANNELS])
  const kernel = tf.ones<tf.Rank.R4>([3, 3, CHANNELS, CHANNELS])
  const times: number[] = []
  try {
    // The first run pays for set-up inside the library and is not counted, unless the engine is slow anyway.
    const warmUp = await timeOnce(image, kernel)
    if (warmUp > SLOW_MILLISECONDS) times.push(warmUp)
    else for (let run = 0; run < REPEATS; run++) times.push(await timeOnce(image, kernel))
  } finally {
    tf.dispose([image, kernel])
  }
  times.sort((a, b) => a - b)
  return {
    description: `convolution 3x3, ${CHANNELS} to ${CHANNELS} channels, batch of ${BATCH} images ${SIDE}x${SIDE}`,
    milliseconds: times[Math.floor(times.length / 2)] ?? Number.NaN,
    repeats: times.length,
  }
}

async function timeOnce(image: tf.Tensor4D, kernel: tf.Tensor4D): Promise<number> {
  const start = performance.now()
  const output = tf.conv2d(image, kernel, 1, 'same')
  await output.data()
  const elapsed = performance.now() - start
  output.dispose()
  return elapsed
}
