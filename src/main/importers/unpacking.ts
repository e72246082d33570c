/** Trained weights pack badly: even with nine of ten values zero they shrink to a tenth, not to a hundredth. */
const MOST_BYTES_PER_PACKED_BYTE = 100
/** What costs nothing to unpack, however well it was packed. */
const HARMLESS = 64 * 1024 * 1024

/** Bytes that so many packed ones may claim to hold, before anything is unpacked. */
export function mostUnpackedBytes(packedBytes: number): number {
  return Math.max(HARMLESS, packedBytes * MOST_BYTES_PER_PACKED_BYTE)
}
