import { locate, type FeatureLayout } from './features.ts'
import { shuffledIndexes } from './random.ts'

/**
 * One draw of random channels in place of selected ones: each class and layer has its own random order of all channels
 * of the layer, and a selected feature is replaced by the next channel in it that responds to the image. Images of one
 * class get mostly the same channels, as they do from a selection, and never one that is silent and has no heatmap.
 */
export class MatchedChannels {
  private readonly layout: FeatureLayout
  private readonly seeds: readonly number[]
  private readonly orders = new Map<string, Int32Array>()

  /** @param seeds of this draw. */
  constructor(layout: FeatureLayout, ...seeds: readonly number[]) {
    this.layout = layout
    this.seeds = seeds
  }

  /**
   * @param features selected for the image, each responding to it; @param norms `[m]`, the image's channel norms.
   * @returns as many different features of the same layers, in the same order.
   */
  replace(classIndex: number, features: readonly number[], norms: ArrayLike<number>): number[] {
    const next = new Map<number, number>()
    return features.map((feature) => {
      const { node, offset, channels } = locate(this.layout, feature).layer
      const order = this.orderOf(classIndex, node, channels)
      let place = next.get(node) ?? 0
      while (place < channels - 1 && !(norms[offset + order[place]] > 0)) place++
      next.set(node, place + 1)
      return offset + order[place]
    })
  }

  private orderOf(classIndex: number, node: number, channels: number): Int32Array {
    const key = `${classIndex} ${node}`
    const known = this.orders.get(key)
    if (known) return known
    const order = shuffledIndexes(channels, ...this.seeds, classIndex, node)
    this.orders.set(key, order)
    return order
  }
}
