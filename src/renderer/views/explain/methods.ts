import type { HeatmapMethod } from '../../../shared/jobs.ts'

/** The ways to draw a feature's heatmap, in the order of their rows. */
export const METHODS: readonly { readonly method: HeatmapMethod; readonly label: string; readonly note: string }[] = [
  { method: 'ours', label: 'Ours', note: 'Guided backpropagation with stride correction, as in the paper' },
  { method: 'deconv-gb', label: 'Deconv+GB', note: 'Guided backpropagation without stride correction' },
  { method: 'deconvnet', label: 'Deconvnet', note: 'Positive signals only, without stride correction' },
  { method: 'gradient', label: 'Gradient', note: 'Plain gradient of the feature, without stride correction' },
  { method: 'upsampled', label: 'Upsampled', note: 'Activations of the feature, resized to the image' },
]
