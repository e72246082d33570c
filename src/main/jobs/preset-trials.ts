import { argMaxRows } from '../../core/argmax.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { PreprocessingConfig } from '../../shared/project.ts'
import { MOST_TRIED, type PresetTrials } from '../../shared/preset-trials.ts'
import { readOrReason } from '../data/batches.ts'
import { Gate } from '../data/gate.ts'
import { displayImage, preprocessInto } from '../data/preprocess.ts'
import type { ImageSource, RawImage } from '../data/types.ts'
import { batchSizeFor, type Network } from '../model/network.ts'
import { spreadIndexes } from './image-set.ts'
import { isSame, turned, type Candidate } from './preset-candidates.ts'
import { judge, type Tried } from './preset-verdict.ts'
import { probabilitiesOf } from './ranking.ts'
import { breathe, type JobContext } from './runner.ts'

/** Bytes of resized images that wait for their turn. */
const KEPT_BYTES = 256 * 2 ** 20
const DECODED_AT_ONCE = 4
/** Images on the engine at once, which serves nobody else meanwhile. */
const BATCH_IMAGES = 16

/** Images with the class of each, as a position among the network's outputs. */
export interface LabelledImages {
  readonly source: ImageSource
  readonly classOf: (index: number) => number
}

/**
 * Measures how often the network is right with each candidate, and with the best one in the other channel order. Every
 * image is decoded once. Throws VebiError where no image can be read, and 'cancelled'.
 */
export async function tryPresets(
  network: Network,
  images: LabelledImages,
  candidates: readonly Candidate[],
  count: number,
  context: JobContext,
): Promise<PresetTrials> {
  const shown = await showImages(images, candidates, count, context)
  const total = (candidates.length + 1) * shown.labels.length
  const tried: Tried[] = []
  const measure = async (candidate: Candidate): Promise<void> => {
    const done = tried.length * shown.labels.length
    tried.push({ candidate, ...(await predict(network, shown, candidate.preprocessing, context, done, total)) })
  }
  for (const candidate of candidates) await measure(candidate)
  const rightOf = ({ predicted }: Tried): number => predicted.filter((winner, i) => winner === shown.labels[i]).length
  const best = tried.reduce((leader, other) => (rightOf(other) > rightOf(leader) ? other : leader))
  const other = turned(best.candidate)
  const isNew = other && !candidates.some(({ preprocessing }) => isSame(preprocessing, other.preprocessing))
  if (isNew) await measure(other)
  context.report({ phase: 'try presets', done: total, total, unit: 'images' })
  return { unreadable: shown.unreadable, ...judge(tried, shown.labels, network.classCount) }
}

/** Images as the network sees them, before scaling, for each way to resize. */
interface Shown {
  readonly labels: Int32Array
  /** One list for each way to resize, in the order of `labels`. */
  readonly images: ReadonlyMap<PreprocessingConfig['resize'], readonly RawImage[]>
  readonly unreadable: number
}

async function showImages(
  { source, classOf }: LabelledImages,
  candidates: readonly Candidate[],
  count: number,
  context: JobContext,
): Promise<Shown> {
  const ways = [...new Map(candidates.map(({ preprocessing }) => [preprocessing.resize, preprocessing])).values()]
  const bytes = ways.reduce((sum, { height, width, channels }) => sum + height * width * channels, 0)
  const most = Math.max(1, Math.min(count, MOST_TRIED, Math.floor(KEPT_BYTES / bytes)))
  const indexes = spreadIndexes(source.records.length, most)
  const gate = new Gate(DECODED_AT_ONCE)
  let done = 0
  const read = await Promise.all(
    Array.from(indexes, (index) =>
      gate.hold(async () => {
        throwIfCancelled(context.signal)
        const image = await readOrReason(source, index)
        context.report({ phase: 'read images', done: ++done, total: indexes.length, unit: 'images' })
        if (typeof image === 'string') return image
        return { label: classOf(index), images: ways.map((way) => displayImage(image, way)) }
      }),
    ),
  )
  const readable = read.filter((each) => typeof each !== 'string')
  if (readable.length === 0) {
    const reason = read.find((each) => typeof each === 'string') ?? ''
    throw new VebiError('bad-data', `None of ${read.length} images tried in ${source.location} can be read: ${reason}`)
  }
  return {
    labels: Int32Array.from(readable, ({ label }) => label),
    images: new Map(ways.map(({ resize }, way) => [resize, readable.map(({ images }) => images[way])])),
    unreadable: read.length - readable.length,
  }
}

/** The predicted class of each image, and the probability of its own. */
async function predict(
  network: Network,
  { images, labels }: Shown,
  preprocessing: PreprocessingConfig,
  context: JobContext,
  doneBefore: number,
  total: number,
): Promise<Omit<Tried, 'candidate'>> {
  const shown = images.get(preprocessing.resize)!
  const length = preprocessing.height * preprocessing.width * preprocessing.channels
  const batchSize = batchSizeFor(network.graph, BATCH_IMAGES)
  const predicted = new Int32Array(labels.length)
  const probabilities = new Float64Array(labels.length)
  for (let first = 0; first < shown.length; first += batchSize) {
    context.report({ phase: 'try presets', done: doneBefore + first, total, unit: 'images' })
    const batch = shown.slice(first, first + batchSize)
    const data = new Float32Array(batch.length * length)
    batch.forEach((image, i) => preprocessInto(image, preprocessing, data, i * length))
    const scores = network.output(data, batch.length, network.graph.output)
    predicted.set(argMaxRows(scores, batch.length), first)
    batch.forEach((_, i) => {
      const own = scores.subarray(i * network.classCount, (i + 1) * network.classCount)
      probabilities[first + i] = probabilitiesOf(network.graph, own)[labels[first + i]]
    })
    await breathe()
    throwIfCancelled(context.signal)
  }
  return { predicted, probabilities }
}
