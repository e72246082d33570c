import { locate, type FeatureLayout } from '../../core/features.ts'

/** One heatmap to make: a feature for one image of a batch. */
export interface HeatmapRequest {
  readonly row: number
  readonly feature: number
}

/**
 * Makes heatmaps of many features for many images, those that start at the same layer together. Returns
 * `[height * width]` for each request, in their order.
 *
 * @param most requests of one backward pass (`ImagePass.mostRows`).
 * @param make backward pass from `node` for the given rows and channels, `[rows, height, width]`.
 */
export function heatmapBatch(
  layout: FeatureLayout,
  requests: readonly HeatmapRequest[],
  most: number,
  make: (node: number, rows: number[], channels: number[]) => Float32Array,
): Float32Array[] {
  const byNode = new Map<number, number[]>()
  requests.forEach(({ feature }, index) => {
    const { layer } = locate(layout, feature)
    const list = byNode.get(layer.node)
    if (list) list.push(index)
    else byNode.set(layer.node, [index])
  })
  const maps: Float32Array[] = new Array<Float32Array>(requests.length)
  for (const [node, all] of byNode) {
    for (let begin = 0; begin < all.length; begin += most) {
      const indexes = all.slice(begin, begin + most)
      const made = make(
        node,
        indexes.map((index) => requests[index].row),
        indexes.map((index) => locate(layout, requests[index].feature).channel),
      )
      const pixels = made.length / indexes.length
      indexes.forEach((index, i) => (maps[index] = made.slice(i * pixels, (i + 1) * pixels)))
    }
  }
  return maps
}
