import { scaleHeatmap } from '../../../core/explanation.ts'
import { locate, type FeatureLayout } from '../../../core/features.ts'
import type { BackwardMethod, ColourReduction, ImagePass } from '../../model/image-pass.ts'
import { heatmapBatch, type HeatmapRequest } from '../heatmap-batch.ts'

/**
 * Heatmaps of many features of the same images, `[height * width]` each, magnitudes scaled to [0, 1]. Each pair of an
 * image and a feature is computed once, however often it is asked for.
 */
export class ManyHeatmaps {
  private readonly layout: FeatureLayout
  private readonly method: BackwardMethod
  private readonly reduction: ColourReduction
  /** By image and feature. */
  private readonly maps = new Map<number, Float32Array>()

  constructor(layout: FeatureLayout, method: BackwardMethod, reduction: ColourReduction) {
    this.layout = layout
    this.method = method
    this.reduction = reduction
  }

  /** Computes those that are missing. @param step awaited between two backward passes. */
  async make(
    pass: ImagePass,
    requests: readonly HeatmapRequest[],
    step: (share: number) => Promise<void>,
  ): Promise<void> {
    const missing = requests.filter((request) => !this.maps.has(this.keyOf(request)))
    const wanted = [...new Map(missing.map((request) => [this.keyOf(request), request])).values()]
    // By layer, so that maps which are made together share their backward pass.
    wanted.sort((a, b) => a.feature - b.feature || a.row - b.row)
    for (let begin = 0; begin < wanted.length; ) {
      await step(begin / wanted.length)
      const node = this.nodeOf(wanted[begin])
      let end = begin + 1
      while (end < wanted.length && end - begin < pass.mostRows && this.nodeOf(wanted[end]) === node) end++
      const chunk = wanted.slice(begin, end)
      const made = heatmapBatch(this.layout, chunk, pass.mostRows, (...where) =>
        pass.heatmaps(...where, this.method, this.reduction),
      )
      chunk.forEach((request, i) => this.maps.set(this.keyOf(request), scaleHeatmap(made[i]).scaled))
      begin = end
    }
  }

  /** One that was made. */
  of(request: HeatmapRequest): Float32Array {
    return this.maps.get(this.keyOf(request))!
  }

  /** Drops the maps of features of these layers. */
  forget(nodes: ReadonlySet<number>): void {
    for (const key of this.maps.keys()) {
      if (nodes.has(locate(this.layout, key % this.layout.size).layer.node)) this.maps.delete(key)
    }
  }

  private keyOf({ row, feature }: HeatmapRequest): number {
    return row * this.layout.size + feature
  }

  private nodeOf({ feature }: HeatmapRequest): number {
    return locate(this.layout, feature).layer.node
  }
}
