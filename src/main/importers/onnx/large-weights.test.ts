import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openModel, parseModel } from '../index.ts'
import { readWeights } from '../read-weights.ts'
import { temporaryFolder } from '../testing/write-model.ts'
import { WeightInFile } from '../weight-in-file.ts'
import { modelBytes, type WeightText } from './testing/write-onnx.ts'

const OUT = 64
const IN = 32
const SIDE = 4
const UNITS = 20

/** Every value tells its place. */
const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => index / 64)

const conv = counted(OUT * IN * 9)
const gemm = counted(UNITS * OUT * SIDE * SIDE)
const matrix = counted(UNITS * 1000)

function model(change: (weight: WeightText) => WeightText = (weight) => weight): Uint8Array {
  const raw = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const weights: WeightText[] = [
    { name: 'kernel', shape: [OUT, IN, 3, 3], raw: raw(conv) },
    { name: 'gemm', shape: [UNITS, OUT * SIDE * SIDE], raw: raw(gemm) },
    { name: 'matrix', shape: [UNITS, 1000], raw: raw(matrix) },
    { name: 'bias', shape: [1000], raw: raw(counted(1000)) },
  ]
  return modelBytes({
    inputs: [{ name: 'image', shape: [1, IN, SIDE + 2, SIDE + 2] }],
    weights: weights.map(change),
    nodes: [
      { op: 'Conv', name: 'conv', inputs: ['image', 'kernel'], outputs: ['map'] },
      { op: 'Flatten', inputs: ['map'], outputs: ['units'] },
      { op: 'Gemm', name: 'gemm', inputs: ['units', 'gemm'], outputs: ['hidden'], attributes: { transB: 1 } },
      { op: 'MatMul', name: 'classes', inputs: ['hidden', 'matrix'], outputs: ['scores'] },
      { op: 'Add', name: 'bias', inputs: ['scores', 'bias'], outputs: ['classes'] },
    ],
  })
}

async function written(bytes: Uint8Array): Promise<string> {
  const file = path.join(await temporaryFolder(), 'model.onnx')
  await writeFile(file, bytes)
  return file
}

test('large weights stay in the file until the graph is complete, and are the right ones then', async () => {
  const file = await written(model())
  const kernels = (nodes: Awaited<ReturnType<typeof openModel>>['nodes']) =>
    nodes.flatMap(({ spec }) => ('kernel' in spec ? [spec.kernel] : []))
  const left = kernels((await parseModel(file)).nodes)
  expect(left.map((kernel) => kernel instanceof WeightInFile)).toEqual([true, true, true])

  const [convKernel, gemmKernel, matMulKernel] = kernels((await openModel(file)).nodes)
  const expectedConv = Array.from({ length: conv.length }, (_, index) => {
    const [out, inner] = [index % OUT, Math.floor(index / OUT) % IN]
    const [column, row] = [Math.floor(index / OUT / IN) % 3, Math.floor(index / OUT / IN / 3)]
    return conv[((out * IN + inner) * 3 + row) * 3 + column]
  })
  expect(convKernel.shape).toEqual([3, 3, IN, OUT])
  expect(Array.from(convKernel.data)).toEqual(expectedConv)
  // The file's units are [channels, height, width], the graph's [height, width, channels].
  const expectedGemm = Array.from({ length: gemm.length }, (_, index) => {
    const [unit, place] = [index % UNITS, Math.floor(index / UNITS)]
    const [channel, pixel] = [place % OUT, Math.floor(place / OUT)]
    return gemm[(unit * OUT + channel) * SIDE * SIDE + pixel]
  })
  expect(gemmKernel.shape).toEqual([OUT * SIDE * SIDE, UNITS])
  expect(Array.from(gemmKernel.data)).toEqual(expectedGemm)
  expect(matMulKernel).toEqual({ shape: [UNITS, 1000], data: matrix })
  // What was left is read on the spot where somebody looks at it.
  expect(left.map(({ data }) => data)).toEqual([convKernel.data, gemmKernel.data, matMulKernel.data])
})

test('the thread that hashes gives all weights back, and finds the same hash', async () => {
  const file = await written(model())
  const [here, inThread] = [await readWeights(await parseModel(file)), await readWeights(await parseModel(file), 0)]
  expect(inThread).toEqual(here)
})

test('the same weights in a file beside the model make the same graph', async () => {
  const inside = await written(model())
  const folder = await temporaryFolder()
  await writeFile(path.join(folder, 'weights.bin'), Buffer.concat([conv, gemm, matrix].map(({ buffer }) => Buffer.from(buffer))))
  const offsets = { kernel: 0, gemm: conv.byteLength, matrix: conv.byteLength + gemm.byteLength }
  const bytes = model((weight) => {
    const { name, shape } = weight
    if (name === 'bias') return weight
    return { name, shape, external: { location: 'weights.bin', offset: String(offsets[name as keyof typeof offsets]) } }
  })
  await writeFile(path.join(folder, 'model.onnx'), bytes)
  expect((await openModel(path.join(folder, 'model.onnx'))).hash).toBe((await openModel(inside)).hash)
})

test.each([
  ['large', 'kernel', conv, 'conv'],
  ['large and in another order', 'gemm', gemm, 'gemm'],
])('a value that is not finite is refused in a weight that is %s', async (_, name, values, node) => {
  const broken = values.slice()
  broken[values.length - 5] = Infinity
  const file = await written(
    model((weight) => (weight.name === name ? { ...weight, raw: new Uint8Array(broken.buffer) } : weight)),
  )
  await expect(openModel(file)).rejects.toMatchObject({
    code: 'bad-model',
    message: `${file}: node "${node}" has values in its kernel that are not finite (NaN or infinity).`,
  })
})

test('and in a small one', async () => {
  const file = await written(
    modelBytes({
      inputs: [{ name: 'image', shape: [1, 2] }],
      weights: [{ name: 'matrix', shape: [2, 1], values: [1, NaN] }],
      nodes: [{ op: 'MatMul', name: 'dense', inputs: ['image', 'matrix'], outputs: ['classes'] }],
    }),
  )
  await expect(openModel(file)).rejects.toThrow('node "dense" has values in its kernel that are not finite')
})

test('a large file that is cut off inside a weight is refused', async () => {
  const bytes = model()
  const file = await written(bytes.subarray(0, bytes.length - 40_000))
  await expect(openModel(file)).rejects.toThrow(/is cut off or damaged/)
})
