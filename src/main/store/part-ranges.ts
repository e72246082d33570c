/** Size to aim at for one part: large enough to stream, small enough to hold several times in memory. */
export const PART_BYTES = 16 * 2 ** 20

export interface PartRange {
  readonly part: number
  /** First row of the part. */
  readonly start: number
  /** Row after its last. */
  readonly end: number
}

/**
 * Splits the rows of a large matrix into parts of at most `partBytes` (at least one row each), so that it
 * can be written, resumed and read piece by piece.
 */
export function partRanges(rows: number, bytesPerRow: number, partBytes = PART_BYTES): PartRange[] {
  const step = Math.max(1, Math.floor(partBytes / bytesPerRow))
  return Array.from({ length: Math.ceil(rows / step) }, (_, part) => ({
    part,
    start: part * step,
    end: Math.min(rows, (part + 1) * step),
  }))
}
