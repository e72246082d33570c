import { open, type FileHandle } from 'node:fs/promises'
import type { Graph, GraphNode, Weight } from '../../shared/graph.ts'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import { identityOf, isWeight } from './graph-hash.ts'
import { moveRows, rearrangementOf, type Rearrangement } from './rearrange.ts'
import { allFinite } from './finite.ts'
import { DirectHash, ThreadHash, type HashedValues, type WeightHash } from './weight-hash.ts'
import { changed, WeightInFile, type FilePiece } from './weight-in-file.ts'

/** Bytes that are read while the ones before are looked at. */
const BLOCK_BYTES = 2 ** 23
/** The same for values that are brought into another order, which many rows at once make faster. */
const REARRANGED_BYTES = 2 ** 25
/** From here on a thread of its own for the hash is worth its start. */
const LEAST_FOR_THREAD = 2 ** 26

/**
 * Completes a graph that an importer made: reads the weights that still lie in files and works out the hash. One block
 * is read while the one before is checked and hashed. Throws VebiError where values are not finite, or where a file is
 * no longer what it was.
 *
 * @param leastForThread bytes to bring into another order from which on a thread of its own makes the hash.
 */
export async function readWeights(graph: Graph, leastForThread = LEAST_FOR_THREAD): Promise<Graph> {
  const { structure, weights } = identityOf(graph)
  const hash = movedBytes(weights) > leastForThread ? new ThreadHash(structure) : new DirectHash(structure)
  const files = new OpenFiles()
  const rooms = new Rooms()
  const pending: [Weight, Promise<Float32Array>][] = []
  try {
    for (const weight of weights) {
      const hashed = weight instanceof WeightInFile ? await read(weight, files, rooms, hash) : inMemory(weight, hash)
      // Told below, where it is waited for.
      hashed.values.catch(() => {})
      pending.push([weight, hashed.values])
    }
    const made = new Map<Weight, Weight>()
    for (const [weight, values] of pending) made.set(weight, { shape: weight.shape, data: await values })
    const nodes = made.size === 0 ? graph.nodes : graph.nodes.map((node) => withWeights(node, made))
    return { ...graph, nodes, hash: await hash.digest() }
  } finally {
    hash.close()
    await files.close()
  }
}

/** Bringing many values into order keeps this thread busy; else they are hashed here while the next are read. */
function movedBytes(weights: readonly Weight[]): number {
  const moved = weights.filter((weight) => weight instanceof WeightInFile && rearrangementOf(weight.stored) !== null)
  return moved.reduce((sum, { count = 0 }) => sum + count * 4, 0)
}

/** Weights in memory may share theirs with others, so that it is not given away. */
function inMemory({ data }: Weight, hash: WeightHash): { values: Promise<Float32Array> } {
  const copy = hash instanceof DirectHash ? data : data.slice()
  return { values: hash.add(copy).then(() => data) }
}

/** The values are complete when this is done; the promise inside is kept when they have been hashed. */
async function read(
  { stored, count, fault }: WeightInFile,
  files: OpenFiles,
  rooms: Rooms,
  hash: DirectHash | WeightHash,
): Promise<{ values: Promise<Float32Array> }> {
  const data = new Float32Array(count)
  const checked = ({ values, finite }: HashedValues): Float32Array => {
    if (!finite) throw new VebiError('bad-model', fault)
    return values
  }
  const rearrangement = rearrangementOf(stored)
  if (rearrangement) {
    await readRearranged(stored.pieces, rearrangement, files, rooms, data)
    return { values: hash.add(data).then(checked) }
  }
  // Blocks land where they belong.
  const target = (start: number, length: number) => data.subarray(start, start + length)
  await inBlocks(stored.pieces, count, BLOCK_BYTES / 4, files, target, (values) => {
    if (!(hash instanceof DirectHash)) return
    // Here while they are in the cache; a thread of its own looks at them when it hashes them.
    checked({ values, finite: allFinite(values) })
    hash.update(values)
  })
  return { values: hash instanceof DirectHash ? Promise.resolve(data) : hash.add(data).then(checked) }
}

async function readRearranged(
  pieces: readonly FilePiece[],
  rearrangement: Rearrangement,
  files: OpenFiles,
  rooms: Rooms,
  data: Float32Array,
): Promise<void> {
  const { rowLength } = rearrangement
  const blockValues = Math.max(Math.floor(REARRANGED_BYTES / 4 / rowLength), 1) * rowLength
  const room = (start: number, length: number) => rooms.take((start / blockValues) % 2, length)
  await inBlocks(pieces, data.length, blockValues, files, room, (values, start) => {
    moveRows(rearrangement, values, start / rowLength, data)
  })
}

/** Reads `count` values block by block; `use` looks at one block while the next is read. */
async function inBlocks(
  pieces: readonly FilePiece[],
  count: number,
  blockValues: number,
  files: OpenFiles,
  room: (start: number, length: number) => Float32Array,
  use: (values: Float32Array, start: number) => void,
): Promise<void> {
  const fill = async (start: number): Promise<Float32Array> => {
    const values = room(start, Math.min(blockValues, count - start))
    await files.read(pieces, start * 4, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    return values
  }
  let next = fill(0)
  for (let start = 0; start < count; start += blockValues) {
    const values = await next
    const following = start + blockValues
    if (following < count) {
      next = fill(following)
      // Where looking at this block fails, nobody waits for the next one.
      next.catch(() => {})
    }
    use(values, start)
  }
}

/** Two arrays for blocks on their way, which are made once. */
class Rooms {
  private readonly arrays = [new Float32Array(), new Float32Array()]

  take(which: number, length: number): Float32Array {
    if (this.arrays[which].length < length) this.arrays[which] = new Float32Array(length)
    return this.arrays[which].subarray(0, length)
  }
}

/** The files that weights are read from, the latest of which stays open. */
class OpenFiles {
  private current: { readonly file: string; readonly handle: FileHandle } | undefined

  /** Fills `target` with the bytes from `from` on of the run that the pieces make. */
  async read(pieces: readonly FilePiece[], from: number, target: Uint8Array): Promise<void> {
    let start = 0
    for (const { file, offset, length } of pieces) {
      const begin = Math.max(from, start)
      const end = Math.min(from + target.length, start + length)
      if (begin < end) await this.readFrom(file, offset + begin - start, target.subarray(begin - from, end - from))
      start += length
    }
  }

  async close(): Promise<void> {
    await this.current?.handle.close()
    this.current = undefined
  }

  private async readFrom(file: string, offset: number, target: Uint8Array): Promise<void> {
    try {
      const handle = await this.handle(file)
      for (let done = 0; done < target.length;) {
        const { bytesRead } = await handle.read(target, done, target.length - done, offset + done)
        if (bytesRead === 0) throw changed(file)
        done += bytesRead
      }
    } catch (error) {
      if (error instanceof VebiError) throw error
      throw new VebiError('bad-file', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
    }
  }

  private async handle(file: string): Promise<FileHandle> {
    if (this.current?.file !== file) {
      await this.close()
      this.current = { file, handle: await open(file) }
    }
    return this.current.handle
  }
}

/** The node with other weights in the place of those that are keys of `made`. */
function withWeights(node: GraphNode, made: ReadonlyMap<Weight, Weight>): GraphNode {
  const spec = Object.entries(node.spec).map(([key, value]: [string, unknown]) => {
    return [key, isWeight(value) ? (made.get(value) ?? value) : value] as const
  })
  return { ...node, spec: Object.fromEntries(spec) } as GraphNode
}
