import { controlMaps, CONTROLS } from '../../../core/control-maps.ts'
import { combineHeatmaps } from '../../../core/explanation.ts'
import type { CheckSpec } from '../../../shared/checks.ts'
import { displayImage } from '../../data/preprocess.ts'
import type { RawImage } from '../../data/types.ts'
import { ImagePass } from '../../model/image-pass.ts'
import { drawableBy } from '../heatmap-methods.ts'
import { spreadIndexes } from '../image-set.ts'
import type { Project } from '../project.ts'
import { rankImages } from '../ranking.ts'
import type { Selection } from '../selection.ts'
import { comparedWays, scaledMaps } from './heatmap-ways.ts'
import type { ScoredBatch } from './image-scores.ts'

/** The maps by which images are perturbed: heatmaps first, then the controls. */
export interface PerturbingKind {
  readonly name: string
  readonly control: boolean
}

export function perturbingKinds(spec: CheckSpec): PerturbingKind[] {
  return [
    ...comparedWays(spec).map(({ name }) => ({ name, control: false })),
    ...CONTROLS.map(({ name }) => ({ name, control: true })),
  ]
}

/** Place of the checked heatmaps, and of those without correction (-1 where they are the same), among the kinds. */
export function placesOf(spec: CheckSpec): { checked: number; baseline: number } {
  const ways = comparedWays(spec)
  const checked = ways.length - 1
  const baseline = ways.findIndex(({ id }) => id === 'deconv-gb')
  return { checked, baseline: baseline === checked ? -1 : baseline }
}

/** One image with the maps by which it is perturbed. */
export interface PerturbedImage {
  /** Index in the test images. */
  readonly index: number
  /** As the network sees it, 8-bit. */
  readonly image: RawImage
  readonly predicted: number
  /** Probability of the predicted class. */
  readonly confidence: number
  /** `[height * width]` in [0, 1], in the order of `perturbingKinds`. */
  readonly maps: readonly Float32Array[]
}

/** The images of a batch, each with its combined heatmaps of every compared way and its controls. */
export async function perturbedImages(
  project: Project,
  spec: CheckSpec,
  selection: Selection,
  boxShare: number,
  { indexes, data, step }: ScoredBatch,
): Promise<PerturbedImage[]> {
  const { config, graph, network, test } = project
  const { layout } = selection
  const { topFeatures, reduction } = spec.explanation
  const { height, width } = config.preprocessing
  const pass = new ImagePass(
    network,
    data,
    indexes.length,
    layout.layers.map((layer) => layer.node),
  )
  try {
    const ranked = rankImages(graph, pass, selection, topFeatures)
    const heatmaps: Float32Array[][] = []
    for (const way of comparedWays(spec)) {
      await step(0)
      const only = drawableBy(way.method, layout)
      const own = only ? rankImages(graph, pass, selection, topFeatures, { only }) : ranked
      heatmaps.push(scaledMaps(pass, layout, own, way, reduction).map((maps) => combineHeatmaps(maps, height * width)))
    }
    const images: PerturbedImage[] = []
    for (const [row, index] of indexes.entries()) {
      const image = displayImage(await test.read(index), config.preprocessing)
      const controls = controlMaps(image, boxShare, [spec.seed, index])
      images.push({
        index,
        image,
        predicted: ranked[row].predicted,
        confidence: ranked[row].confidence,
        maps: [...heatmaps.map((maps) => maps[row]), ...CONTROLS.map(({ id }) => controls[id])],
      })
    }
    return images
  } finally {
    pass.dispose()
  }
}

/** Up to `count` test images, spread over all. */
export function testImages({ test }: Project, count: number | null): Int32Array {
  const total = test.records.length
  return spreadIndexes(total, count ?? total)
}
