import { scaleHeatmap } from '../../../core/explanation.ts'
import { locate, type FeatureLayout } from '../../../core/features.ts'
import type { BackwardMethod, ColourReduction, ImagePass } from '../../model/image-pass.ts'
import { heatmapBatch, type HeatmapRequest } from '../heatmap-batch.ts'

/** Maps of one backward pass, whose signals at full resolution are held together. */
const MOST_AT_ONCE = 64

/**
 * Heatmaps of many features of the same images, `[height * width]` each, magnitudes scaled to [0, 1]. Each pair of an
 * image and a feature is computed once, however often it is asked for.
 */
export async function manyHeatmaps(
  pass: ImagePass,
  layout: FeatureLayout,
  requests: readonly HeatmapRequest[],
  method: BackwardMethod,
  reduction: ColourReduction,
  step: (share: number) => Promise<void>,
): Promise<(request: HeatmapRequest) => Float32Array> {
  const keyOf = ({ row, feature }: HeatmapRequest): number => row * layout.size + feature
  const wanted = [...new Map(requests.map((request) => [keyOf(request), request])).values()]
  // By layer, so that maps which are made together share their backward pass.
  wanted.sort((a, b) => a.feature - b.feature || a.row - b.row)
  const maps = new Map<number, Float32Array>()
  for (let begin = 0; begin < wanted.length; ) {
    await step(begin / wanted.length)
    const { node } = locate(layout, wanted[begin].feature).layer
    let end = begin + 1
    while (
      end < wanted.length &&
      end - begin < MOST_AT_ONCE &&
      locate(layout, wanted[end].feature).layer.node === node
    ) {
      end++
    }
    const chunk = wanted.slice(begin, end)
    const made = heatmapBatch(layout, chunk, (...where) => pass.heatmaps(...where, method, reduction))
    chunk.forEach((request, i) => maps.set(keyOf(request), scaleHeatmap(made[i]).scaled))
    begin = end
  }
  return (request) => maps.get(keyOf(request))!
}
