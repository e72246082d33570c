import type { FeatureName } from '../../../shared/results.ts'
import type { MatrixView } from './matrix-picture.ts'

/** Names stand this many pixels apart at least. */
const LINE = 15

/** Rows whose names fit whole beside the part in sight, with the middle of each in pixels from the top. */
export function rowLabels(view: MatrixView, height: number): { readonly row: number; readonly y: number }[] {
  const perRow = height / (view.bottom - view.top)
  const every = Math.max(1, Math.ceil(LINE / perRow))
  const labels: { row: number; y: number }[] = []
  const first = Math.ceil(Math.floor(view.top) / every) * every
  for (let row = first; row < view.bottom; row += every) {
    const y = (row + 0.5 - view.top) * perRow
    if (y >= LINE / 2 && y <= height - LINE / 2) labels.push({ row, y })
  }
  return labels
}

/** A run of neighbouring columns of one layer. */
export interface LayerRun {
  readonly number: number
  readonly name: string
  readonly kind: FeatureName['layerKind']
  readonly start: number
  readonly end: number
}

export function layerRuns(features: readonly FeatureName[]): LayerRun[] {
  const runs: LayerRun[] = []
  features.forEach(({ layerNumber, layerName, layerKind }, i) => {
    const last = runs.at(-1)
    if (last?.number === layerNumber) runs[runs.length - 1] = { ...last, end: i + 1 }
    else runs.push({ number: layerNumber, name: layerName, kind: layerKind, start: i, end: i + 1 })
  })
  return runs
}

/** The runs in sight, in pixels from the left. */
export function runBoxes(
  runs: readonly LayerRun[],
  view: MatrixView,
  width: number,
): (LayerRun & { readonly left: number; readonly width: number })[] {
  const perColumn = width / (view.right - view.left)
  return runs.flatMap((run) => {
    const left = Math.max(0, (run.start - view.left) * perColumn)
    const right = Math.min(width, (run.end - view.left) * perColumn)
    return right > left ? [{ ...run, left, width: right - left }] : []
  })
}
