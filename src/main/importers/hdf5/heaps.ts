import { VebiError } from '../../../shared/errors.ts'

const SIGNATURE = Buffer.from('GCOL\x01\0\0\0', 'latin1')
const COLLECTION_HEADER = 16
const OBJECT_HEADER = 16

/** The end of a type of texts of any length: their letters are whole numbers of one byte, from bit 0, 8 bits long. */
const LETTER = Buffer.from([1, 0, 0, 0, 0, 0, 8, 0])
/** Class and flags, size, and what stands before `LETTER` in the type of a letter. */
const BEFORE_LETTER = 12
const VARIABLE_LENGTH = 9
/** A length of 4 bytes, an address of 8 and a number of 4. */
const BYTES_OF_REFERENCE = 16

/**
 * Refuses types of texts of any length (HDF5 File Format Specification, IV.A.2.d) whose values are no references into a
 * heap by their size: the library would take what lies behind them in its memory for lengths, and make room for so
 * many letters. Throws VebiError.
 */
export function checkTextTypes(bytes: Uint8Array, label: string): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = file.indexOf(LETTER, BEFORE_LETTER); at >= 0; at = file.indexOf(LETTER, at + 1)) {
    const start = at - BEFORE_LETTER
    const isOfTexts = (file[start] & 15) === VARIABLE_LENGTH && (file[start + 1] & 15) === 1 && file[start + 3] === 0
    const isOfLetters = isOfTexts && (file[start + 8] & 15) === 0
    if (isOfLetters && file.readUInt32LE(start + 4) !== BYTES_OF_REFERENCE) {
      throw new VebiError('bad-file', `${label} cannot be read as HDF5: a type of texts in it is damaged.`)
    }
  }
}

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
