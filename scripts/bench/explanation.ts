import { join } from 'node:path'
import { withProject } from '../../src/main/app.ts'
import { batches } from '../../src/main/data/batches.ts'
import { prepareDemo } from '../../src/main/demo.ts'
import { EXPLAIN_BATCH } from '../../src/main/jobs/explanation-store.ts'
import { extract } from '../../src/main/jobs/extraction.ts'
import { combineRawMaps, drawableBy, methodMaps } from '../../src/main/jobs/heatmap-methods.ts'
import type { Project } from '../../src/main/jobs/project.ts'
import { rankImages } from '../../src/main/jobs/ranking.ts'
import { select, type Selection } from '../../src/main/jobs/selection.ts'
import { ImagePass } from '../../src/main/model/image-pass.ts'
import { batchSizeFor } from '../../src/main/model/network.ts'
import { analysisDefaults, specsOf } from '../../src/shared/analysis.ts'
import type { HeatmapMethod } from '../../src/shared/jobs.ts'
import { quiet } from './fixtures.ts'
import { interleaved, medianRatio, seconds, type Measurement } from './measurement.ts'

/** Forward passes that a heatmap may cost, the image's own pass, ranking and combining included. */
const MOST_PASSES = 4
/** Training images of each class: 336 test images and 672 training images of the six classes. */
const COUNT = 112
const QUICK_COUNT = 12

const METHODS: readonly { readonly method: HeatmapMethod; readonly name: string }[] = [
  { method: 'ours', name: 'ours, convolutions and pooling corrected' },
  { method: 'deconv-gb', name: 'Deconv+GB' },
  { method: 'upsampled', name: 'upsampled activations' },
]

interface Batch {
  /** Preprocessed, `[images, ...inputShape]`. */
  readonly data: Float32Array
  readonly images: number
}

/** Explaining images with the demo's network at 112x112, against forward passes of the same images. */
export async function measureExplanation(folder: string, quick: boolean): Promise<Measurement[]> {
  const request = { out: join(folder, 'flowers'), variant: 'single-6c', count: quick ? QUICK_COUNT : COUNT } as const
  return withProject(await prepareDemo(request, quiet), {}, async (project) => {
    const options = analysisDefaults('paper')
    const { extraction, selections } = specsOf(options)
    await extract(project, extraction, quiet)
    const selection = await select(project, selections[0], quiet)
    const read = await preprocessed(project)
    const images = read.reduce((sum, batch) => sum + batch.images, 0)
    const heatmaps = new Map<HeatmapMethod, number>()
    const forward = (): void => {
      for (const { data, images: count } of read) {
        const input = project.network.upload(data, count)
        const scores = project.network.scores(input)
        scores.dataSync()
        input.dispose()
        scores.dispose()
      }
    }
    const explain = (method: HeatmapMethod) => (): void => {
      heatmaps.set(method, read.reduce((sum, batch) => sum + explainBatch(project, selection, method, batch), 0))
    }
    const ways = new Map([['forward', forward], ...METHODS.map(({ method }) => [method, explain(method)] as const)])
    forward()
    const times: Record<string, number[]> = await interleaved(Object.fromEntries(ways), quick ? 2 : 3)
    return METHODS.map(({ method, name }) => {
      const each = heatmaps.get(method)! / images
      const passes = medianRatio(times[method], times['forward']) / each
      return {
        name: `explanation, ${name}`,
        value: passes.toFixed(2),
        promise: `at most ${MOST_PASSES} forward passes of an image for each heatmap`,
        kept: passes <= MOST_PASSES,
        note: `${seconds(times[method])} / ${seconds(times['forward'])}; ${images} images, ${each.toFixed(2)} heatmaps of each`,
      }
    })
  })
}

/** Test images and training images. */
async function preprocessed({ test, train, config, graph }: Project): Promise<Batch[]> {
  const found: Batch[] = []
  for (const source of [test, train]) {
    for await (const { data, indexes } of batches(source, config.preprocessing, {
      batchSize: batchSizeFor(graph, EXPLAIN_BATCH),
    })) {
      found.push({ data, images: indexes.length })
    }
  }
  return found
}

/** Everything from the images to their combined explanations; returns the number of heatmaps. */
function explainBatch(project: Project, selection: Selection, method: HeatmapMethod, { data, images }: Batch): number {
  const { graph, network, config } = project
  const { layout } = selection
  const pass = new ImagePass(
    network,
    data,
    images,
    layout.layers.map(({ node }) => node),
  )
  try {
    const { topFeatures, strideCorrection, reduction } = analysisDefaults('paper')
    const ranked = rankImages(graph, pass, selection, topFeatures, { only: drawableBy(method, layout) })
    const maps = methodMaps(pass, layout, ranked, method, { strideCorrection, reduction })
    const pixels = config.preprocessing.height * config.preprocessing.width
    for (const own of maps) combineRawMaps(own, pixels)
    return maps.reduce((sum, own) => sum + own.length, 0)
  } finally {
    pass.dispose()
  }
}
