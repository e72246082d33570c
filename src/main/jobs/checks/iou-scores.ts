import { controlMaps, CONTROLS } from '../../../core/control-maps.ts'
import { combineHeatmaps } from '../../../core/explanation.ts'
import { iouCurve, IOU_THRESHOLDS } from '../../../core/iou.ts'
import { massInside, pointing } from '../../../core/pointing.ts'
import type { CheckSpec } from '../../../shared/checks.ts'
import { displayImage } from '../../data/preprocess.ts'
import type { ImageSource } from '../../data/types.ts'
import { passesThrough } from '../../model/image-pass.ts'
import type { Network } from '../../model/network.ts'
import { drawableBy } from '../heatmap-methods.ts'
import { networkMask } from '../masks.ts'
import type { Project } from '../project.ts'
import { rankImages } from '../ranking.ts'
import type { Selection } from '../selection.ts'
import { checkedWay, HEATMAP_WAYS, scaledMaps, type HeatmapWay } from './heatmap-ways.ts'
import type { ScoredBatch, ScoreRows } from './image-scores.ts'

/** One kind of map whose overlap with the masks is measured. */
export interface OverlapKind {
  readonly id: string
  readonly name: string
  /** `combined`: the maximum over the maps of an image; `each`: every map by itself, then the mean over them. */
  readonly maps: 'combined' | 'each' | null
  readonly control: boolean
}

export function overlapKinds(): OverlapKind[] {
  const of = (maps: 'combined' | 'each'): OverlapKind[] =>
    HEATMAP_WAYS.map(({ id, name }) => ({ id: `${id}/${maps}`, name, maps, control: false }))
  return [
    ...of('combined'),
    ...of('each'),
    { id: 'shuffled', name: 'Weights of the network shuffled', maps: 'combined', control: true },
    ...CONTROLS.map(({ id, name }) => ({ id, name, maps: null, control: true })),
  ]
}

export interface OverlapSetting {
  readonly project: Project
  readonly spec: CheckSpec
  readonly selection: Selection
  /** The same network with its weights shuffled. */
  readonly shuffled: Network
  readonly boxShare: number
}

/**
 * Overlap of each kind of map with the mask of each image: `curves` `[images, kinds, thresholds]`, `pointing` and
 * `mass` `[images, kinds]`, `classes` `[images, 2]` (label, predicted). Costs a forward pass of each image for all maps
 * of the network together and one for those of the shuffled one.
 */
export async function overlapScores(
  { project, spec, selection, shuffled, boxShare }: OverlapSetting,
  source: ImageSource,
  { indexes, data, step }: ScoredBatch,
): Promise<ScoreRows> {
  const { config, graph, network } = project
  const { layout } = selection
  const { topFeatures, reduction } = spec.explanation
  const kinds = overlapKinds()
  const levels = IOU_THRESHOLDS.length
  const count = indexes.length
  const curves = new Float64Array(count * kinds.length * levels)
  const points = new Float64Array(count * kinds.length)
  const mass = new Float64Array(count * kinds.length)
  const classes = new Float64Array(count * 2)
  const masks: Uint8Array[] = []
  const put = (row: number, id: string, maps: readonly ArrayLike<number>[]): void => {
    const kind = row * kinds.length + kinds.findIndex((each) => each.id === id)
    for (const map of maps) {
      const curve = iouCurve(map, masks[row])
      for (let level = 0; level < levels; level++) curves[kind * levels + level] += curve[level] / maps.length
      points[kind] += pointing(map, masks[row]) / maps.length
      mass[kind] += massInside(map, masks[row]) / maps.length
    }
  }
  for (const [row, index] of indexes.entries()) {
    const image = displayImage(await source.read(index), config.preprocessing)
    masks.push((await networkMask(source, index, config.preprocessing)).data)
    const controls = controlMaps(image, boxShare, [spec.seed, index])
    for (const { id } of CONTROLS) put(row, id, [controls[id]])
  }
  const nodes = layout.layers.map((layer) => layer.node)
  const [pass, other] = passesThrough([network, shuffled], data, count, nodes)
  try {
    const ranked = rankImages(graph, pass, selection, topFeatures)
    ranked.forEach(({ predicted }, row) => {
      classes[row * 2] = source.records[indexes[row]].label
      classes[row * 2 + 1] = predicted
    })
    const combined = (maps: Float32Array[]): Float32Array => combineHeatmaps(maps, masks[0].length)
    const rankedFor = (way: HeatmapWay) => {
      const only = drawableBy(way.method, layout)
      return only ? rankImages(graph, pass, selection, topFeatures, { only }) : ranked
    }
    for (const [done, way] of HEATMAP_WAYS.entries()) {
      await step(done / (HEATMAP_WAYS.length + 1))
      scaledMaps(pass, layout, rankedFor(way), way, reduction).forEach((maps, row) => {
        put(row, `${way.id}/combined`, [combined(maps)])
        put(row, `${way.id}/each`, maps)
      })
    }
    await step(HEATMAP_WAYS.length / (HEATMAP_WAYS.length + 1))
    scaledMaps(other, layout, ranked, checkedWay(spec), reduction).forEach((maps, row) =>
      put(row, 'shuffled', [combined(maps)]),
    )
  } finally {
    pass.dispose()
    other.dispose()
  }
  return { curves, pointing: points, mass, classes }
}
