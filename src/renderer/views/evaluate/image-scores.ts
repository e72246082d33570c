import { controlMaps } from '../../../core/control-maps.ts'
import { areaUnder, iouCurve } from '../../../core/iou.ts'
import type { Matrix } from '../../../shared/matrix.ts'
import { bestOf } from './scores.ts'

/** A heatmap of one image held against its mask. */
export interface ImageScore {
  readonly kind: string
  readonly name: string
  readonly control: boolean
  /** `[height, width]`, 0..1. */
  readonly map: Matrix<Float32Array>
  /** IoU at the thresholds of `IOU_THRESHOLDS`. */
  readonly curve: readonly number[]
  readonly area: number
  readonly best: { readonly iou: number; readonly threshold: number }
}

export interface NamedMap {
  readonly kind: string
  readonly name: string
  readonly control: boolean
  readonly map: Matrix<Float32Array>
}

/** The same measure as the evaluation of all images (core/iou). The mask is `[height, width]` of 0 and 1, not empty. */
export function scoreMap(named: NamedMap, mask: Matrix<Uint8Array>): ImageScore {
  const curve = iouCurve(named.map.data, mask.data)
  return { ...named, curve: [...curve], area: areaUnder(curve), best: bestOf(curve) }
}

/** Pixels as a canvas gives them, `[height, width, 4]`. */
export interface CanvasPixels {
  readonly height: number
  readonly width: number
  readonly data: Uint8ClampedArray
}

/** The controls that need no network, the same as in the evaluation: `boxShare` of its result, seeds from its spec. */
export function controlsOf(
  picture: CanvasPixels,
  channels: number,
  boxShare: number,
  seeds: readonly number[],
): { readonly kind: string; readonly map: Matrix<Float32Array> }[] {
  const { height, width } = picture
  const data = new Uint8ClampedArray(height * width * channels)
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < channels; c++) data[i * channels + c] = picture.data[i * 4 + c] ?? 0
  }
  const maps = controlMaps({ height, width, channels, data }, boxShare, seeds)
  return Object.entries(maps).map(([kind, map]) => ({ kind, map: { shape: [height, width], data: map } }))
}
