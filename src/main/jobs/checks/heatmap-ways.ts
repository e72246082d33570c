import { scaleHeatmap } from '../../../core/explanation.ts'
import type { FeatureLayout } from '../../../core/features.ts'
import type { CheckSpec } from '../../../shared/checks.ts'
import type { StrideCorrection } from '../../../shared/graph.ts'
import type { HeatmapMethod } from '../../../shared/jobs.ts'
import type { ImagePass } from '../../model/image-pass.ts'
import { methodMaps } from '../heatmap-methods.ts'
import type { RankedImage } from '../ranking.ts'

/** One way to draw the features of an explanation. */
export interface HeatmapWay {
  readonly id: string
  readonly name: string
  readonly method: HeatmapMethod
  readonly strideCorrection: StrideCorrection
}

const UPSAMPLED: HeatmapWay = {
  id: 'upsampled',
  name: 'Upsampled activations',
  method: 'upsampled',
  strideCorrection: 'none',
}
const DECONV_GB: HeatmapWay = { id: 'deconv-gb', name: 'Deconv+GB', method: 'deconv-gb', strideCorrection: 'none' }
const OURS_CONV: HeatmapWay = {
  id: 'ours-conv',
  name: 'Ours, convolutions corrected',
  method: 'ours',
  strideCorrection: 'conv',
}
const OURS_CONV_POOL: HeatmapWay = {
  id: 'ours-conv-pool',
  name: 'Ours, convolutions and pooling corrected',
  method: 'ours',
  strideCorrection: 'conv+pool',
}

/** The kinds of heatmaps that the paper compares (its Table 1), ours with both corrections. */
export const HEATMAP_WAYS: readonly HeatmapWay[] = [UPSAMPLED, DECONV_GB, OURS_CONV, OURS_CONV_POOL]

/** The way that is checked: without a correction it is Deconv+GB. */
export function checkedWay({ explanation: { strideCorrection } }: CheckSpec): HeatmapWay {
  if (strideCorrection === 'none') return DECONV_GB
  return strideCorrection === 'conv' ? OURS_CONV : OURS_CONV_POOL
}

/** The checked way after those that it is held against. */
export function comparedWays(spec: CheckSpec): HeatmapWay[] {
  const checked = checkedWay(spec)
  return [...[UPSAMPLED, DECONV_GB].filter((way) => way !== checked), checked]
}

/** For each image the maps of its features, `[height * width]` each, magnitudes scaled to [0, 1]. */
export function scaledMaps(
  pass: ImagePass,
  layout: FeatureLayout,
  ranked: readonly RankedImage[],
  { method, strideCorrection }: HeatmapWay,
  reduction: CheckSpec['explanation']['reduction'],
): Float32Array[][] {
  const raw = methodMaps(pass, layout, ranked, method, { strideCorrection, reduction })
  return raw.map((maps) => maps.map((map) => scaleHeatmap(map).scaled))
}
