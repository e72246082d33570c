import { OpenFiles } from './open-files.ts'
import { rearrangementOf, ROWS_TOGETHER, type Rearrangement } from './rearrange.ts'
import type { WeightInFile } from './weight-in-file.ts'

/** Bytes of one read: several reads at once are faster than one after the other. */
const READ_BYTES = 2 ** 21
/** The next block is asked for while fewer bytes than these are on their way. */
const AHEAD_BYTES = 2 ** 24
/** Bytes of a block, which are then used while they are in the cache. */
const BLOCK_BYTES = 2 ** 21
/** The same for values that are brought into another order: many rows, which go to the same pages, in little memory. */
const REARRANGED_BYTES = 2 ** 23

/** Values that lie next to each other in the files of a weight. */
export interface StoredBlock {
  /** The array of the whole weight. */
  readonly data: Float32Array
  /** The place of the first value in the order of the files. */
  readonly start: number
  /** What was read: where nothing is rearranged a part of `data`, else room that is used again. */
  readonly values: Float32Array<ArrayBuffer>
  readonly rearrangement: Rearrangement | null
}

interface BlockSizes {
  readonly aheadBytes: number
  readonly rearrangedBytes: number
}

/** Reads weights block by block, in their order, and always some blocks ahead of the one that is used. */
export class StoredBlocks {
  private readonly files = new OpenFiles()
  private readonly sizes: BlockSizes
  private readonly rooms: ArrayBuffer[] = []
  private readonly following: Iterator<StoredBlock & { readonly weight: WeightInFile }, undefined>
  private readonly underWay: { readonly block: StoredBlock; readonly filled: Promise<unknown> }[] = []
  private bytesUnderWay = 0

  constructor(
    weights: readonly WeightInFile[],
    sizes: BlockSizes = { aheadBytes: AHEAD_BYTES, rearrangedBytes: REARRANGED_BYTES },
  ) {
    this.sizes = sizes
    this.following = this.blocksOf(weights)
    this.askAhead()
  }

  /**
   * Its `values` are the caller's until `release`. Throws VebiError naming a file that cannot be read or is shorter
   * than it was. Not to be called more often than there are blocks.
   */
  async next(): Promise<StoredBlock> {
    const { block, filled } = this.underWay[0]
    await filled
    this.underWay.shift()
    this.bytesUnderWay -= block.values.byteLength
    this.askAhead()
    return block
  }

  release({ rearrangement, values }: StoredBlock): void {
    if (rearrangement) this.rooms.push(values.buffer)
  }

  /** Waits for the reads that are under way, whose values nobody wants any more. */
  async close(): Promise<void> {
    await Promise.allSettled(this.underWay.map(({ filled }) => filled))
    await this.files.close()
  }

  private askAhead(): void {
    while (this.bytesUnderWay < this.sizes.aheadBytes) {
      const { value } = this.following.next()
      if (!value) return
      const filled = this.fill(value.weight, value)
      // Told where the block is waited for.
      filled.catch(() => {})
      this.underWay.push({ block: value, filled })
      this.bytesUnderWay += value.values.byteLength
    }
  }

  private async fill({ stored }: WeightInFile, { values, start }: StoredBlock): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    const reads: Promise<void>[] = []
    for (let from = 0; from < bytes.length; from += READ_BYTES) {
      reads.push(this.files.read(stored.pieces, start * 4 + from, bytes.subarray(from, from + READ_BYTES)))
    }
    const outcomes = await Promise.allSettled(reads)
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  private *blocksOf(weights: readonly WeightInFile[]): Generator<StoredBlock & { weight: WeightInFile }, undefined> {
    for (const weight of weights) {
      const rearrangement = rearrangementOf(weight.stored)
      const data = new Float32Array(weight.count)
      const most = rearrangement ? this.rowsPerBlock(rearrangement) * rearrangement.rowLength : BLOCK_BYTES / 4
      for (let start = 0; start < data.length; start += most) {
        const length = Math.min(most, data.length - start)
        const values = rearrangement ? this.room(length) : data.subarray(start, start + length)
        yield { weight, data, start, values, rearrangement }
      }
    }
    return undefined
  }

  private room(length: number): Float32Array<ArrayBuffer> {
    const free = this.rooms.pop()
    // A smaller one is given up: what follows is mostly as large.
    const room = free && free.byteLength >= length * 4 ? free : new ArrayBuffer(length * 4)
    return new Float32Array(room, 0, length)
  }

  private rowsPerBlock({ rowLength }: Rearrangement): number {
    const rows = Math.max(Math.floor(this.sizes.rearrangedBytes / 4 / rowLength), 1)
    return rows > ROWS_TOGETHER ? rows - (rows % ROWS_TOGETHER) : rows
  }
}
