/**
 * The control that knows only where pictures have their subject: a box in the middle, of the image's own aspect ratio,
 * as large as a share of the image.
 *
 * @param share of the image, above 0 up to 1.
 * @returns `[height * width]`, 1 inside and 0 outside.
 */
export function centreBoxMap(height: number, width: number, share: number): Float32Array {
  const boxHeight = clamp(Math.round(height * Math.sqrt(share)), height)
  // From the height as it was rounded, so that the area comes close to what was asked for.
  const boxWidth = clamp(Math.round((share * height * width) / boxHeight), width)
  const top = Math.floor((height - boxHeight) / 2)
  const left = Math.floor((width - boxWidth) / 2)
  const map = new Float32Array(height * width)
  for (let y = top; y < top + boxHeight; y++) map.fill(1, y * width + left, y * width + left + boxWidth)
  return map
}

function clamp(size: number, most: number): number {
  return Math.min(most, Math.max(1, size))
}
