import { argMaxRows } from '../../core/argmax.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { ArgumentOf, ResultOf } from '../../shared/contract.ts'
import type { Graph } from '../../shared/graph.ts'
import type { ImageId, Prediction } from '../../shared/images.ts'
import type { WorkSpecs } from '../../shared/work.ts'
import { batches } from '../data/batches.ts'
import { preprocess } from '../data/preprocess.ts'
import { batchSizeFor } from '../model/network.ts'
import type { Artifact } from '../store/artifacts.ts'
import { imageInfo, placeOf, readImage } from './images.ts'
import { networkInputs, type Project } from './project.ts'
import { probabilitiesOf } from './ranking.ts'
import { breathe, type JobContext } from './runner.ts'

/** Images in one stored part: at most so many are computed again after a break. */
const PART_IMAGES = 256

interface Meta {
  readonly unreadable: number
}

/** Probabilities of all classes for every test image; each batch is stored, and kept when the job is stopped. */
export async function predict(project: Project, _spec: WorkSpecs['predictions'], context: JobContext): Promise<void> {
  const { test, graph, network, config, store } = project
  const writer = store.artifacts.begin('predictions', inputsOf(project))
  if (writer.artifact.complete) return
  const batchSize = batchSizeFor(graph, PART_IMAGES)
  const present = new Set(writer.parts())
  const total = test.records.length
  context.report({ phase: 'predict', done: 0, total, unit: 'images' })
  for (let part = 0; part * batchSize < total; part++) {
    throwIfCancelled(context.signal)
    const start = part * batchSize
    const end = Math.min(total, start + batchSize)
    if (!present.has(part)) {
      const options = { batchSize, start, end, signal: context.signal }
      for await (const batch of batches(test, config.preprocessing, options)) {
        const count = batch.indexes.length
        const scores = count > 0 ? network.output(batch.data, count, graph.output) : new Float32Array(0)
        const probabilities = probabilitiesOfRows(graph, scores, count)
        writer.put(part, {
          images: batch.indexes,
          predicted: argMaxRows(scores, count),
          probabilities: { shape: [count, network.classCount], data: probabilities },
        })
      }
      await breathe()
    }
    context.report({ phase: 'predict', done: end, total, unit: 'images' })
  }
  const readable = writer.parts().reduce((sum, part) => {
    return sum + store.artifacts.read(writer.artifact, part, 'images', 'int32').data.length
  }, 0)
  if (readable === 0)
    throw new VebiError('bad-data', `None of the ${total} test images in ${test.location} can be read.`)
  writer.finish({ unreadable: total - readable } satisfies Meta)
}

export function listPredictions(
  project: Project,
  { outcome, classIndex, order, offset, limit }: ArgumentOf<'predictions.list'>,
): ResultOf<'predictions.list'> {
  const artifact = requirePredictions(project)
  const all = readPredictions(project, artifact)
  const right = all.filter(({ predicted, label }) => predicted === label).length
  const wanted = all
    .filter(({ label }) => classIndex === null || label === classIndex)
    .filter(({ predicted, label }) => outcome === 'any' || (predicted === label) === (outcome === 'right'))
  if (order === 'least-confident') wanted.sort((a, b) => a.confidence - b.confidence)
  return {
    total: wanted.length,
    items: wanted.slice(offset, offset + limit),
    accuracy: right / all.length,
    unreadable: (artifact.meta as Meta).unreadable,
  }
}

/**
 * Classes of one image, most probable first; ties by class. Those of a test image are read where they are stored; any
 * other image goes through the network at once.
 */
export async function rankedClasses(
  project: Project,
  { image, limit }: ArgumentOf<'predictions.ranked'>,
): Promise<ResultOf<'predictions.ranked'>> {
  const { role, index } = placeOf(project, image)
  const artifact = role === 'test' ? findPredictions(project) : undefined
  const probabilities = artifact
    ? storedProbabilities(project, artifact, index)
    : await computeProbabilities(project, image)
  return [...probabilities.keys()]
    .sort((a, b) => probabilities[b] - probabilities[a] || a - b)
    .slice(0, limit)
    .map((classIndex) => ({ classIndex, probability: probabilities[classIndex] }))
}

function storedProbabilities(project: Project, artifact: Artifact, image: number): Float32Array {
  const { artifacts } = project.store
  const classes = project.network.classCount
  for (const part of artifacts.parts(artifact)) {
    const row = artifacts.read(artifact, part, 'images', 'int32').data.indexOf(image)
    if (row < 0) continue
    const { data } = artifacts.read(artifact, part, 'probabilities', 'float32')
    return data.subarray(row * classes, (row + 1) * classes)
  }
  throw new VebiError(
    'bad-file',
    `"${project.test.records[image].name}" could not be read when the predictions were made.`,
  )
}

/** `[classes]`. */
async function computeProbabilities(project: Project, image: ImageId): Promise<Float32Array> {
  const { graph, network, config } = project
  const data = preprocess(await readImage(project, image), config.preprocessing)
  return Float32Array.from(probabilitiesOf(graph, network.output(data, 1, graph.output)))
}

function readPredictions(project: Project, artifact: Artifact): Prediction[] {
  const { artifacts } = project.store
  const classes = project.network.classCount
  return artifacts.parts(artifact).flatMap((part) => {
    const images = artifacts.read(artifact, part, 'images', 'int32').data
    const predicted = artifacts.read(artifact, part, 'predicted', 'int32').data
    const probabilities = artifacts.read(artifact, part, 'probabilities', 'float32').data
    return Array.from(images, (image, row) => ({
      ...imageInfo(project, 'test', image),
      predicted: predicted[row],
      confidence: probabilities[row * classes + predicted[row]],
    }))
  })
}

function requirePredictions(project: Project): Artifact {
  const artifact = findPredictions(project)
  if (artifact) return artifact
  throw new VebiError(
    'not-ready',
    `The test images of ${project.folder} have no predictions yet: start the job "predictions" first.`,
  )
}

function findPredictions(project: Project): Artifact | undefined {
  const artifact = project.store.artifacts.find('predictions', inputsOf(project))
  return artifact?.complete ? artifact : undefined
}

function inputsOf(project: Project): Record<string, unknown> {
  return { ...networkInputs(project), images: project.keys.test }
}

/** `[rows, classes]`. */
function probabilitiesOfRows(graph: Graph, scores: Float32Array, rows: number): Float32Array {
  const classes = scores.length / rows
  const probabilities = new Float32Array(scores.length)
  for (let row = 0; row < rows; row++) {
    const own = scores.subarray(row * classes, (row + 1) * classes)
    probabilities.set(probabilitiesOf(graph, own), row * classes)
  }
  return probabilities
}
