import { VebiError } from '../../../shared/errors.ts'

const SIGNATURE = Buffer.from('GCOL\x01\0\0\0', 'latin1')
const COLLECTION_HEADER = 16
const OBJECT_HEADER = 16

/**
 * Refuses global heaps (HDF5 File Format Specification, III.E; texts of any length lie there) whose objects do not fit
 * into them: the library adds up their sizes in 32 bits without a look, and one of 0 bytes keeps it in a loop.
 * Throws VebiError.
 */
export function checkGlobalHeaps(bytes: Uint8Array, label: string): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = file.indexOf(SIGNATURE); at >= 0; at = file.indexOf(SIGNATURE, at + SIGNATURE.length)) {
    if (at + COLLECTION_HEADER > file.length) return
    const end = Math.min(at + Number(file.readBigUInt64LE(at + 8)), file.length)
    for (let position = at + COLLECTION_HEADER; position + OBJECT_HEADER <= end;) {
      const isFreeSpace = file.readUInt16LE(position) === 0
      const stated = Number(file.readBigUInt64LE(position + 8))
      // What is free counts its header.
      const size = isFreeSpace ? stated : OBJECT_HEADER + Math.ceil(stated / 8) * 8
      if (size < OBJECT_HEADER || size > end - position) {
        throw new VebiError('bad-file', `${label} cannot be read as HDF5: a heap in it is damaged.`)
      }
      position += size
    }
  }
}
