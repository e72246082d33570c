import { closeSync, openSync, readSync } from 'node:fs'
import type { Shape, Weight } from '../../shared/graph.ts'
import { sizeOf } from '../../shared/matrix.ts'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import { rearranged } from './rearrange.ts'

/** A run of little-endian float32 values in a file. */
export interface FilePiece {
  readonly file: string
  /** Both in bytes. */
  readonly offset: number
  readonly length: number
}

/**
 * float32 values that lie unchanged in files, and how an array is made of them: axis i of the array has `sizes[i]`
 * members, `strides[i]` stored values apart. The stored values are a row-major array, so that the strides are those of
 * its axes in another order.
 */
export interface StoredValues {
  readonly pieces: readonly FilePiece[]
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
}

/** Weights of fewer bytes are read at once where they are met. */
export const LEAST_STORED_BYTES = 2 ** 16

/** The stored values as a row-major array of these sizes. */
export function rowMajorValues(pieces: readonly FilePiece[], sizes: readonly number[]): StoredValues {
  const strides = sizes.map((_, axis) => sizeOf(sizes.slice(axis + 1)))
  return { pieces, sizes, strides }
}

/**
 * A weight whose values stay in the model's file until the graph is complete: large weights are then read once, by the
 * process that needs them, and one that only looks at the model's structure reads none. Values that are asked for
 * before are read on the spot.
 */
export class WeightInFile implements Weight {
  readonly shape: Shape
  readonly stored: StoredValues
  readonly count: number
  /** The sentence that refuses values that are not finite. */
  readonly fault: string
  private values: Float32Array | undefined

  constructor(shape: Shape, stored: StoredValues, fault: string) {
    this.shape = shape
    this.stored = stored
    this.count = sizeOf(stored.sizes)
    this.fault = fault
  }

  get data(): Float32Array {
    this.values ??= readStored(this.stored)
    return this.values
  }
}

/** Reads the whole array at once. Throws VebiError naming a file that cannot be read or is shorter than it was. */
export function readStored(stored: StoredValues): Float32Array {
  const bytes = readPieces(stored.pieces)
  return rearranged(new Float32Array(bytes.buffer), stored)
}

/** The bytes of all pieces in a row, from the start of a buffer. Throws as `readStored`. */
export function readPieces(pieces: readonly FilePiece[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let filled = 0
  for (const { file, offset, length } of pieces) {
    try {
      readInto(bytes.subarray(filled, filled + length), file, offset)
    } catch (error) {
      if (error instanceof VebiError) throw error
      throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
    }
    filled += length
  }
  return bytes
}

function readInto(target: Uint8Array, file: string, offset: number): void {
  const descriptor = openSync(file, 'r')
  try {
    for (let done = 0; done < target.length;) {
      const read = readSync(descriptor, target, done, Math.min(target.length - done, ONE_READ), offset + done)
      if (read === 0) throw changed(file)
      done += read
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Node reads less than 2 GiB at once. */
const ONE_READ = 2 ** 30

export function changed(file: string): VebiError {
  return new VebiError('bad-file', `${file} changed while it was read.`)
}
