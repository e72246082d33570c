import { featuresOf, type FeatureLayout } from '../../core/features.ts'
import { describeImages, gatherColumns, type Scaling } from '../../core/responses.ts'
import { LabelSums, StatisticsSum, type SufficientStatistics } from '../../core/statistics.ts'
import { throwIfCancelled } from '../../shared/errors.ts'
import type { Preset } from '../../shared/project.ts'
import { gramProduct } from '../model/channel-responses.ts'
import type { Artifact, ArtifactWriter } from '../store/artifacts.ts'
import { partRanges } from '../store/part-ranges.ts'
import { imageParts, readResponses, requireResponses } from './responses.ts'
import type { Project } from './project.ts'
import { breathe, type JobContext } from './runner.ts'

/** Images whose descriptors are multiplied at once: the float32 sums stay short, the float64 additions few. */
const BLOCK_IMAGES = 2048

/** Part that holds the label sums; the Gram matrix follows in panels of rows. */
const LABEL_PART = 0
const GRAM_PART = 1

export function scalingOf(preset: Preset): Scaling {
  return { response: preset.response, image: preset.image }
}

/** What the statistics of a layer set are keyed by. */
export function statisticsInputs(
  responses: Pick<Artifact, 'key'>,
  layout: FeatureLayout,
  scaling: Scaling,
): Record<string, unknown> {
  return {
    responses: responses.key,
    layers: layout.layers.map((layer) => layer.node),
    response: scaling.response,
    image: scaling.image,
    blockImages: BLOCK_IMAGES,
  }
}

/**
 * Collects channel norms of all extracted layers and sums the statistics of the layers of one set.
 * Blocks are filled in the order of the images, so the sums do not depend on how the norms arrive.
 */
export class StatisticsBuilder {
  private readonly sum: StatisticsSum
  private readonly extracted: FeatureLayout
  private readonly layout: FeatureLayout
  private readonly scaling: Scaling
  private readonly columns: Int32Array | undefined
  private readonly block: Float32Array
  private readonly labels: number[] = []
  private readonly predicted: number[] = []

  /** @param extracted layout of the norms that `add` receives; @param layout the layers that count. */
  constructor(extracted: FeatureLayout, layout: FeatureLayout, scaling: Scaling, classes: number) {
    this.extracted = extracted
    this.layout = layout
    this.scaling = scaling
    if (layout.size !== extracted.size)
      this.columns = featuresOf(
        extracted,
        layout.layers.map((layer) => layer.node),
      )
    this.sum = new StatisticsSum(layout.size, classes)
    this.block = new Float32Array(BLOCK_IMAGES * layout.size)
  }

  /** @param norms `[count, m]` over the extracted layers. */
  add(norms: Float32Array, labels: ArrayLike<number>, predicted: ArrayLike<number>): void {
    const size = this.layout.size
    const count = labels.length
    const rows = this.columns ? gatherColumns(norms, count, this.extracted.size, this.columns) : norms
    let taken = 0
    while (taken < count) {
      const held = this.labels.length
      const take = Math.min(count - taken, BLOCK_IMAGES - held)
      describeImages(
        rows.subarray(taken * size, (taken + take) * size),
        take,
        this.layout,
        this.scaling,
        this.block.subarray(held * size, (held + take) * size),
      )
      for (let i = taken; i < taken + take; i++) {
        this.labels.push(labels[i])
        this.predicted.push(predicted[i])
      }
      taken += take
      if (this.labels.length === BLOCK_IMAGES) this.flush()
    }
  }

  finish(): SufficientStatistics {
    this.flush()
    return this.sum.finish()
  }

  private flush(): void {
    const count = this.labels.length
    if (count === 0) return
    const block = this.block.subarray(0, count * this.layout.size)
    this.sum.add(block, this.labels, this.predicted, gramProduct(block, count, this.layout.size))
    this.labels.length = 0
    this.predicted.length = 0
  }
}

/** The stored statistics of one layer set; undefined where they are not summed up. Throws as `requireResponses`. */
export function findStatistics(project: Project, layout: FeatureLayout, scaling: Scaling): Artifact | undefined {
  const { artifact } = requireResponses(project, layout)
  const found = project.store.artifacts.find('statistics', statisticsInputs(artifact, layout, scaling))
  return found?.complete ? found : undefined
}

/** One row of the stored Gram matrix, `[size]`. */
export function readGramRow(project: Project, statistics: Artifact, size: number, row: number): Float64Array {
  const { part, start } = partRanges(size, size * 8).find(({ end }) => row < end)!
  return project.store.artifacts.readRows(statistics, GRAM_PART + part, 'gram', 'float64', row - start, 1).data
}

/** q `[size]` and b of one class. */
export function readLabelSums(
  project: Project,
  statistics: Artifact,
  size: number,
  kind: 'true' | 'predicted',
  classIndex: number,
): { q: Float64Array; labelNorm: number } {
  const { artifacts } = project.store
  const { data: q } = artifacts.readRows(
    statistics,
    LABEL_PART,
    `${kind}Sums`,
    'float64',
    classIndex * size,
    size,
  )
  const { data: norms } = artifacts.readRows(statistics, LABEL_PART, `${kind}Norms`, 'float64', classIndex, 1)
  return { q, labelNorm: norms[0] }
}

/** The statistics of one layer set from the store, or from the stored responses; no image is touched. */
export async function statisticsFor(
  project: Project,
  layout: FeatureLayout,
  scaling: Scaling,
  context: JobContext,
): Promise<{ statistics: SufficientStatistics; key: string }> {
  const { artifact, layout: extracted } = requireResponses(project, layout)
  const inputs = statisticsInputs(artifact, layout, scaling)
  const found = project.store.artifacts.find('statistics', inputs)
  if (found?.complete) {
    const statistics = await readStatistics(project, found, layout.size, project.config.classes.length)
    return { statistics, key: found.key }
  }
  const writer = project.store.artifacts.begin('statistics', inputs)
  const builder = new StatisticsBuilder(extracted, layout, scaling, project.config.classes.length)
  const parts = imageParts(project, artifact)
  for (const [done, part] of parts.entries()) {
    throwIfCancelled(context.signal)
    const { images, norms, predicted } = readResponses(project, artifact, part)
    builder.add(
      norms,
      images.map((image) => project.train.records[image].label),
      predicted,
    )
    context.report({ phase: 'sum up', done: done + 1, total: parts.length, unit: 'parts' })
    await breathe()
  }
  const statistics = builder.finish()
  storeStatistics(writer, statistics)
  return { statistics, key: writer.artifact.key }
}

export function storeStatistics(writer: ArtifactWriter, statistics: SufficientStatistics): void {
  const { size, gram, trueLabels, predictedLabels } = statistics
  writer.put(LABEL_PART, {
    trueSums: trueLabels.sums,
    trueNorms: trueLabels.norms,
    predictedSums: predictedLabels.sums,
    predictedNorms: predictedLabels.norms,
  })
  for (const { part, start, end } of partRanges(size, size * 8)) {
    writer.put(GRAM_PART + part, {
      gram: { shape: [end - start, size], data: gram.subarray(start * size, end * size) },
    })
  }
  writer.finish({ images: statistics.images })
}

/** With 12,000 features the Gram matrix has 1.2 GB: what else is asked meanwhile is answered between two panels. */
async function readStatistics(
  project: Project,
  artifact: Artifact,
  size: number,
  classes: number,
): Promise<SufficientStatistics> {
  const { artifacts } = project.store
  const vector = (name: string): Float64Array => artifacts.read(artifact, LABEL_PART, name, 'float64').data
  const gram = new Float64Array(size * size)
  for (const { part, start } of partRanges(size, size * 8)) {
    gram.set(artifacts.read(artifact, GRAM_PART + part, 'gram', 'float64').data, start * size)
    await breathe()
  }
  return {
    size,
    gram,
    images: (artifact.meta as { images: number }).images,
    trueLabels: new LabelSums(size, classes, vector('trueSums'), vector('trueNorms')),
    predictedLabels: new LabelSums(size, classes, vector('predictedSums'), vector('predictedNorms')),
  }
}
