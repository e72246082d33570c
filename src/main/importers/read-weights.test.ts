import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Graph, Weight } from '../../shared/graph.ts'
import { identityOf } from './graph-hash.ts'
import { readWeights } from './read-weights.ts'
import { temporaryFolder } from './testing/write-model.ts'
import { rowMajorValues, WeightInFile, type FilePiece, type StoredValues } from './weight-in-file.ts'

const FAULT = 'The weight is not finite.'
/** Bytes from which on a thread makes the hash. */
const [NEVER, ALWAYS] = [Infinity, -1]
/** Larger than several blocks of any kind, and no multiple of them. */
const [INPUTS, UNITS] = [1500, 2003]
const COUNT = INPUTS * UNITS
const SHAPE = [INPUTS, UNITS]
const VALUES = counted(COUNT)
const bias = { shape: [UNITS], data: counted(UNITS) }

/** Every value tells its place. */
function counted(length: number): Float32Array {
  const values = new Float32Array(length)
  for (let index = 0; index < length; index++) values[index] = index + 0.5
  return values
}

/** Files of so many bytes, which also end within a value. */
async function written(values: Float32Array, fileBytes: number): Promise<FilePiece[]> {
  const folder = await temporaryFolder()
  const bytes = new Uint8Array(values.buffer)
  const pieces: FilePiece[] = []
  for (let start = 0; start < bytes.length; start += fileBytes) {
    const part = bytes.subarray(start, start + fileBytes)
    const file = path.join(folder, `part${pieces.length}`)
    await writeFile(file, Buffer.concat([new Uint8Array(7), part]))
    pieces.push({ file, offset: 7, length: part.length })
  }
  return pieces
}

const inOrder = (pieces: readonly FilePiece[]): StoredValues => rowMajorValues(pieces, SHAPE)
const transposed = (pieces: readonly FilePiece[]): StoredValues => ({ pieces, sizes: SHAPE, strides: [1, INPUTS] })
const weightIn = (stored: StoredValues): WeightInFile => new WeightInFile(SHAPE, stored, FAULT)

/** A dense layer and its bias, and the graph's weights in order. */
function graphOf(kernel: Weight, bias: Weight): Graph {
  const nodes = [
    { name: 'image', inputs: [], spec: { kind: 'input' } },
    { name: 'classes', inputs: ['image'], spec: { kind: 'dense', kernel, bias } },
  ]
  return { nodes, output: 'classes', hash: '' } as unknown as Graph
}

const weightsOf = (graph: Graph): Weight[] => {
  const { kernel, bias } = graph.nodes[1].spec as unknown as { kernel: Weight; bias: Weight }
  return [kernel, bias]
}

/** The definition: SHA-256 over the structure and then the values of each weight in order. */
function plainHash(graph: Graph): string {
  const { structure, weights } = identityOf(graph)
  const hash = createHash('sha256').update(structure)
  for (const { data } of weights) hash.update(Buffer.from(Float32Array.from(data).buffer))
  return hash.digest('hex')
}

describe.each([
  ['one thread', NEVER],
  ['a thread for the hash', ALWAYS],
])('weights of several blocks, with %s', (_, leastForThread) => {
  test('have the values of their files and the hash of the definition', async () => {
    const pieces = await written(VALUES, 1_000_003)
    const kernel = weightIn(inOrder(pieces))
    const graph = await readWeights(graphOf(kernel, bias), leastForThread)
    const [read, small] = weightsOf(graph)
    expect(Buffer.compare(Buffer.from(read.data.buffer), Buffer.from(VALUES.buffer))).toBe(0)
    expect(small.data).toEqual(bias.data)
    const plain = graphOf({ shape: SHAPE, data: VALUES }, bias)
    expect(graph.hash).toBe(plainHash(plain))
    expect((await readWeights(plain, leastForThread)).hash).toBe(graph.hash)
  })

  test('so have those that are stored in another order, beside others', async () => {
    const kernel = weightIn(transposed(await written(VALUES, 3_000_001)))
    const biasPieces = await written(bias.data, 4000)
    const stored = new WeightInFile([UNITS], rowMajorValues(biasPieces, [UNITS]), FAULT)
    const graph = await readWeights(graphOf(kernel, stored), leastForThread)
    const [read, small] = weightsOf(graph)
    const expected = new Float32Array(COUNT)
    for (let unit = 0; unit < UNITS; unit++) {
      for (let input = 0; input < INPUTS; input++) expected[input * UNITS + unit] = VALUES[unit * INPUTS + input]
    }
    expect(Buffer.compare(Buffer.from(read.data.buffer), Buffer.from(expected.buffer))).toBe(0)
    expect(small.data).toEqual(bias.data)
    expect(graph.hash).toBe(plainHash(graphOf({ shape: SHAPE, data: expected }, bias)))
  })

  test.each(['first', 'last'])('are refused where the %s value is not finite, in either order', async (place) => {
    const values = VALUES.slice()
    values[place === 'first' ? 0 : COUNT - 1] = place === 'first' ? NaN : -Infinity
    const pieces = await written(values, 1_000_003)
    for (const stored of [rowMajorValues(pieces, [INPUTS, UNITS]), transposed(pieces)]) {
      const kernel = weightIn(stored)
      await expect(readWeights(graphOf(kernel, bias), leastForThread)).rejects.toMatchObject({
        code: 'bad-model',
        message: FAULT,
      })
    }
  })

  test('are refused where one of their files has become shorter or is gone', async () => {
    const pieces = await written(VALUES, 1_000_003)
    const kernel = weightIn(inOrder(pieces))
    await truncate(pieces[8].file, 500_000)
    await expect(readWeights(graphOf(kernel, bias), leastForThread)).rejects.toMatchObject({
      code: 'bad-file',
      message: `${pieces[8].file} changed while it was read.`,
    })
    const missing = pieces.with(4, { ...pieces[4], file: `${pieces[4].file}-missing` })
    const other = weightIn(inOrder(missing))
    await expect(readWeights(graphOf(other, bias), leastForThread)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/part4-missing cannot be read: /),
    })
    // Where somebody looks at them before, they are read on the spot.
    expect(() => kernel.data).toThrow(`${pieces[8].file} changed while it was read.`)
    expect(() => other.data).toThrow(
      expect.objectContaining({
        code: 'bad-file',
        message: expect.stringMatching(/part4-missing cannot be read: ENOENT/),
      }),
    )
  })
})

test.skipIf(!existsSync('/proc/self/fd'))(
  'all files are closed behind, also after a refusal (where the system lists open files)',
  async () => {
    const pieces = await written(VALUES, 250_001)
    const folder = path.dirname(pieces[0].file)
    const kernel = weightIn(inOrder(pieces))
    await readWeights(graphOf(kernel, bias))
    expect(openFilesIn(folder)).toEqual([])
    const values = new Float32Array(COUNT).fill(NaN)
    const broken = weightIn(inOrder(await written(values, 250_001)))
    await expect(readWeights(graphOf(broken, bias))).rejects.toThrow(FAULT)
    expect(openFilesIn(path.dirname(broken.stored.pieces[0].file))).toEqual([])
  },
)

function openFilesIn(folder: string): string[] {
  const targets = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      // The one that listed them.
      return ''
    }
  })
  return targets.filter((target) => target.startsWith(folder))
}
