import type { Graph, GraphNode, Weight } from '../../shared/graph.ts'
import { VebiError } from '../../shared/errors.ts'
import { identityOf, isWeight } from './graph-hash.ts'
import { moveRows, rearrangementOf } from './rearrange.ts'
import { allFinite } from './finite.ts'
import { StoredBlocks } from './stored-blocks.ts'
import { DirectHash, ThreadHash, type WeightHash } from './weight-hash.ts'
import { WeightInFile } from './weight-in-file.ts'

/** From here on a thread of its own for the hash is worth its start. */
const LEAST_FOR_THREAD = 2 ** 26

/**
 * Completes a graph that an importer made: reads the weights that still lie in files and works out the hash. Blocks are
 * read while the ones before are checked, brought into order and hashed. Throws VebiError where values are not finite,
 * or where a file is no longer what it was.
 *
 * @param leastForThread bytes to bring into another order from which on a thread of its own makes the hash.
 */
export async function readWeights(graph: Graph, leastForThread = LEAST_FOR_THREAD): Promise<Graph> {
  const { structure, weights } = identityOf(graph)
  const inFiles = weights.filter((weight) => weight instanceof WeightInFile)
  const hash = movedBytes(inFiles) > leastForThread ? new ThreadHash(structure) : new DirectHash(structure)
  const blocks = new StoredBlocks(inFiles)
  const pending: [Weight, Promise<Float32Array>][] = []
  try {
    for (const weight of weights) {
      const hashed = weight instanceof WeightInFile ? await read(weight, blocks, hash) : inMemory(weight, hash)
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
    await blocks.close()
  }
}

/** Bringing many values into order keeps this thread busy; else they are hashed here while the next are read. */
function movedBytes(weights: readonly WeightInFile[]): number {
  const moved = weights.filter(({ stored }) => rearrangementOf(stored) !== null)
  return moved.reduce((sum, { count }) => sum + count * 4, 0)
}

/** Weights in memory may share theirs with others, so that it is not given away. */
function inMemory({ data }: Weight, hash: WeightHash): { values: Promise<Float32Array> } {
  const copy = hash instanceof DirectHash ? data : data.slice()
  return { values: hash.add(copy).then(() => data) }
}

/** The values are complete when this is done; the promise inside is kept when they have been hashed. */
async function read(
  { count, fault }: WeightInFile,
  blocks: StoredBlocks,
  hash: DirectHash | WeightHash,
): Promise<{ values: Promise<Float32Array> }> {
  let data: Float32Array = new Float32Array()
  let isHashed = count === 0
  for (let done = 0; done < count;) {
    const block = await blocks.next()
    const { start, values, rearrangement } = block
    if (!allFinite(values)) throw new VebiError('bad-model', fault)
    if (rearrangement) moveRows(rearrangement, values, start / rearrangement.rowLength, block.data)
    else if (hash instanceof DirectHash) {
      hash.update(values)
      isHashed = true
    }
    data = block.data
    done += values.length
    blocks.release(block)
  }
  return { values: isHashed ? Promise.resolve(data) : hash.add(data) }
}

/** The node with other weights in the place of those that are keys of `made`. */
function withWeights(node: GraphNode, made: ReadonlyMap<Weight, Weight>): GraphNode {
  const spec = Object.entries(node.spec).map(([key, value]: [string, unknown]) => {
    return [key, isWeight(value) ? (made.get(value) ?? value) : value] as const
  })
  return { ...node, spec: Object.fromEntries(spec) } as GraphNode
}
