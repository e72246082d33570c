import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { openModel } from '../index.ts'
import { CLASSES, FLAT, IMAGE, outcomeOf, sequential, WEIGHTS, zeros, type Entry } from '../testing/outcome.ts'
import { floatWeight, temporaryFolder, writeModel, type StoredWeight } from '../testing/write-model.ts'
import { modelBytes } from '../onnx/testing/write-onnx.ts'
import type { FromParser } from './messages.ts'
import { IsolatedOpener } from './open.ts'
import { forkParser } from './parser-process.ts'

const MISBEHAVING = path.join(import.meta.dirname, 'testing', 'misbehaving-parser.ts')
const MEMORY = 200_000_000

const openers: IsolatedOpener[] = []
const opener = (...options: ConstructorParameters<typeof IsolatedOpener>): IsolatedOpener => {
  const made = new IsolatedOpener(...options)
  openers.push(made)
  return made
}
afterEach(() => openers.splice(0).forEach((made) => made.close()))
afterAll(() => shared.close())

/** For files that do no harm. */
const shared = new IsolatedOpener()

describe('a model that is read in another process', () => {
  test('is the same as one that is read in this one: large weights and small, hash and warnings', async () => {
    const folder = await writeModel(...largeModel())
    const [graph, plain] = [await shared.open(folder), await openModel(folder)]
    expect(graph).toEqual(plain)
    expect(plain.nodes.some(({ spec }) => 'kernel' in spec && spec.kernel.data.length * 4 > 2 ** 16)).toBe(true)
    expect(graph.hash).toMatch(/^[0-9a-f]{64}$/)
    // The process that waits takes the next one.
    expect((await shared.open(folder)).hash).toBe(plain.hash)
  })

  test('is refused with the code and the sentence of its importer', async () => {
    const layers = [IMAGE, ['Lambda', { name: 'own' }], FLAT, CLASSES] as const
    const folder = await writeModel(sequential(...layers), WEIGHTS)
    const [code, sentence] = (await outcomeOf(layers)) as [string, string]
    await expect(shared.open(folder)).rejects.toMatchObject({ code, message: sentence.replace('FOLDER', folder) })
  })

  test('may use weights of several megabytes that no file holds as they are', async () => {
    const [topology, weights] = largeModel()
    const bytes = Buffer.alloc(weights[2].bytes.length / 2).fill(7)
    const quantised = { ...weights[2], quantization: { dtype: 'float16' }, bytes }
    const folder = await writeModel(topology, [...weights.slice(0, 2), quantised, ...weights.slice(3)])
    expect(await shared.open(folder)).toEqual(await openModel(folder))
  })

  test('may not use the same values so often that they take more memory than any file of its size', async () => {
    const [side, times] = [1024, 300]
    const value = (layer: number): string => (layer === times ? 'classes' : `value${layer}`)
    const bytes = modelBytes({
      inputs: [{ name: 'value0', shape: [1, side] }],
      weights: [{ name: 'matrix', shape: [side, side], raw: new Uint8Array(4 * side * side) }],
      nodes: Array.from({ length: times }, (_, layer) => {
        return { op: 'MatMul', inputs: [value(layer), 'matrix'], outputs: [value(layer + 1)] }
      }),
    })
    const file = path.join(await temporaryFolder(), 'model.onnx')
    await writeFile(file, bytes)
    await expect(shared.open(file)).rejects.toMatchObject({
      code: 'bad-model',
      message: `${file} asks for 1258 MB of weights, which are the same 4 MB of values over and over.`,
    })
  })

  test('whose large weights are not finite is refused as one with small ones', async () => {
    const [topology, weights] = largeModel()
    const bytes = Buffer.from(weights[2].bytes)
    bytes.writeFloatLE(NaN, bytes.length - 8)
    const folder = await writeModel(topology, weights.with(2, { ...weights[2], bytes }))
    await expect(shared.open(folder)).rejects.toThrow(
      'layer "classes" has values in its weight "kernel" that are not finite (NaN or infinity).',
    )
  })
})

describe('a file that harms the process that reads it', () => {
  const cases: [what: string, sentence: RegExp][] = [
    ['loop', /could not be read within 1 seconds, so reading it was given up\.$/],
    ['memory', /takes more than 200 MB of memory to read, though it is 0 MB large, so reading it was given up\.$/],
    ['stack', /made the process that read it stop \(exit code \d+\), so it is damaged or not what its name says\.$/],
    ['crash', /made the process that read it stop \((signal SIG|exit code )\w+\), so it is damaged or not what/],
  ]

  test.each(cases)('%s: one sentence names it, and this process goes on', async (what, sentence) => {
    const file = path.join(await temporaryFolder(), `${what}.onnx`)
    await writeFile(file, 'text')
    const time = what === 'loop' ? 1000 : 30_000
    const isolated = opener(() => forkParser(MISBEHAVING), () => ({ time, memory: MEMORY }))
    const failure = isolated.open(file)
    await expect(failure).rejects.toMatchObject({ code: 'bad-file', message: expect.stringMatching(sentence) })
    await expect(failure).rejects.toThrow(file)
  })

  test('the next model is read by a new process', async () => {
    const folder = await writeModel(...largeModel())
    const files = [MISBEHAVING, undefined]
    const isolated = opener(() => forkParser(files.shift()))
    await expect(isolated.open(path.join(folder, 'other.onnx'))).rejects.toThrow(/exit code 3/)
    expect((await isolated.open(folder)).nodes.length).toBeGreaterThan(3)
  })
})

describe('a process that answers amiss', () => {
  /** Reading processes played by hand. */
  function played(time: number) {
    const made: { tell: (message: FromParser) => void; killed: boolean }[] = []
    const isolated = opener(
      () => {
        const process = { tell: (_message: FromParser): void => {}, killed: false }
        made.push(process)
        return {
          post: () => {},
          onMessage: (listener) => (process.tell = listener),
          onExit: () => {},
          lastWords: () => '',
          hold: () => {},
          kill: () => (process.killed = true),
        }
      },
      () => ({ time, memory: MEMORY }),
    )
    return { made, isolated }
  }

  test('too late: it is ended, and not used for the next model', async () => {
    const { made, isolated } = played(1)
    await expect(isolated.open('/first.onnx')).rejects.toThrow('/first.onnx could not be read within 0 seconds')
    made[0].tell({ kind: 'refused', code: 'bad-model', sentence: 'Too late.', memory: 1 })
    await expect(isolated.open('/second.onnx')).rejects.toThrow('/second.onnx could not be read within 0 seconds')
    expect(made.map(({ killed }) => killed)).toEqual([true, true])
  })

  test.each<[string, FromParser]>([
    ['values without a graph', { kind: 'values', weight: 0, start: 0, values: new Float32Array(1) }],
    ['an end without a graph', { kind: 'done', memory: 1 }],
  ])('with %s: that is told of the file, and this process goes on', async (_, message) => {
    const { made, isolated } = played(60_000)
    const opened = isolated.open('/model.onnx')
    await vi.waitFor(() => expect(made).toHaveLength(1))
    made[0].tell(message)
    await expect(opened).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/^\/model\.onnx cannot be read: .+\.$/),
    })
    expect(made[0].killed).toBe(true)
    isolated.warm()
    expect(made).toHaveLength(2)
  })
})

const SIDE = 48
const FILTERS = 40

/** A convolution and a dense layer whose kernel is larger than what is read at once: description and weights. */
function largeModel(): [topology: unknown, weights: StoredWeight[]] {
  const image: Entry = ['InputLayer', { name: 'image', batch_input_shape: [null, SIDE, SIDE, 2] }]
  const pool: Entry = ['MaxPooling2D', { name: 'pool', pool_size: 2 }]
  const conv: Entry = ['Conv2D', { name: 'conv', filters: FILTERS, kernel_size: [1, 1] }]
  const units = (SIDE / 2) ** 2 * FILTERS
  const values = Float32Array.from({ length: units * 2 }, (_, index) => Math.sin(index))
  const weights = [
    floatWeight('conv/kernel', [1, 1, 2, FILTERS], new Float32Array(2 * FILTERS).fill(0.5)),
    zeros('conv/bias', [FILTERS]),
    floatWeight('classes/kernel', [units, 2], values),
    zeros('classes/bias', [2]),
  ]
  return [sequential(image, conv, pool, FLAT, CLASSES), weights]
}
