import type { HeatmapDisplay } from '../../../shared/figures.ts'

/** How heatmaps lie over their images here and in the figures that are made of them. Combined maps end at 1. */
export const DISPLAY: HeatmapDisplay = {
  colourMap: 'viridis',
  opacity: 0.55,
  threshold: 0,
  smooth: true,
  scaleMax: null,
}
