import { throwIfCancelled, VebiError } from '../../../shared/errors.ts'
import { batches } from '../../data/batches.ts'
import type { ImageSource } from '../../data/types.ts'
import { batchSizeFor } from '../../model/network.ts'
import type { ArtifactWriter } from '../../store/artifacts.ts'
import type { Project } from '../project.ts'
import { breathe, type JobContext } from '../runner.ts'

/** Some images of one batch: those that can be read. */
export interface ScoredBatch {
  /** Index in the source of each. */
  readonly indexes: Int32Array
  /** Preprocessed, `[indexes.length, ...inputShape]`. */
  readonly data: Float32Array
  /** To be awaited between two pieces of work: lets others work, reports, and throws when the job is cancelled. */
  readonly step: (share: number) => Promise<void>
}

/** Arrays of numbers by name, each with one row for each image of the batch. */
export type ScoreRows = Readonly<Record<string, Float64Array>>

export interface ScoringPlan {
  readonly phase: string
  readonly source: ImageSource
  /** Images of the source, in this order. */
  readonly indexes: Int32Array
  /** Images at once, where the network is small enough. */
  readonly batchSize: number
  readonly score: (batch: ScoredBatch) => Promise<ScoreRows>
}

/** What the plan measured, of all images that can be read, in their order. */
export interface ImageScores {
  /** Index in the source. */
  readonly images: Int32Array
  /** All rows of one array, one after another. */
  readonly rows: (name: string) => Float64Array
}

/** Scores images batch by batch into the parts of an artifact; parts that are there already are read. */
export async function scoreImages(
  project: Project,
  writer: ArtifactWriter,
  { phase, source, indexes, batchSize: most, score }: ScoringPlan,
  context: JobContext,
): Promise<ImageScores> {
  const present = new Set(writer.parts())
  const batchSize = batchSizeFor(project.graph, most)
  const total = indexes.length
  for (let part = 0; part * batchSize < total; part++) {
    throwIfCancelled(context.signal)
    const start = part * batchSize
    const end = Math.min(total, start + batchSize)
    const report = (share: number): void =>
      context.report({ phase, done: Math.floor(start + share * (end - start)), total, unit: 'images' })
    if (!present.has(part)) {
      const options = { batchSize, indexes, start, end, signal: context.signal }
      for await (const batch of batches(source, project.config.preprocessing, options)) {
        const step = async (share: number): Promise<void> => {
          report(share)
          await breathe()
          throwIfCancelled(context.signal)
        }
        const rows = batch.indexes.length > 0 ? await score({ ...batch, step }) : {}
        writer.put(part, { images: batch.indexes, ...rows })
      }
    }
    report(1)
  }
  return readScores(project, writer)
}

function readScores({ store: { artifacts } }: Project, writer: ArtifactWriter): ImageScores {
  const { artifact } = writer
  const filled = writer
    .parts()
    .map((part) => ({ part, images: artifacts.read(artifact, part, 'images', 'int32').data }))
    .filter(({ images }) => images.length > 0)
  const read = new Map<string, Float64Array>()
  return {
    images: Int32Array.from(filled.flatMap(({ images }) => [...images])),
    rows: (name) => {
      const known = read.get(name)
      if (known) return known
      const arrays = filled.map(({ part }) => artifacts.read(artifact, part, name, 'float64').data)
      const joined = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0))
      let next = 0
      for (const array of arrays) {
        joined.set(array, next)
        next += array.length
      }
      read.set(name, joined)
      return joined
    },
  }
}

/** Throws VebiError('bad-data') where none of the images can be read. */
export function requireScored({ images }: ImageScores, wanted: number): void {
  if (images.length === 0) throw new VebiError('bad-data', `None of the ${wanted} images can be read.`)
}
