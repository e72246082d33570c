import { combineHeatmaps, scaleHeatmap } from '../../core/explanation.ts'
import { locate, type FeatureLayout } from '../../core/features.ts'
import type { StrideCorrection } from '../../shared/graph.ts'
import type { HeatmapMethod } from '../../shared/jobs.ts'
import type { BackwardMethod, ColourReduction, ImagePass } from '../model/image-pass.ts'
import { heatmapBatch } from './heatmap-batch.ts'
import type { RankedImage } from './ranking.ts'

/** What a method is told beside its name. */
export interface DrawingOptions {
  /** For `ours`; the other methods are drawn without correction. */
  readonly strideCorrection: StrideCorrection
  readonly reduction: ColourReduction
}

/** The features that a method can draw; undefined where it draws all. Resized activations exist for maps only. */
export function drawableBy(
  method: HeatmapMethod,
  layout: FeatureLayout,
): ((feature: number) => boolean) | undefined {
  if (method !== 'upsampled') return undefined
  return (feature) => locate(layout, feature).layer.kind === 'convolutional'
}

/**
 * The maps of each image's features by one method (method section 4): for each image of the batch a list of
 * `[height * width]` raw signals, in the order of its features. The features must be drawable by the method.
 */
export function methodMaps(
  pass: ImagePass,
  layout: FeatureLayout,
  ranked: readonly RankedImage[],
  method: HeatmapMethod,
  options: DrawingOptions,
): Float32Array[][] {
  if (method === 'upsampled') return mapsOf(pass, layout, ranked, (...where) => pass.upsampled(...where))
  return signalMaps(pass, layout, ranked, backwardMethodOf(method, options), options.reduction)
}

/** The same by any backward pass. */
export function signalMaps(
  pass: ImagePass,
  layout: FeatureLayout,
  ranked: readonly RankedImage[],
  backward: BackwardMethod,
  reduction: ColourReduction,
): Float32Array[][] {
  return mapsOf(pass, layout, ranked, (...where) => pass.heatmaps(...where, backward, reduction))
}

/** Pixel-wise maximum of the maps of one image, each scaled to [0, 1]; zero where there are none. */
export function combineRawMaps(maps: readonly Float32Array[], pixels: number): Float32Array {
  return combineHeatmaps(
    maps.map((raw) => scaleHeatmap(raw).scaled),
    pixels,
  )
}

function backwardMethodOf(
  method: Exclude<HeatmapMethod, 'upsampled'>,
  { strideCorrection }: DrawingOptions,
): BackwardMethod {
  switch (method) {
    case 'ours':
      return { rule: 'guided', strideCorrection }
    case 'deconv-gb':
      return { rule: 'guided', strideCorrection: 'none' }
    case 'deconvnet':
    case 'gradient':
      return { rule: method, strideCorrection: 'none' }
  }
}

function mapsOf(
  { mostRows }: ImagePass,
  layout: FeatureLayout,
  ranked: readonly RankedImage[],
  make: Parameters<typeof heatmapBatch>[3],
): Float32Array[][] {
  const requests = ranked.flatMap(({ features }, row) => features.map(({ feature }) => ({ row, feature })))
  const maps = heatmapBatch(layout, requests, mostRows, make)
  let next = 0
  return ranked.map(({ features }) => maps.slice(next, (next += features.length)))
}
