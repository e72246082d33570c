import { locate, type FeatureLayout } from '../../core/features.ts'
import { LayerSpreads, spreadByClass, type LayerSpread } from '../../core/response-statistics.ts'
import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { JobSpecs } from '../../shared/jobs.ts'
import type { ClassResponses, LayerResponses } from '../../shared/results.ts'
import type { Artifact } from '../store/artifacts.ts'
import { layoutOf, type Project } from './project.ts'
import { imageParts, requireResponses } from './responses.ts'
import { breathe } from './runner.ts'

/** Memory for the responses of neighbouring features: reading one of them passes all others anyway. */
const BLOCK_BYTES = 64 * 2 ** 20
const KEPT_BLOCKS = 2

/** Neighbouring features of one artifact, with their responses to all images. */
interface Block {
  /** Of the artifact: responses that are extracted anew get another. */
  readonly artifact: number
  readonly first: number
  readonly end: number
  readonly content: Promise<BlockContent>
}

interface BlockContent {
  /** Training images that were read, `[n]`. */
  readonly images: Int32Array
  /** `[end - first, n]`. */
  readonly responses: Float32Array
}

/** What the stored responses of an open project look like, layer by layer and class by class. */
export class ResponseStatistics {
  private readonly project: Project
  private readonly blockBytes: number
  private readonly closing = new AbortController()
  private readonly layers = new Map<number, Promise<readonly LayerSpread[]>>()
  /** Latest first. */
  private blocks: Block[] = []

  constructor(project: Project, blockBytes = BLOCK_BYTES) {
    this.project = project
    this.blockBytes = blockBytes
  }

  /** One entry for each layer of the set. Throws VebiError('not-ready') before its extraction has finished. */
  async ofLayers(spec: JobSpecs['extraction']): Promise<LayerResponses[]> {
    const wanted = layoutOf(this.project.graph, spec.layers)
    const { artifact, layout } = requireResponses(this.project, wanted)
    const spreads = await this.spreadsOf(artifact, layout)
    const nodes = new Set(wanted.layers.map(({ node }) => node))
    return layout.layers.flatMap(({ node, number, name, channels }, l) =>
      nodes.has(node) ? [{ layerNumber: number, layerName: name, features: channels, ...spreads[l] }] : [],
    )
  }

  /**
   * @param feature Column of the responses of the layer set.
   * @returns One entry for each class that has images.
   */
  async ofFeature(spec: JobSpecs['extraction'], feature: number): Promise<ClassResponses[]> {
    const { project } = this
    const wanted = layoutOf(project.graph, spec.layers)
    if (feature >= wanted.size) {
      throw new VebiError('bad-argument', `There is no feature ${feature}: they are numbered 0 to ${wanted.size - 1}.`)
    }
    const { artifact, layout } = requireResponses(project, wanted)
    const { layer, channel } = locate(wanted, feature)
    const column = layout.layers.find(({ node }) => node === layer.node)!.offset + channel
    const block = this.blockOf(artifact, layout, column)
    const { images, responses } = await block.content
    const begin = (column - block.first) * images.length
    return spreadByClass(
      responses.subarray(begin, begin + images.length),
      images.map((image) => project.train.records[image].label),
      project.config.classes.length,
    )
  }

  /** Ends what is under way: nothing is read from the store any more. */
  close(): void {
    this.closing.abort()
    this.blocks = []
    this.layers.clear()
  }

  private spreadsOf(artifact: Artifact, layout: FeatureLayout): Promise<readonly LayerSpread[]> {
    let found = this.layers.get(artifact.id)
    if (!found) {
      found = this.readOrSumUp(artifact, layout)
      this.layers.set(artifact.id, found)
      found.catch(() => this.layers.delete(artifact.id))
    }
    return found
  }

  /** Kept in the project, because large responses take seconds to read. */
  private async readOrSumUp(artifact: Artifact, layout: FeatureLayout): Promise<readonly LayerSpread[]> {
    const { artifacts } = this.project.store
    // Of the same data other images may have been unreadable at an earlier extraction: `meta` tells them.
    const inputs = { responses: artifact.key, summary: artifact.meta }
    const found = artifacts.find('layer-statistics', inputs)
    if (found?.complete) return found.meta as readonly LayerSpread[]
    const spreads = new LayerSpreads(layout)
    await this.visit(artifact, (norms) => spreads.add(norms))
    const result = spreads.finish()
    try {
      artifacts.begin('layer-statistics', inputs).finish(result)
    } catch (error) {
      // Without space the answer is as good; it is summed up again next time.
      if (!(error instanceof VebiError) || error.code !== 'disk-full') throw error
    }
    return result
  }

  private blockOf(artifact: Artifact, layout: FeatureLayout, column: number): Block {
    const known = this.blocks.find(
      (block) => block.artifact === artifact.id && block.first <= column && column < block.end,
    )
    const block = known ?? this.readBlock(artifact, layout, column)
    this.blocks = [block, ...this.blocks.filter((each) => each !== block)].slice(0, KEPT_BLOCKS)
    return block
  }

  private readBlock(artifact: Artifact, layout: FeatureLayout, column: number): Block {
    const total = (artifact.meta as { images: number }).images
    const width = Math.max(1, Math.floor(this.blockBytes / (4 * total)))
    const first = column - (column % width)
    const end = Math.min(layout.size, first + width)
    const content = this.readColumns(artifact, layout.size, first, end, total)
    const block = { artifact: artifact.id, first, end, content }
    content.catch(() => (this.blocks = this.blocks.filter((each) => each !== block)))
    return block
  }

  private async readColumns(
    artifact: Artifact,
    size: number,
    first: number,
    end: number,
    total: number,
  ): Promise<BlockContent> {
    const images = new Int32Array(total)
    const responses = new Float32Array((end - first) * total)
    let filled = 0
    await this.visit(artifact, (norms, part) => {
      images.set(part, filled)
      for (let k = first; k < end; k++) {
        const begin = (k - first) * total + filled
        for (let row = 0; row < part.length; row++) responses[begin + row] = norms[row * size + k]
      }
      filled += part.length
    })
    return { images, responses }
  }

  /** Hands on the stored responses, `[images, m]`, part by part; other work gets its turn between two parts. */
  private async visit(artifact: Artifact, take: (norms: Float32Array, images: Int32Array) => void): Promise<void> {
    const { artifacts } = this.project.store
    for (const part of imageParts(this.project, artifact)) {
      await breathe()
      throwIfCancelled(this.closing.signal)
      const images = artifacts.read(artifact, part, 'images', 'int32').data
      take(artifacts.read(artifact, part, 'norms', 'float32').data, images)
    }
  }
}
