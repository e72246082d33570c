import type { Weight } from '../../../../shared/graph.ts'
import type { Layer } from './layer.ts'

/**
 * Refuses a layer that works along another axis than the last one of its input as the graph has it, which is the axis
 * of the channels. `axis` counts as in Keras: from 1, or from -1 backwards; tf.keras 1 wrote a list of one.
 */
export function requireChannelAxis(layer: Layer, axis: unknown): void {
  const axes: unknown[] = [axis].flat()
  const rank = layer.inputShape.length
  const allowed: readonly unknown[] = layer.channelsFirst ? [1, -rank] : [-1, rank]
  if (axes.length === 1 && allowed.includes(axes[0])) return
  const named = axes.map((member) => JSON.stringify(member)).join(', ')
  throw layer.unsupported(`which normalises over axis ${named}; only the axis of the channels is supported`)
}

const reordered = new WeakMap<Weight, Weight>()

/** `[channels, height, width]` as `[height, width, channels]`; the same object for the same weight. */
export function channelsLast(weight: Weight): Weight {
  const known = reordered.get(weight)
  if (known) return known
  const [channels, height, width] = weight.shape
  const data = new Float32Array(weight.data.length)
  const places = height * width
  for (let channel = 0; channel < channels; channel++) {
    const from = channel * places
    for (let place = 0; place < places; place++) data[place * channels + channel] = weight.data[from + place]
  }
  const made = { shape: [height, width, channels], data }
  reordered.set(weight, made)
  return made
}
