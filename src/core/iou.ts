/** Thresholds of the IoU curve: 0, 0.01, ... 1. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 101 }, (_, i) => i / 100)

/**
 * Intersection over union of a thresholded heatmap with a mask, at every threshold of `IOU_THRESHOLDS`
 * (method section 7). A pixel belongs to the explanation when its value is at least the threshold and not zero:
 * an empty heatmap explains nothing.
 *
 * @param heatmap `[pixels]`, in [0, 1]; @param mask `[pixels]`, 0 or 1, not empty.
 */
export function iouCurve(heatmap: ArrayLike<number>, mask: ArrayLike<number>): Float64Array {
  const levels = IOU_THRESHOLDS.length
  const inside = new Float64Array(levels)
  const outside = new Float64Array(levels)
  let maskArea = 0
  for (let i = 0; i < mask.length; i++) {
    maskArea += mask[i]
    const value = heatmap[i]
    if (!(value > 0)) continue
    const level = highestThreshold(value)
    if (mask[i]) inside[level] += 1
    else outside[level] += 1
  }
  const curve = new Float64Array(levels)
  let intersection = 0
  let spill = 0
  for (let level = levels - 1; level >= 0; level--) {
    intersection += inside[level]
    spill += outside[level]
    curve[level] = intersection / (maskArea + spill)
  }
  return curve
}

/** Area under an IoU curve by the trapezoidal rule; 1 is the largest possible. */
export function areaUnder(curve: ArrayLike<number>): number {
  let area = 0
  for (let i = 1; i < curve.length; i++) area += (curve[i - 1] + curve[i]) / 2
  return area / (curve.length - 1)
}

/** Largest index whose threshold does not exceed the value; exact for values that are thresholds themselves. */
function highestThreshold(value: number): number {
  let level = Math.min(IOU_THRESHOLDS.length - 1, Math.floor(value * 100))
  while (level + 1 < IOU_THRESHOLDS.length && IOU_THRESHOLDS[level + 1] <= value) level++
  while (level > 0 && IOU_THRESHOLDS[level] > value) level--
  return level
}
