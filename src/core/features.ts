/**
 * Features are the channels of the chosen layers, numbered through: the row index of X (method section 1).
 */

export interface FeatureLayer {
  /** Layer number as shown to people, from 1. */
  readonly number: number
  /** Node of the graph. */
  readonly node: number
  readonly name: string
  readonly kind: 'convolutional' | 'fully-connected'
  readonly channels: number
}

export interface FeatureLayout {
  readonly layers: readonly (FeatureLayer & { /** Feature index of channel 0. */ readonly offset: number })[]
  /** m, the number of features. */
  readonly size: number
}

export function featureLayout(layers: readonly FeatureLayer[]): FeatureLayout {
  let size = 0
  const placed = layers.map((layer) => {
    const offset = size
    size += layer.channels
    return { ...layer, offset }
  })
  return { layers: placed, size }
}

/** Layer and channel of one feature index. */
export function locate(
  layout: FeatureLayout,
  feature: number,
): { layer: FeatureLayout['layers'][number]; channel: number } {
  const layer = layout.layers.findLast((candidate) => candidate.offset <= feature)
  if (!layer || feature < 0 || feature >= layer.offset + layer.channels) {
    throw new RangeError(`Feature ${feature} is outside of 0..${layout.size - 1}.`)
  }
  return { layer, channel: feature - layer.offset }
}

/** Feature indexes, in `layout`, of all channels of the given nodes. Nodes that the layout lacks throw. */
export function featuresOf(layout: FeatureLayout, nodes: readonly number[]): Int32Array {
  const indexes: number[] = []
  for (const node of nodes) {
    const layer = layout.layers.find((candidate) => candidate.node === node)
    if (!layer) throw new RangeError(`Node ${node} is not among the extracted layers.`)
    for (let channel = 0; channel < layer.channels; channel++) indexes.push(layer.offset + channel)
  }
  return Int32Array.from(indexes).sort()
}
