import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { PreprocessingConfig } from '../../shared/project.ts'
import type { DraftAccuracy, DraftSample } from '../../shared/project-info.ts'
import { argMaxRows } from '../../core/argmax.ts'
import { batches } from '../data/batches.ts'
import { encodePng } from '../data/encode.ts'
import { Gate } from '../data/gate.ts'
import { displayImage, preprocess, preprocessMask } from '../data/preprocess.ts'
import type { ImageSource } from '../data/types.ts'
import { batchSizeFor, type Network } from '../model/network.ts'
import { spreadIndexes } from './image-set.ts'
import { breathe } from './runner.ts'

/** What a network that is not yet part of a project would see, and how often it would be right. */

/** Longest side of a picture in a preview. */
const PICTURE_SIDE = 512
/** Images decoded at once: each may be large. */
const DECODED_AT_ONCE = 4
/** Images on the engine at once, which serves nobody else meanwhile. */
const BATCH_IMAGES = 16

/**
 * Samples spread over the images; an image that cannot be read is left out. Throws VebiError where no image can be
 * read, and where an image can be read but its mask cannot.
 */
export async function previewSamples(
  source: ImageSource,
  preprocessing: PreprocessingConfig,
  count: number,
): Promise<DraftSample[]> {
  const gate = new Gate(DECODED_AT_ONCE)
  const indexes = spreadIndexes(source.records.length, count)
  const samples: DraftSample[] = []
  const reasons: string[] = []
  const outcomes = await Promise.allSettled(
    Array.from(indexes, (index) => gate.hold(() => sampleOf(source, index, preprocessing))),
  )
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected') reasons.push(reasonOf(outcome.reason))
    else samples.push({ ...outcome.value, mask: await maskOf(source, indexes[i], preprocessing) })
  }
  if (samples.length > 0) return samples
  throw unreadable(indexes.length, source, reasons[0])
}

/**
 * Share of images, spread over the source, that the network gets right. The source's labels are classes of the
 * network. Throws VebiError where no image can be read, and 'cancelled'.
 */
export async function draftAccuracy(
  network: Network,
  source: ImageSource,
  preprocessing: PreprocessingConfig,
  count: number,
  signal: AbortSignal,
): Promise<DraftAccuracy> {
  const { graph } = network
  const labels = new Int32Array(network.classCount)
  const predictions = new Int32Array(network.classCount)
  let right = 0
  const reasons: string[] = []
  const options = {
    batchSize: batchSizeFor(graph, BATCH_IMAGES),
    indexes: spreadIndexes(source.records.length, count),
    signal,
  }
  for await (const batch of batches(source, preprocessing, options)) {
    throwIfCancelled(signal)
    reasons.push(...batch.failures.map(({ reason }) => reason))
    const images = batch.indexes.length
    if (images > 0) {
      const winners = argMaxRows(network.output(batch.data, images, graph.output), images)
      batch.indexes.forEach((index, i) => {
        const { label } = source.records[index]
        labels[label] += 1
        predictions[winners[i]] += 1
        right += Number(winners[i] === label)
      })
    }
    await breathe()
    throwIfCancelled(signal)
  }
  const images = labels.reduce((sum, count) => sum + count, 0)
  if (images === 0) throw unreadable(options.indexes.length, source, reasons[0])
  const [commonest] = argMaxRows(Float32Array.from(predictions), 1)
  return {
    images,
    unreadable: reasons.length,
    accuracy: right / images,
    chance: Math.max(...labels) / images,
    commonest: { classIndex: commonest, share: predictions[commonest] / images },
  }
}

async function maskOf(
  source: ImageSource,
  index: number,
  preprocessing: PreprocessingConfig,
): Promise<DraftSample['mask']> {
  if (!source.records[index].hasMask) return null
  const { height, width, data } = preprocessMask(await source.readMask(index), preprocessing)
  return { shape: [height, width], data }
}

async function sampleOf(
  source: ImageSource,
  index: number,
  preprocessing: PreprocessingConfig,
): Promise<Omit<DraftSample, 'mask'>> {
  const { name, label } = source.records[index]
  const raw = await source.read(index)
  const displayed = displayImage(raw, preprocessing)
  const original = await encodePng(raw, PICTURE_SIDE)
  const shown = await encodePng(displayed, PICTURE_SIDE)
  return {
    name,
    label,
    original: { mime: 'image/png', ...original },
    displayed: { mime: 'image/png', ...shown },
    channels: channelRanges(preprocess(displayed, preprocessing), preprocessing.channels),
  }
}

/** @param input `[height, width, channels]` */
function channelRanges(input: Float32Array, channels: number): DraftSample['channels'] {
  const count = input.length / channels
  return Array.from({ length: channels }, (_, channel) => {
    let [smallest, sum, largest] = [Infinity, 0, -Infinity]
    for (let i = channel; i < input.length; i += channels) {
      smallest = Math.min(smallest, input[i])
      largest = Math.max(largest, input[i])
      sum += input[i]
    }
    return { smallest, mean: sum / count, largest }
  })
}

function unreadable(tried: number, source: ImageSource, reason: string): VebiError {
  return new VebiError('bad-data', `None of ${tried} images tried in ${source.location} can be read: ${reason}`)
}
