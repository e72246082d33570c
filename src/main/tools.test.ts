import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeNpy } from '../core/npy.ts'
import { sizeOf, type Matrix } from '../shared/matrix.ts'
import type { BackwardRule, StrideCorrection } from '../shared/graph.ts'
import { floatWeight, temporaryFolder, writeModel } from './importers/testing/write-model.ts'
import { featureHeatmaps, forwardImages, imageResponses, readNpy, solveFromArrays, writeNpy } from './tools.ts'

/** Largest difference to PyTorch in float64: absolute for outputs and responses, of the largest value for heatmaps. */
const OUTPUT_TOLERANCE = 1e-4
const RESPONSE_TOLERANCE = 1e-4
const HEATMAP_TOLERANCE = 1e-3
/** Of scikit-learn's objective. */
const OBJECTIVE_TOLERANCE = 1e-6

interface Golden {
  input: number[]
  layers: { name: string; class: string; inputs: string[]; settings: Record<string, unknown> }[]
  weights: Record<string, { shape: number[]; '256ths': number[] }>
  images: { count: number; '256ths': number[] }
  outputs: Record<string, { shape: number[]; values: number[] }>
  responses: { shape: number[]; values: number[] }
  heatmaps: (Start & { largest: number; values: number[] })[]
  wholeSignal: Start & { signal: number[]; norm: number[] }
  lasso: {
    mu: number
    nonnegative: boolean
    features: number
    images: number
    thousandths: number[]
    labels: number[][]
    objectives: number[]
    weights: number[][]
  }[]
}

interface Start {
  layer: string
  channel: number
  rule: BackwardRule
  stride: StrideCorrection
}

const stored = new URL('../../scripts/golden/command_line.json', import.meta.url)
const golden = JSON.parse(readFileSync(stored, 'utf8')) as Golden
const pixels = Float32Array.from(golden.images['256ths'], (value) => value / 256)
const imageSize = sizeOf(golden.input)
const layerNames = golden.layers.filter((layer) => !['InputLayer', 'Flatten'].includes(layer.class)).map(({ name }) => name)

describe('vebi forward against PyTorch', () => {
  it('gives the class scores by default', async () => {
    const { model, images } = await exampleFiles()
    const output = await forwardImages(model, images, undefined, {})
    expectClose(output, golden.outputs['probabilities']!, OUTPUT_TOLERANCE)
  })

  it.each(Object.keys(golden.outputs))('gives the output of %s, by name and by number', async (layer) => {
    const { model, images } = await exampleFiles()
    expectClose(await forwardImages(model, images, layer, {}), golden.outputs[layer]!, OUTPUT_TOLERANCE)
    const number = String(layerNames.indexOf(layer) + 1)
    expectClose(await forwardImages(model, images, number, {}), golden.outputs[layer]!, OUTPUT_TOLERANCE)
  })

  it('scales the values of an array where preprocessing is given', async () => {
    const { model, images } = await exampleFiles()
    // (256 x + 10) / 256 - 10 / 256 = x
    const shifted = path.join(path.dirname(images), 'shifted.npy')
    const data = pixels.map((value) => value * 256 + 10)
    await writeNpy(shifted, { shape: [golden.images.count, ...golden.input], data })
    const output = await forwardImages(model, shifted, 'logits', { scale: 1 / 256, mean: [10 / 256] })
    expectClose(output, golden.outputs['logits']!, OUTPUT_TOLERANCE)
  })
})

describe('vebi responses against PyTorch', () => {
  it('gives the channel norms of all layers but the last two', async () => {
    const { model, images } = await exampleFiles()
    const { responses, columns } = await imageResponses(model, images, 'All', {})
    expectClose(responses, golden.responses, RESPONSE_TOLERANCE)
    expect(columns).toHaveLength(golden.responses.shape[1]!)
    expect(columns[0]).toEqual({ layer: 1, name: 'conv1', channel: 0 })
    expect(columns[5]).toEqual({ layer: 2, name: 'relu1', channel: 1 })
    expect(columns.at(-1)).toEqual({ layer: layerNames.indexOf('relu4') + 1, name: 'relu4', channel: 5 })
  })

  it('gives the columns of a chosen set only', async () => {
    const { model, images } = await exampleFiles()
    const { responses, columns } = await imageResponses(model, images, 'OnlyConv', {})
    expect(columns.map(({ name }) => name)).toEqual([...fill('conv1', 4), ...fill('conv2', 4), ...fill('conv3', 5)])
    expect(responses.shape).toEqual([2, 13])
    expect(Math.abs(responses.data[0]! - golden.responses.values[0]!)).toBeLessThan(RESPONSE_TOLERANCE)
  })
})

describe('vebi heatmap against PyTorch', () => {
  const starts = [...new Set(golden.heatmaps.map(({ layer }) => layer))]

  it.each(starts)('from %s: three rules, three stride corrections', async (layer) => {
    const { model, firstImage } = await exampleFiles()
    for (const expected of golden.heatmaps.filter((each) => each.layer === layer)) {
      const maps = await featureHeatmaps(requestOf(model, firstImage, expected, 'max-abs'))
      const values = expected.values.map((value) => (value * expected.largest) / 1e5)
      const title = `${expected.rule} ${expected.stride}`
      expectClose(maps, { shape: [1, ...golden.input.slice(0, 2)], values }, HEATMAP_TOLERANCE * expected.largest, title)
    }
  })

  it('differs between the rules and between the corrections, so that the comparison tells them apart', () => {
    const distinct = (layer: string): number => {
      return new Set(golden.heatmaps.filter((each) => each.layer === layer).map(({ values }) => values.join())).size
    }
    // Below conv1 there is no rectifier and no pooling, below norm1 no pooling.
    expect(Object.fromEntries(starts.map((layer) => [layer, distinct(layer)]))).toMatchObject({
      conv1: 2, norm1: 4, sum: 9, relu3: 9, mean3: 9, both: 9, relu4: 9, logits: 9,
    })
  })

  it('gives the signal at every colour, and its norm, for all images', async () => {
    const { model, images } = await exampleFiles()
    const { signal, norm } = golden.wholeSignal
    const largest = Math.max(...signal.map(Math.abs))
    const whole = await featureHeatmaps(requestOf(model, images, golden.wholeSignal, 'none'))
    expectClose(whole, { shape: [2, ...golden.input], values: signal }, HEATMAP_TOLERANCE * largest)
    const norms = await featureHeatmaps(requestOf(model, images, golden.wholeSignal, 'l2'))
    expectClose(norms, { shape: [2, ...golden.input.slice(0, 2)], values: norm }, HEATMAP_TOLERANCE * largest)
  })
})

describe('vebi lasso against scikit-learn', () => {
  it.each(golden.lasso.map((problem, index) => [problem.mu, problem.nonnegative ? 'w >= 0' : 'any sign', index] as const))(
    'mu %d, %s (%d)',
    async (_mu, _sign, index) => {
      const problem = golden.lasso[index]!
      const files = await lassoFiles(problem)
      const { weights, classes } = await solveFromArrays(files, problem.mu, problem.nonnegative)
      expect(weights.shape).toEqual([problem.features, problem.labels.length])
      problem.objectives.forEach((objective, j) => {
        const found = column(weights, j)
        expect(Math.abs(objectiveOf(problem, found, j) - objective)).toBeLessThan(OBJECTIVE_TOLERANCE * objective)
        expect(Math.abs(classes[j]!.objective - objective)).toBeLessThan(OBJECTIVE_TOLERANCE * objective)
        expect(found.reduce((sum, value) => sum + Math.abs(value), 0)).toBeLessThanOrEqual(problem.mu * (1 + 1e-9))
        if (problem.nonnegative) expect(Math.min(...found)).toBeGreaterThanOrEqual(0)
        // X has full rank, so that the solution itself is unique.
        found.forEach((value, k) => expect(Math.abs(value - problem.weights[j]![k]!)).toBeLessThan(1e-5))
        expect(classes[j]).toMatchObject({ accepted: true, nonZeros: found.filter((value) => value !== 0).length })
      })
    },
  )

  it('takes the labels of one class as a vector', async () => {
    const problem = golden.lasso[0]!
    const files = await lassoFiles(problem)
    const all = await solveFromArrays(files, problem.mu, false)
    await writeNpy(files.L, { shape: [problem.images], data: Uint8Array.from(problem.labels[0]!) })
    const one = await solveFromArrays(files, problem.mu, false)
    expect(one.weights.shape).toEqual([problem.features, 1])
    expect([...one.weights.data]).toEqual(column(all.weights, 0))
  })

  it.each<[string, Matrix, Matrix, string]>([
    [
      'X and L of different N',
      matrix([2, 3], 1), matrix([1, 4], 1),
      'X.npy has shape [2, 3] and L.npy [1, 4]; they must be [m, N] and [C, N].',
    ],
    [
      'X that is a vector',
      matrix([3], 1), matrix([3], 1),
      'X.npy has shape [3] and L.npy [3]; they must be [m, N] and [C, N].',
    ],
    [
      'L of three axes',
      matrix([2, 3], 1), matrix([1, 3, 1], 1),
      'X.npy has shape [2, 3] and L.npy [1, 3, 1]; they must be [m, N] and [C, N].',
    ],
    [
      'no images',
      matrix([2, 0], 1), matrix([1, 0], 1),
      'X.npy has shape [2, 0] and L.npy [1, 0]; they must be [m, N] and [C, N].',
    ],
    ['NaN in X', matrix([2, 3], NaN), matrix([1, 3], 1), 'X.npy holds values that are not finite.'],
    ['infinity in L', matrix([2, 3], 1), matrix([1, 3], Infinity), 'L.npy holds values that are not finite.'],
  ])('refuses %s', async (_what, X, L, sentence) => {
    const folder = await temporaryFolder()
    const files = { X: path.join(folder, 'X.npy'), L: path.join(folder, 'L.npy') }
    await writeNpy(files.X, X)
    await writeNpy(files.L, L)
    expect(await refusal(solveFromArrays(files, 1, false), folder)).toEqual(['bad-data', sentence])
  })

  it('refuses a negative mu', async () => {
    const files = await lassoFiles(golden.lasso[0]!)
    await expect(solveFromArrays(files, -1, false)).rejects.toThrow('mu is -1; it must be a number that is 0 or more.')
  })
})

describe('arrays of images', () => {
  it('take one image without an image axis', async () => {
    const { model, firstImage, folder } = await exampleFiles()
    const bare = path.join(folder, 'bare.npy')
    await writeNpy(bare, { shape: golden.input, data: pixels.slice(0, imageSize) })
    const output = await forwardImages(model, bare, 'logits', {})
    expect(output).toEqual(await forwardImages(model, firstImage, 'logits', {}))
    expect(output.shape).toEqual([1, 3])
  })

  it.each([
    ['[N, h, w, 1]', [3, 4, 5, 1], 3],
    ['[N, h, w]', [3, 4, 5], 3],
    ['[h, w, 1]', [4, 5, 1], 1],
    ['[h, w]', [4, 5], 1],
  ])('of a grey network may be %s', async (_name, shape, count) => {
    const model = await greyModel()
    const file = path.join(path.dirname(model), 'X.npy')
    const data = Float32Array.from({ length: 20 * count }, (_, i) => i)
    await writeNpy(file, { shape, data })
    const output = await forwardImages(model, file, undefined, {})
    expect(output.shape).toEqual([count, 1])
    // All weights are 1, so that each output is the sum of its image.
    const sums = Array.from({ length: count }, (_, i) => data.slice(20 * i, 20 * i + 20).reduce((a, b) => a + b))
    expect([...output.data]).toEqual(sums)
    const request = { layer: '1', channel: 0, rule: 'gradient', stride: 'none' } as const
    const maps = await featureHeatmaps(requestOf(model, file, request, 'max-abs'))
    expect(maps.shape).toEqual([count, 4, 5])
    expect([...new Set(maps.data)]).toEqual(sums)
  })

  it.each([
    ['another size', [2, 12, 13, 3]],
    ['channels first', [2, 3, 13, 12]],
    ['too few axes', [2, 13, 12]],
    ['too many axes', [1, 2, 13, 12, 3]],
    ['no images', [0, 13, 12, 3]],
  ])('are refused: %s', async (_what, shape) => {
    const { model, folder } = await exampleFiles()
    await writeNpy(path.join(folder, 'X.npy'), matrix(shape, 0))
    const sentence = `X.npy has shape [${shape.join(', ')}]; the model takes [images, 13, 12, 3].`
    expect(await refusal(forwardImages(model, path.join(folder, 'X.npy'), undefined, {}), folder)).toEqual(['bad-data', sentence])
  })
})

describe('what cannot be done is refused in one sentence', () => {
  it('an unknown layer', async () => {
    const { model, images } = await exampleFiles()
    const listed = layerNames.map((name, i) => `${i + 1} ${name}`).join(', ')
    const sentence = `The model has no layer "conv9": it has ${listed}.`
    expect(await refusal(forwardImages(model, images, 'conv9', {}))).toEqual(['bad-argument', sentence])
    const start = { layer: 'conv9', channel: 0, rule: 'guided', stride: 'conv' } as const
    expect(await refusal(featureHeatmaps(requestOf(model, images, start, 'l2')))).toEqual(['bad-argument', sentence])
  })

  it('a channel that the layer does not have', async () => {
    const { model, images } = await exampleFiles()
    const start = { layer: 'conv3', channel: 5, rule: 'guided', stride: 'conv' } as const
    expect(await refusal(featureHeatmaps(requestOf(model, images, start, 'l2')))).toEqual([
      'bad-argument',
      'Layer "conv3" has channels 0 to 4, not 5.',
    ])
  })

  it('a heatmap that starts at the softmax', async () => {
    const { model, images } = await exampleFiles()
    const start = { layer: 'probabilities', channel: 0, rule: 'guided', stride: 'conv' } as const
    expect(await refusal(featureHeatmaps(requestOf(model, images, start, 'l2')))).toEqual([
      'unsupported',
      'Softmax "probabilities" is never crossed: start the backward pass below it.',
    ])
  })

  it('files that are missing, foreign or cannot be written', async () => {
    const { model, folder } = await exampleFiles()
    const file = path.join(folder, 'absent.npy')
    expect(await refusal(forwardImages(model, file, undefined, {}), folder)).toEqual(['missing-file', 'absent.npy does not exist.'])
    const noModel = path.join(folder, 'absent')
    expect(await refusal(forwardImages(noModel, file, undefined, {}), folder)).toEqual(['missing-file', 'absent does not exist.'])
    const foreign = path.join(folder, 'foreign.npy')
    await writeFile(foreign, 'label,value\n1,2\n')
    expect(await refusal(forwardImages(model, foreign, undefined, {}), folder)).toEqual([
      'bad-file',
      'foreign.npy: not a NumPy .npy file.',
    ])
    const [code, sentence] = await refusal(readNpy(folder))
    expect([code, sentence]).toEqual(['bad-file', expect.stringMatching(/ cannot be read: EISDIR.*[^.]\.$/)])
    const nowhere = path.join(folder, 'none', 'Y.npy')
    expect(await refusal(writeNpy(nowhere, matrix([1], 0)), folder)).toEqual([
      'bad-file',
      expect.stringMatching(/^none\/Y\.npy cannot be written: ENOENT/),
    ])
  })
})

describe('the command itself', () => {
  it('solves and reports as JSON with exit code 0', async () => {
    const problem = golden.lasso[0]!
    const files = await lassoFiles(problem)
    const out = path.join(path.dirname(files.X), 'W.npy')
    const { status, stdout, stderr } = vebi('lasso', '--X', files.X, '--L', files.L, '--mu', String(problem.mu), '--out', out, '--json')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const report = JSON.parse(stdout) as { out: string; shape: number[]; classes: { objective: number; accepted: boolean }[] }
    expect(report).toMatchObject({ out, shape: [12, 3] })
    report.classes.forEach((each, j) => expect(Math.abs(each.objective - problem.objectives[j]!)).toBeLessThan(1e-6))
    const weights = await readNpy(out)
    column(weights, 1).forEach((value, k) => expect(Math.abs(value - problem.weights[1]![k]!)).toBeLessThan(1e-5))
  })

  it('writes a heatmap', async () => {
    const { model, firstImage, folder } = await exampleFiles()
    const expected = golden.heatmaps.find((each) => each.layer === 'sum' && each.rule === 'guided' && each.stride === 'conv')!
    const out = path.join(folder, 'H.npy')
    const { status, stdout } = vebi(
      'heatmap', model, firstImage, '--layer', 'sum', '--channel', String(expected.channel), '--rule', 'guided',
      '--stride', 'conv', '--out', out,
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${out}: [1, 13, 12]\n` })
    const values = expected.values.map((value) => (value * expected.largest) / 1e5)
    expectClose(await readNpy(out), { shape: [1, 13, 12], values }, HEATMAP_TOLERANCE * expected.largest)
  })

  it('fails with exit code 1, one sentence on stderr and nothing on stdout', async () => {
    const { model, images, folder } = await exampleFiles()
    const out = path.join(folder, 'Y.npy')
    expect(vebi('heatmap', model, images, '--layer', 'conv3', '--channel', '5', '--out', out)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'vebi: Layer "conv3" has channels 0 to 4, not 5.\n',
    })
    await writeNpy(path.join(folder, 'X.npy'), matrix([2, 3], NaN))
    await writeNpy(path.join(folder, 'L.npy'), matrix([1, 3], 1))
    const X = path.join(folder, 'X.npy')
    expect(vebi('lasso', '--X', X, '--L', path.join(folder, 'L.npy'), '--out', out, '--json')).toEqual({
      status: 1,
      stdout: '',
      stderr: `vebi: ${X} holds values that are not finite.\n`,
    })
    await expect(readNpy(out)).rejects.toThrow('does not exist')
  })
})

/** Runs bin/vebi.mjs in a process of its own, on the engine that starts fastest. */
function vebi(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = path.resolve(import.meta.dirname, '../../bin/vebi.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    env: { ...process.env, VEBI_ENGINE: 'cpu' },
  })
  return { status, stdout, stderr }
}

/** The network of the golden values as a TF.js LayersModel, both of its images, and the first alone. */
async function exampleFiles(): Promise<{ folder: string; model: string; images: string; firstImage: string }> {
  const weights = Object.entries(golden.weights).map(([name, { shape, '256ths': values }]) =>
    floatWeight(name, shape, Float32Array.from(values, (value) => value / 256)),
  )
  const layers = golden.layers.map(({ name, class: className, inputs, settings }) => ({
    name,
    class_name: className,
    config: { name, ...settings, ...(className === 'InputLayer' ? { batch_input_shape: [null, ...golden.input] } : {}) },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((source) => [source, 0, 0, {}])],
  }))
  const last = layers.at(-1)!.name
  const config = { name: 'net', layers, input_layers: [['image', 0, 0]], output_layers: [[last, 0, 0]] }
  const model = await writeModel({ class_name: 'Functional', config }, weights)
  const images = path.join(model, 'images.npy')
  const firstImage = path.join(model, 'first-image.npy')
  await writeNpy(images, { shape: [golden.images.count, ...golden.input], data: pixels })
  await writeNpy(firstImage, { shape: [1, ...golden.input], data: pixels.slice(0, imageSize) })
  return { folder: model, model, images, firstImage }
}

/** Sums the 20 pixels of a grey image of 4 x 5. */
function greyModel(): Promise<string> {
  const entries: [string, Record<string, unknown>][] = [
    ['InputLayer', { name: 'image', batch_input_shape: [null, 4, 5, 1] }],
    ['Conv2D', { name: 'all', filters: 1, kernel_size: [4, 5], use_bias: false }],
    ['Flatten', { name: 'flat' }],
    ['Dense', { name: 'class', units: 1, use_bias: false }],
  ]
  const layers = entries.map(([class_name, config]) => ({ class_name, config }))
  return writeModel({ class_name: 'Sequential', config: { name: 'grey', layers } }, [
    floatWeight('all/kernel', [4, 5, 1, 1], new Float32Array(20).fill(1)),
    floatWeight('class/kernel', [1, 1], [1]),
  ])
}

async function lassoFiles(problem: Golden['lasso'][number]): Promise<{ X: string; L: string }> {
  const folder = await temporaryFolder()
  const files = { X: path.join(folder, 'X.npy'), L: path.join(folder, 'L.npy') }
  const data = Float64Array.from(problem.thousandths, (value) => value / 1000)
  await writeFile(files.X, encodeNpy({ shape: [problem.features, problem.images], data }))
  const labels = Uint8Array.from(problem.labels.flat())
  await writeFile(files.L, encodeNpy({ shape: [problem.labels.length, problem.images], data: labels }))
  return files
}

/** 1/2 ||X'w - l_j||^2, term by term. */
function objectiveOf({ images, thousandths, labels }: Golden['lasso'][number], weights: number[], j: number): number {
  let sum = 0
  for (let i = 0; i < images; i++) {
    const fitted = weights.reduce((total, weight, k) => total + (weight * thousandths[k * images + i]!) / 1000, 0)
    sum += (fitted - labels[j]![i]!) ** 2
  }
  return sum / 2
}

function requestOf(model: string, file: string, start: Start, reduction: 'max-abs' | 'l2' | 'none') {
  const { layer, channel, rule, stride } = start
  return { model, file, layer, channel, rule, strideCorrection: stride, reduction, preprocessing: {} }
}

/** Code and sentence of the refusal, the folder's path left out. */
async function refusal(work: Promise<unknown>, folder?: string): Promise<[string, string]> {
  const error = await work.then(
    () => ({ code: 'none', message: 'It was accepted.' }),
    (reason: { code: string; message: string }) => reason,
  )
  return [error.code, folder ? error.message.replaceAll(folder + path.sep, '') : error.message]
}

function expectClose(
  actual: Matrix,
  expected: { shape: readonly number[]; values: readonly number[] },
  tolerance: number,
  title = '',
): void {
  expect(actual.shape).toEqual(expected.shape)
  expect(actual.data).toHaveLength(expected.values.length)
  let worst = 0
  expected.values.forEach((value, i) => {
    const difference = Math.abs(actual.data[i]! - value)
    worst = difference <= worst ? worst : difference
  })
  expect(worst, title).toBeLessThan(tolerance)
}

function matrix(shape: readonly number[], value: number): Matrix {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(value) }
}

function column(weights: Matrix, j: number): number[] {
  const [rows, columns] = weights.shape as [number, number]
  return Array.from({ length: rows }, (_, k) => weights.data[k * columns + j]!)
}

function fill(text: string, count: number): string[] {
  return Array.from({ length: count }, () => text)
}
