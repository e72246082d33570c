import { featuresOf, type FeatureLayout } from '../../../core/features.ts'
import { gatherColumns } from '../../../core/responses.ts'
import { StatisticsSum, type SufficientStatistics } from '../../../core/statistics.ts'
import { throwIfCancelled } from '../../../shared/errors.ts'
import type { SelectionSpec } from '../../../shared/jobs.ts'
import { gramProduct } from '../../model/channel-responses.ts'
import type { Artifact } from '../../store/artifacts.ts'
import type { Project } from '../project.ts'
import { imageParts, readResponses, requireResponses } from '../responses.ts'
import { breathe, type JobContext } from '../runner.ts'

/** Descriptors up to this size are kept; larger ones are made again from the stored norms each time. */
const KEPT_BYTES = 512e6
/** Images whose descriptors are multiplied at once. */
const BLOCK_IMAGES = 2048

export interface DescriptorBlock {
  /** Place of the first image among those that could be read. */
  readonly first: number
  readonly images: number
  /** `[images, m]` over the layout. */
  readonly rows: Float32Array
}

/** Makes descriptors `[images, m]` of channel norms `[images, m]`. */
export type Describe = (norms: Float32Array, images: number) => Float32Array

/** The descriptors of all training images in their order, from the stored responses; no image is touched. */
export class TrainingDescriptors {
  readonly layout: FeatureLayout
  /** `[images]`, classes by the data. */
  readonly truth: Int32Array
  /** `[images]`, classes by the network. */
  readonly predicted: Int32Array
  private readonly project: Project
  private readonly artifact: Artifact
  private readonly parts: readonly number[]
  private readonly extracted: FeatureLayout
  private readonly columns: Int32Array | undefined
  private readonly describe: Describe
  private readonly kept = new Map<number, Float32Array>()

  /** Throws VebiError('not-ready') before the extraction. */
  constructor(project: Project, layout: FeatureLayout, describe: Describe) {
    const { artifact, layout: extracted } = requireResponses(project, layout)
    this.project = project
    this.layout = layout
    this.artifact = artifact
    this.extracted = extracted
    this.describe = describe
    if (extracted.size !== layout.size) this.columns = featuresOf(extracted, layout.layers.map(({ node }) => node))
    this.parts = imageParts(project, artifact)
    const { artifacts } = project.store
    const read = (name: string): Int32Array =>
      Int32Array.from(this.parts.flatMap((part) => [...artifacts.read(artifact, part, name, 'int32').data]))
    this.truth = read('images').map((image) => project.train.records[image].label)
    this.predicted = read('predicted')
  }

  get images(): number {
    return this.truth.length
  }

  /** The labels that the selection is made for. */
  labelsOf({ labels }: Pick<SelectionSpec, 'labels'>): Int32Array {
    return labels === 'true' ? this.truth : this.predicted
  }

  /** Other work gets its turn between two blocks. */
  async *blocks(signal: AbortSignal): AsyncGenerator<DescriptorBlock, void> {
    const keeps = this.images * this.layout.size * 4 <= KEPT_BYTES
    let first = 0
    for (const part of this.parts) {
      throwIfCancelled(signal)
      const rows = this.kept.get(part) ?? this.read(part)
      if (keeps) this.kept.set(part, rows)
      const images = rows.length / this.layout.size
      yield { first, images, rows }
      first += images
      await breathe()
    }
  }

  private read(part: number): Float32Array {
    const { norms, images } = readResponses(this.project, this.artifact, part)
    const count = images.length
    const own = this.columns ? gatherColumns(norms, count, this.extracted.size, this.columns) : norms
    return this.describe(own, count)
  }
}

/**
 * Sufficient statistics of some of the images, for the labels given.
 * @param labels `[images]`; @param chosen `[images]`, 1 for the images that count.
 */
export async function statisticsOf(
  descriptors: TrainingDescriptors,
  labels: Int32Array,
  classes: number,
  chosen: Uint8Array,
  { signal }: JobContext,
): Promise<SufficientStatistics> {
  const { size } = descriptors.layout
  const sum = new StatisticsSum(size, classes)
  const room = new Float32Array(Math.min(BLOCK_IMAGES, descriptors.images) * size)
  let held: number[] = []
  const flush = (): void => {
    if (held.length === 0) return
    const rows = room.subarray(0, held.length * size)
    sum.add(rows, held, held, gramProduct(rows, held.length, size))
    held = []
  }
  for await (const { first, images, rows } of descriptors.blocks(signal)) {
    for (let i = 0; i < images; i++) {
      if (chosen[first + i] !== 1) continue
      room.set(rows.subarray(i * size, (i + 1) * size), held.length * size)
      held.push(labels[first + i])
      if (held.length === BLOCK_IMAGES) flush()
    }
  }
  flush()
  return sum.finish()
}
