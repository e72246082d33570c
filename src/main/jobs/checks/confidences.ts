import { sizeOf } from '../../../shared/matrix.ts'
import { batchSizeFor } from '../../model/network.ts'
import type { Project } from '../project.ts'
import { probabilitiesOf } from '../ranking.ts'

/** Inputs at once. */
const BATCH = 64

/** A preprocessed image of which some pixels come from another one. */
export interface MixedInput {
  /** `[height, width, channels]`, both. */
  readonly image: Float32Array
  readonly other: Float32Array
  /** `[height * width]`: a pixel whose value is below `below` comes from the other. */
  readonly order: Int32Array | Float64Array
  readonly below: number
}

/**
 * Probability of one class for each of the inputs. They are made a batch at a time, so that there may be many.
 *
 * @param step awaited between two batches.
 */
export async function mixedConfidences(
  { graph, network, config }: Project,
  count: number,
  inputOf: (index: number) => MixedInput,
  classIndex: number,
  step: (share: number) => Promise<void>,
): Promise<Float64Array> {
  const { height, width } = config.preprocessing
  const length = sizeOf(network.inputShape)
  const batchSize = batchSizeFor(graph, BATCH)
  const confidences = new Float64Array(count)
  for (let begin = 0; begin < count; begin += batchSize) {
    await step(begin / count)
    const size = Math.min(batchSize, count - begin)
    const data = new Float32Array(size * length)
    for (let i = 0; i < size; i++) {
      mixInto(data.subarray(i * length, (i + 1) * length), height * width, inputOf(begin + i))
    }
    const input = network.upload(data, size)
    const output = network.scores(input)
    const scores = output.dataSync<'float32'>()
    output.dispose()
    input.dispose()
    const classes = scores.length / size
    for (let i = 0; i < size; i++) {
      const own = probabilitiesOf(graph, scores.subarray(i * classes, (i + 1) * classes))
      confidences[begin + i] = own[classIndex]!
    }
  }
  return confidences
}

function mixInto(target: Float32Array, pixels: number, { image, other, order, below }: MixedInput): void {
  target.set(image)
  const channels = image.length / pixels
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (order[pixel] >= below) continue
    for (let sample = pixel * channels; sample < (pixel + 1) * channels; sample++) target[sample] = other[sample]
  }
}
