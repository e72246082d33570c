import { mapRange } from '../../../core/heatmap-pixels.ts'
import type { HeatmapMethod } from '../../../shared/jobs.ts'
import type { Matrix } from '../../../shared/matrix.ts'
import type { ComputedExplanation, ImageExplanation } from '../../../shared/results.ts'
import { mapAt } from '../../lib/matrix-pixels.ts'

/** Heatmaps side by side: a row for each method, a column for each feature. */

export type Column = ImageExplanation['features'][number]

export type Cell =
  | { readonly kind: 'map'; readonly map: Matrix<Float32Array> }
  /** There is no such map, and why. */
  | { readonly kind: 'none'; readonly reason: string }

/**
 * The features of the columns: those that explain the class by every method but resized activations, which skip fully
 * connected layers and take the next features in their place.
 */
export function columnsOf(shown: readonly ComputedExplanation[]): readonly Column[] {
  const all = shown.find(({ method }) => method !== 'upsampled') ?? shown[0]
  return all?.features ?? []
}

export function cellOf(explanation: ComputedExplanation, column: Column): Cell {
  const at = explanation.features.findIndex(({ feature }) => feature === column.feature)
  if (at >= 0) return { kind: 'map', map: mapAt(explanation.heatmaps, at) }
  if (explanation.method === 'upsampled' && column.layerKind === 'fully-connected') {
    return { kind: 'none', reason: 'A fully connected layer has no map that could be resized.' }
  }
  return { kind: 'none', reason: 'Not among the strongest features.' }
}

/** Features that the combined map of a method is made of and that have no column; for most methods none. */
export function featuresBeside(explanation: ComputedExplanation, columns: readonly Column[]): readonly Column[] {
  const shown = new Set(columns.map(({ feature }) => feature))
  return explanation.features.filter(({ feature }) => !shown.has(feature))
}

/** Largest raw magnitude of the feature maps in sight, for one scale for all of them; 0 where there is none. */
export function rawMaximum(shown: readonly ComputedExplanation[], columns: readonly Column[]): number {
  let top = 0
  for (const explanation of shown) {
    for (const column of columns) {
      const cell = cellOf(explanation, column)
      if (cell.kind === 'map') top = Math.max(top, mapRange(cell.map.data).top)
    }
  }
  return top
}

/** In the order of the rows, whatever the order in which they were chosen. */
export function inOrder(order: readonly HeatmapMethod[], chosen: readonly HeatmapMethod[]): HeatmapMethod[] {
  return order.filter((method) => chosen.includes(method))
}
