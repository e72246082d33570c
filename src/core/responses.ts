import type { FeatureLayout } from './features.ts'

/** How channel responses become the image descriptor x(I) (method section 1). */
export interface Scaling {
  /** `l2`: ||A_k||_2 (paper); `squared`: sum A_k^2 (released code). */
  readonly response: 'l2' | 'squared'
  /** `none`: L1 per layer only (paper); `l2`: then divided by ||x||_2 (released code, "l2-image"). */
  readonly image: 'none' | 'l2'
}

/**
 * Image descriptors from channel norms: each layer is divided by the sum of its absolute responses, then, for
 * `image: 'l2'`, the whole row by its Euclidean norm. A layer, or an image, that is all zero stays zero.
 *
 * @param norms `[images, m]` channel norms ||A_k||_2, row-major, m = `layout.size`.
 * @param out `[images, m]`, may be `norms` itself.
 */
export function describeImages(
  norms: Float32Array,
  images: number,
  layout: FeatureLayout,
  scaling: Scaling,
  out: Float32Array = new Float32Array(norms.length),
): Float32Array {
  const size = layout.size
  if (norms.length < images * size) throw new RangeError(`Expected ${images} x ${size} norms, got ${norms.length}.`)
  const squared = scaling.response === 'squared'
  for (let image = 0; image < images; image++) {
    const row = image * size
    let rowSquares = 0
    for (const { offset, channels } of layout.layers) {
      const begin = row + offset
      const end = begin + channels
      let sum = 0
      if (squared) for (let i = begin; i < end; i++) sum += norms[i] * norms[i]
      else for (let i = begin; i < end; i++) sum += norms[i]
      const factor = sum > 0 ? 1 / sum : 0
      if (scaling.image === 'none') {
        // Nobody needs the sum of squares here, which takes longer than all the rest.
        if (squared) for (let i = begin; i < end; i++) out[i] = norms[i] * norms[i] * factor
        else for (let i = begin; i < end; i++) out[i] = norms[i] * factor
        continue
      }
      for (let i = begin; i < end; i++) {
        const value = (squared ? norms[i] * norms[i] : norms[i]) * factor
        out[i] = value
        rowSquares += value * value
      }
    }
    if (rowSquares > 0) {
      const factor = 1 / Math.sqrt(rowSquares)
      for (let i = row; i < row + size; i++) out[i] = out[i] * factor
    }
  }
  return out
}

/** Columns of `rows` `[images, m]` in the order of `columns`, `[images, columns.length]`. */
export function gatherColumns(rows: Float32Array, images: number, size: number, columns: Int32Array): Float32Array {
  const width = columns.length
  const out = new Float32Array(images * width)
  for (let image = 0; image < images; image++) {
    for (let i = 0; i < width; i++) out[image * width + i] = rows[image * size + columns[i]]!
  }
  return out
}
