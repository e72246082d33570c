/**
 * The border of a region of pixels as an SVG path in pixel coordinates: every edge between a pixel inside and one
 * outside, neighbouring edges of a line joined. The border of the picture counts as outside.
 *
 * @param inside Whether the pixel `row * width + column` belongs to the region.
 */
export function regionOutline(height: number, width: number, inside: (pixel: number) => boolean): string {
  const member = new Uint8Array(height * width)
  for (let i = 0; i < member.length; i++) member[i] = inside(i) ? 1 : 0
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : (member[row * width + column] ?? 0)
  const path: string[] = []
  for (let row = 0; row <= height; row++) {
    let from = -1
    for (let column = 0; column <= width; column++) {
      const edge = column < width && at(row - 1, column) !== at(row, column)
      if (edge && from < 0) from = column
      if (!edge && from >= 0) {
        path.push(`M${from} ${row}H${column}`)
        from = -1
      }
    }
  }
  for (let column = 0; column <= width; column++) {
    let from = -1
    for (let row = 0; row <= height; row++) {
      const edge = row < height && at(row, column - 1) !== at(row, column)
      if (edge && from < 0) from = row
      if (!edge && from >= 0) {
        path.push(`M${column} ${from}V${row}`)
        from = -1
      }
    }
  }
  return path.join('')
}
