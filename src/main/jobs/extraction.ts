import { argMaxRows } from '../../core/argmax.ts'
import type { FeatureLayout } from '../../core/features.ts'
import { joinCandidates, TopLists, type TopCandidates, type TopContenders } from '../../core/top-lists.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { JobSpecs } from '../../shared/jobs.ts'
import { PRESETS } from '../../shared/project.ts'
import { batches, type Batch } from '../data/batches.ts'
import { chosenResponses } from '../model/channel-responses.ts'
import { batchSizeFor } from '../model/network.ts'
import type { Artifact, ArtifactWriter } from '../store/artifacts.ts'
import { layoutOf, type Project } from './project.ts'
import {
  imageParts,
  readCandidates,
  readResponses,
  responsesInputs,
  TOP_IMAGES,
  TOP_PART,
  type PartResponses,
} from './responses.ts'
import { breathe, type JobContext } from './runner.ts'
import { scalingOf, statisticsInputs, StatisticsBuilder, storeStatistics } from './statistics.ts'

/** Images in one stored part: at most so many are computed again after a break. */
const PART_IMAGES = 512

/** Images in one batch at most; a divisor of the above. Larger batches of small images only wait for memory. */
export const BATCH_IMAGES = 256

export interface UnreadableImage {
  readonly name: string
  readonly reason: string
}

export interface ExtractionSummary {
  readonly images: number
  readonly features: number
  /** Images that could not be read and are missing from everything computed. */
  readonly unreadable: readonly UnreadableImage[]
  /** Share of the images whose predicted class is their label. */
  readonly accuracy: number
}

/**
 * Channel responses of all training images for every layer of the set, their top lists, and the sufficient
 * statistics under the preset's scaling. Parts that are stored already are read, not computed again.
 */
export async function extract(
  project: Project,
  spec: JobSpecs['extraction'],
  context: JobContext,
): Promise<ExtractionSummary> {
  const { artifacts } = project.store
  const layout = layoutOf(project.graph, spec.layers)
  const inputs = responsesInputs(project, layout)
  const stored = artifacts.find('responses', inputs)
  const responses = stored?.complete ? undefined : artifacts.begin('responses', inputs)
  const artifact = responses?.artifact ?? stored!
  const scaling = scalingOf(PRESETS[spec.preset])
  const sumInputs = statisticsInputs(artifact, layout, scaling)
  const sums = artifacts.find('statistics', sumInputs)?.complete ? undefined : artifacts.begin('statistics', sumInputs)
  if (!responses && !sums) return summaryOf(project, layout, artifact)

  const builder = sums && new StatisticsBuilder(layout, layout, scaling, project.config.classes.length)
  const lists = responses && new TopLists(layout.size, TOP_IMAGES)
  const present = new Set(imageParts(project, artifact))
  const total = project.train.records.length
  const missing = Int32Array.from({ length: total }, (_, image) => image).filter((image) => !present.has(partOf(image)))
  // Taken anew for each part, it would make the garbage collector run several times a second.
  const room = new Float32Array(Math.min(total, PART_IMAGES) * layout.size)
  // One stream over all missing images, so that decoding runs ahead across the parts. No batch spans two parts.
  const stream = batches(project.train, project.config.preprocessing, {
    batchSize: batchSizeFor(project.graph, BATCH_IMAGES),
    indexes: missing,
    signal: context.signal,
    reuse: true,
  })
  for (let part = 0; part * PART_IMAGES < total; part++) {
    throwIfCancelled(context.signal)
    const begin = part * PART_IMAGES
    const end = Math.min(total, begin + PART_IMAGES)
    let found: PartResponses
    if (responses && lists && !present.has(part)) {
      found = await extractPart(project, layout, responses, lists, { stream, part, begin, end, room }, context)
    } else {
      found = readResponses(project, artifact, part)
      lists?.replay(readCandidates(project, artifact, part))
      context.report({ phase: 'read back', done: end, total, unit: 'images' })
      await breathe()
    }
    builder?.add(found.norms, labelsOf(project, found.images), found.predicted)
  }
  if (responses && lists) finishResponses(project, responses, lists)
  if (sums && builder) storeStatistics(sums, builder.finish())
  return summaryOf(project, layout, artifact)
}

function partOf(image: number): number {
  return Math.floor(image / PART_IMAGES)
}

/** Images `begin` to `end` of the training data. */
interface MissingPart {
  readonly stream: AsyncGenerator<Batch, void>
  readonly part: number
  readonly begin: number
  readonly end: number
  /** Where the norms go, `[end - begin, m]` or larger; the result is a view of it. */
  readonly room: Float32Array
}

/** Computes and stores one part of the training images. */
async function extractPart(
  project: Project,
  layout: FeatureLayout,
  writer: ArtifactWriter,
  lists: TopLists,
  { stream, part, begin, end, room }: MissingPart,
  context: JobContext,
): Promise<PartResponses> {
  const { network, train } = project
  const total = train.records.length
  const { size } = layout
  const images: number[] = []
  const predicted: number[] = []
  const unreadable: UnreadableImage[] = []
  const entered: TopCandidates[] = []
  context.report({ phase: 'extract', done: begin, total, unit: 'images' })
  while (images.length + unreadable.length < end - begin) {
    const { value: batch } = await stream.next()
    if (!batch) break
    throwIfCancelled(context.signal)
    for (const { name, reason } of batch.failures) unreadable.push({ name, reason })
    const count = batch.indexes.length
    if (count > 0) {
      const norms = room.subarray(images.length * size, (images.length + count) * size)
      const { scores, chosen } = chosenResponses(network, batch.data, count, layout, norms, (layer, values) => {
        const contenders = lists.contenders(count, values, layer.offset)
        requireFinite(project, layer, batch.indexes, values, contenders)
        return contenders
      })
      for (const entries of chosen) entered.push(lists.admit(batch.indexes, norms, entries, entries.positions))
      for (const winner of argMaxRows(scores, count)) predicted.push(winner)
      for (const index of batch.indexes) images.push(index)
    }
    context.report({ phase: 'extract', done: begin + images.length + unreadable.length, total, unit: 'images' })
    await breathe()
  }
  const count = images.length
  const result = {
    images: Int32Array.from(images),
    predicted: Int32Array.from(predicted),
    norms: room.subarray(0, count * size),
  }
  const candidates = joinCandidates(entered)
  writer.put(
    part,
    {
      images: result.images,
      predicted: result.predicted,
      norms: { shape: [count, size], data: result.norms },
      topFeatures: candidates.features,
      topImages: candidates.images,
      topResponses: candidates.responses,
      topPositions: candidates.positions,
    },
    {
      unreadable,
      correct: result.predicted.reduce(
        (sum, winner, i) => sum + Number(winner === train.records[images[i]].label),
        0,
      ),
    },
  )
  return result
}

function finishResponses(project: Project, writer: ArtifactWriter, lists: TopLists): void {
  let images = 0
  let correct = 0
  const unreadable: UnreadableImage[] = []
  for (const part of imageParts(project, writer.artifact)) {
    const meta = project.store.artifacts.partMeta(writer.artifact, part) as PartMeta
    images += project.store.artifacts.read(writer.artifact, part, 'images', 'int32').data.length
    correct += meta.correct
    unreadable.push(...meta.unreadable)
  }
  if (images === 0) {
    throw new VebiError(
      'bad-data',
      `None of the ${unreadable.length} training images in ${project.train.location} can be read: ${unreadable[0]?.reason ?? 'there are none.'}`,
    )
  }
  writer.put(TOP_PART, lists.toArrays())
  writer.finish({ images, correct, unreadable: unreadable.map(({ name, reason }) => ({ name, reason })) })
}

interface PartMeta {
  readonly unreadable: readonly UnreadableImage[]
  readonly correct: number
}

function summaryOf(project: Project, layout: FeatureLayout, artifact: Artifact): ExtractionSummary {
  const found = project.store.artifacts.get(artifact.id)!
  const meta = found.meta as PartMeta & { images: number }
  return {
    images: meta.images,
    features: layout.size,
    unreadable: meta.unreadable,
    accuracy: meta.correct / meta.images,
  }
}

function labelsOf(project: Project, images: Int32Array): Int32Array {
  return images.map((image) => project.train.records[image].label)
}

/** A response that is not a number would poison every sum: name the layer and the image. */
function requireFinite(
  project: Project,
  { name, offset, channels }: FeatureLayout['layers'][number],
  images: Int32Array,
  norms: Float32Array,
  { rows, features }: TopContenders,
): void {
  const found = rows.findIndex((row, i) => !Number.isFinite(norms[row * channels + features[i] - offset]))
  if (found < 0) return
  const image = project.train.records[images[rows[found]]]
  throw new VebiError(
    'bad-model',
    `Layer "${name}" answers image ${image.name} with a value that is not finite: the weights overflow or the preprocessing is wrong.`,
  )
}
