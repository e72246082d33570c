import type { FeatureLayout } from './features.ts'
import { describeImages, type Scaling } from './responses.ts'

/**
 * Ways to make an image descriptor of channel norms (method section 1): those that the presets use, and others that
 * the paper leaves open. `size-normalised` divides each norm by the root of the places of its map, which is the root
 * mean square of the activations, and then the whole image, not each layer, by its sum. Within a layer all maps are
 * alike in size: a layer that is divided by its own sum is the same with and without.
 */
export type ResponseVariant = Scaling | { readonly response: 'size-normalised' }

/**
 * @param norms `[images, m]` channel norms ||A_k||_2; @param places `[layers]`, height times width of the maps.
 * @returns `[images, m]`. Size-normalised rows sum to the number of layers that respond, as those of the paper do.
 */
export function describeVariant(
  norms: Float32Array,
  images: number,
  layout: FeatureLayout,
  places: readonly number[],
  variant: ResponseVariant,
): Float32Array {
  if (variant.response !== 'size-normalised') return describeImages(norms, images, layout, variant)
  const { size, layers } = layout
  const out = new Float32Array(images * size)
  for (let image = 0; image < images; image++) {
    const row = image * size
    let total = 0
    let responding = 0
    layers.forEach(({ offset, channels }, l) => {
      const factor = 1 / Math.sqrt(places[l])
      let sum = 0
      for (let i = row + offset; i < row + offset + channels; i++) {
        out[i] = norms[i] * factor
        sum += out[i]
      }
      total += sum
      if (sum > 0) responding += 1
    })
    if (total === 0) continue
    const factor = responding / total
    for (let i = row; i < row + size; i++) out[i] *= factor
  }
  return out
}
