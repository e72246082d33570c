import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { sizeOf } from '../shared/matrix.ts'
import { floatWeight, writeModel } from './importers/testing/write-model.ts'
import { exampleFiles, expectClose, golden, matrix, pixels, refusal, type Start, vebi } from './testing/command-line.ts'
import { featureHeatmaps, forwardImages, imageResponses, readNpy, writeNpy } from './tools.ts'

/** Largest difference to PyTorch in float64: absolute for outputs and responses, of the largest value for heatmaps. */
const OUTPUT_TOLERANCE = 1e-4
const RESPONSE_TOLERANCE = 1e-4
const HEATMAP_TOLERANCE = 1e-3

const imageSize = sizeOf(golden.input)
const layers = golden.layers.filter((layer) => !['InputLayer', 'Flatten'].includes(layer.class))
const layerNames = layers.map(({ name }) => name)

describe('vebi forward against PyTorch', () => {
  it('gives the class scores by default', async () => {
    const { model, images } = await exampleFiles()
    const output = await forwardImages(model, images, undefined, {})
    expectClose(output, golden.outputs['probabilities'], OUTPUT_TOLERANCE)
  })

  it.each(Object.keys(golden.outputs))('gives the output of %s, by name and by number', async (layer) => {
    const { model, images } = await exampleFiles()
    expectClose(await forwardImages(model, images, layer, {}), golden.outputs[layer], OUTPUT_TOLERANCE)
    const number = String(layerNames.indexOf(layer) + 1)
    expectClose(await forwardImages(model, images, number, {}), golden.outputs[layer], OUTPUT_TOLERANCE)
  })

  it('scales the values of an array where preprocessing is given', async () => {
    const { model, images } = await exampleFiles()
    // (256 x + 10) / 256 - 10 / 256 = x
    const shifted = path.join(path.dirname(images), 'shifted.npy')
    const data = pixels.map((value) => value * 256 + 10)
    await writeNpy(shifted, { shape: [golden.images.count, ...golden.input], data })
    const output = await forwardImages(model, shifted, 'logits', { scale: 1 / 256, mean: [10 / 256] })
    expectClose(output, golden.outputs['logits'], OUTPUT_TOLERANCE)
  })
})

describe('vebi responses against PyTorch', () => {
  it('gives the channel norms of all layers but the last two', async () => {
    const { model, images } = await exampleFiles()
    const { responses, columns } = await imageResponses(model, images, 'All', {})
    expectClose(responses, golden.responses, RESPONSE_TOLERANCE)
    expect(columns).toHaveLength(golden.responses.shape[1])
    expect(columns[0]).toEqual({ layer: 1, name: 'conv1', channel: 0 })
    expect(columns[5]).toEqual({ layer: 2, name: 'relu1', channel: 1 })
    expect(columns.at(-1)).toEqual({ layer: layerNames.indexOf('relu4') + 1, name: 'relu4', channel: 5 })
  })

  it('gives the columns of a chosen set only', async () => {
    const { model, images } = await exampleFiles()
    const { responses, columns } = await imageResponses(model, images, 'OnlyConv', {})
    expect(columns.map(({ name }) => name)).toEqual([...fill('conv1', 4), ...fill('conv2', 4), ...fill('conv3', 5)])
    expect(responses.shape).toEqual([2, 13])
    expect(Math.abs(responses.data[0] - golden.responses.values[0])).toBeLessThan(RESPONSE_TOLERANCE)
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
      expectClose(maps, { shape: [1, 13, 12], values }, HEATMAP_TOLERANCE * expected.largest, title)
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
    const forward = forwardImages(model, path.join(folder, 'X.npy'), undefined, {})
    const sentence = `X.npy has shape [${shape.join(', ')}]; the model takes [images, 13, 12, 3].`
    expect(await refusal(forward, folder)).toEqual(['bad-data', sentence])
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
    const forward = (from: string, name: string): Promise<[string, string]> => {
      return refusal(forwardImages(from, path.join(folder, name), undefined, {}), folder)
    }
    await writeFile(path.join(folder, 'foreign.npy'), 'label,value\n1,2\n')
    expect(await forward(model, 'absent.npy')).toEqual(['missing-file', 'absent.npy does not exist.'])
    expect(await forward(path.join(folder, 'none'), 'images.npy')).toEqual(['missing-file', 'none does not exist.'])
    expect(await forward(model, 'foreign.npy')).toEqual(['bad-file', 'foreign.npy: not a NumPy .npy file.'])
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
  it('writes a heatmap', async () => {
    const { model, firstImage, folder } = await exampleFiles()
    const wanted = (each: Start): boolean => each.layer === 'sum' && each.rule === 'guided' && each.stride === 'conv'
    const expected = golden.heatmaps.find(wanted)!
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
    await expect(readNpy(out)).rejects.toThrow('does not exist')
  })
})

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

function requestOf(model: string, file: string, start: Start, reduction: 'max-abs' | 'l2' | 'none') {
  const { layer, channel, rule, stride } = start
  return { model, file, layer, channel, rule, strideCorrection: stride, reduction, preprocessing: {} }
}

function fill(text: string, count: number): string[] {
  return Array.from({ length: count }, () => text)
}
