import { reasonOf, throwIfCancelled, VebiError } from '../../shared/errors.ts'
import { Gate } from './gate.ts'
import { preprocessInto } from './preprocess.ts'
import type { ImageSource, Preprocessing, RawImage } from './types.ts'

export interface BatchOptions {
  readonly batchSize: number
  /** Images to visit, in this order; all of the source when left out. */
  readonly indexes?: ArrayLike<number> | undefined
  /** First and one past the last position to visit, in `indexes` or in the source. */
  readonly start?: number | undefined
  readonly end?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Batches prepared while the consumer works on one. */
  readonly prefetch?: number | undefined
  /**
   * Whether the data of a batch may be written over once the next one is asked for. Taken anew for each batch, it makes
   * the garbage collector run several times a second.
   */
  readonly reuse?: boolean | undefined
}

export interface Failure {
  readonly index: number
  readonly name: string
  /** One sentence. */
  readonly reason: string
}

export interface Batch {
  /** Index in the source of each image of `data`. */
  readonly indexes: Int32Array
  /** `[indexes.length, height, width, channels]`. */
  readonly data: Float32Array
  /** Images of this batch's range that could not be read. */
  readonly failures: readonly Failure[]
}

/** Images in decoding at once: few until their size is known, then as many as fit the budget. */
const FIRST_IN_FLIGHT = 4
const MIN_IN_FLIGHT = 2
const MAX_IN_FLIGHT = 64
const DECODED_BYTES = 256 * 2 ** 20

/**
 * Reads and preprocesses images in batches of `batchSize` consecutive positions from `start` on (the last may be
 * shorter), preparing the next `prefetch` batches meanwhile. An unreadable image leaves its batch shorter, possibly
 * empty, and never moves others, so that the same options always give the same batches. Memory is bounded by
 * (prefetch + 1) batches and the images in decoding. Throws VebiError('cancelled') when the signal is set.
 */
export async function* batches(
  source: ImageSource, preprocessing: Preprocessing, options: BatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { batchSize, signal, prefetch = 2, start = 0, reuse = false } = options
  const order = options.indexes
  const length = order?.length ?? source.records.length
  const end = options.end ?? length
  checkRange(batchSize, prefetch, start, end, length)
  const gate = new DecodingGate()
  const spare: Float32Array[] = []
  const load = (first: number) => {
    const size = Math.min(batchSize, end - first)
    const indexes = Int32Array.from({ length: size }, (_, slot) => (order ? order[first + slot] : first + slot))
    const batch = loadBatch(source, preprocessing, indexes, gate, signal, spare)
    // A batch that is prepared but never asked for, after a cancel, must not count as an unhandled rejection.
    batch.catch(() => {})
    return batch
  }
  const ahead: Promise<Batch>[] = []
  let next = start
  while (ahead.length > 0 || next < end) {
    throwIfCancelled(signal)
    for (; ahead.length <= prefetch && next < end; next += batchSize) ahead.push(load(next))
    const batch = await ahead.shift()!
    yield batch
    if (reuse && batch.indexes.length === batchSize) spare.push(batch.data)
  }
}

async function loadBatch(
  source: ImageSource, preprocessing: Preprocessing, indexes: Int32Array, gate: DecodingGate,
  signal: AbortSignal | undefined, spare: Float32Array[],
): Promise<Batch> {
  const imageLength = preprocessing.height * preprocessing.width * preprocessing.channels
  const data = takeSpare(spare, indexes.length * imageLength)
  const reasons = new Map<number, string>()
  const loadImage = async (slot: number) => {
    throwIfCancelled(signal)
    const image = await readOrReason(source, indexes[slot])
    if (typeof image === 'string') {
      reasons.set(slot, image)
      return
    }
    gate.observe(image.data.length)
    preprocessInto(image, preprocessing, data, slot * imageLength)
  }
  await Promise.all(Array.from(indexes, (_, slot) => gate.hold(() => loadImage(slot))))
  if (reasons.size === 0) return { indexes, data, failures: [] }

  const failures: Failure[] = []
  let kept = 0
  for (const [slot, index] of indexes.entries()) {
    const reason = reasons.get(slot)
    if (reason === undefined) {
      indexes[kept] = index
      data.copyWithin(kept * imageLength, slot * imageLength, (slot + 1) * imageLength)
      kept++
    } else failures.push({ index, name: source.records[index].name, reason })
  }
  return { indexes: indexes.slice(0, kept), data: data.slice(0, kept * imageLength), failures }
}

/** Memory of an earlier batch of the same size where there is one: decoding writes every value anew. */
function takeSpare(spare: Float32Array[], length: number): Float32Array {
  return spare.at(-1)?.length === length ? spare.pop()! : new Float32Array(length)
}

/** Bounds the memory of images in decoding by the largest image seen so far. */
class DecodingGate extends Gate {
  #largest = 0

  constructor() {
    super(FIRST_IN_FLIGHT)
  }

  observe(bytes: number): void {
    if (bytes <= this.#largest) return
    this.#largest = bytes
    this.limit = Math.max(MIN_IN_FLIGHT, Math.min(MAX_IN_FLIGHT, Math.floor(DECODED_BYTES / bytes)))
  }
}

/** A wrong index is the caller's mistake and thrown; everything else that can happen to a file is a reason. */
export async function readOrReason(source: ImageSource, index: number): Promise<RawImage | string> {
  if (source.records[index] === undefined) {
    throw new VebiError('bad-argument', `There is no image ${index} in "${source.location}".`)
  }
  try {
    return await source.read(index)
  } catch (error) {
    return reasonOf(error)
  }
}

function checkRange(batchSize: number, prefetch: number, start: number, end: number, length: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new VebiError('bad-argument', `The batch size must be a positive integer, not ${batchSize}.`)
  }
  if (!Number.isInteger(prefetch) || prefetch < 0) {
    throw new VebiError('bad-argument',
      `The number of batches to prefetch must be an integer from 0 on, not ${prefetch}.`)
  }
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end > length || start > end) {
    throw new VebiError('bad-argument', `The range ${start}..${end} does not lie within the ${length} images.`)
  }
}
