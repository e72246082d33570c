import { beforeAll, describe, expect, test } from 'vitest'
import { startEngine } from '../../model/engine.ts'
import { Network } from '../../model/network.ts'
import { openModel } from '../index.ts'
import { onnxFile } from './testing/onnx-file.ts'
import { modelBytes, type ModelText, type NodeText, type WeightText } from './testing/write-onnx.ts'

beforeAll(() => startEngine())

const INT64 = 7
const [HEIGHT, WIDTH] = [2, 4]
const SCALES = [0.5, -2, 3]
const OFFSETS = [1, 0.25, -4]
const inputs = [{ name: 'image', shape: [1, 3, HEIGHT, WIDTH] }]

/** Each colour times a number plus another one, `unsqueeze(x[:, c], 1) * scale + offset`, and all of them joined. */
function rescaling(version: number, picked = [0, 1, 2], shiftsFirst = false): ModelText {
  const axes = version >= 13 ? { inputs: ['one'], attributes: {} } : { inputs: [], attributes: { axes: [1] } }
  const nodes = picked.flatMap((_, place): NodeText[] => [
    { op: 'Gather', inputs: ['image', `colour${place}`], outputs: [`picked${place}`], attributes: { axis: 1 } },
    { op: 'Unsqueeze', inputs: [`picked${place}`, ...axes.inputs], outputs: [`map${place}`], attributes: axes.attributes },
    ...(shiftsFirst
      ? [
          { op: 'Add', inputs: [`offset${place}`, `map${place}`], outputs: [`half${place}`] },
          { op: 'Mul', inputs: [`half${place}`, `scale${place}`], outputs: [`done${place}`] },
        ]
      : [
          { op: 'Mul', inputs: [`map${place}`, `scale${place}`], outputs: [`half${place}`] },
          { op: 'Add', inputs: [`offset${place}`, `half${place}`], outputs: [`done${place}`] },
        ]),
  ])
  const weights = picked.flatMap((colour, place): WeightText[] => [
    { name: `colour${place}`, shape: [], type: INT64, values: [colour] },
    { name: `scale${place}`, shape: [], values: [SCALES[place]] },
    { name: `offset${place}`, shape: [], values: [OFFSETS[place]] },
  ])
  const joined = { op: 'Concat', name: 'joined', inputs: picked.map((_, place) => `done${place}`), outputs: ['joined'] }
  return {
    version,
    inputs,
    nodes: [
      ...nodes,
      { ...joined, attributes: { axis: 1 } },
      { op: 'Flatten', inputs: ['joined'], outputs: ['classes'] },
    ],
    weights: [...weights, { name: 'one', shape: [1], type: INT64, values: [1] }],
  }
}

describe('the rescaled input of torchvision’s pretrained Inception', () => {
  test.each([
    [11, false],
    [20, false],
    [20, true],
  ])('is one layer, in operator set %i, shifted first: %s', async (version, shiftsFirst) => {
    const graph = await openModel(await onnxFile(modelBytes(rescaling(version, [0, 1, 2], shiftsFirst))))
    expect(graph.nodes.map(({ name }) => name)).toContain('joined')
    expect(graph.nodes.filter(({ op }) => op !== 'permute' && op !== 'flatten')).toHaveLength(2)
    const image = Float32Array.from({ length: HEIGHT * WIDTH * 3 }, (_, index) => index / 8)
    const network = new Network(graph)
    const found = network.output(image, 1, graph.output)
    network.dispose()
    // The file's units are [channels, height, width], the image is [height, width, channels].
    const expected = SCALES.flatMap((scale, colour) =>
      Array.from({ length: HEIGHT * WIDTH }, (_, pixel) => {
        const value = image[pixel * 3 + colour]
        return shiftsFirst ? scale * (value + OFFSETS[colour]) : scale * value + OFFSETS[colour]
      }),
    )
    expect(Array.from(found)).toEqual(expected)
  })

  test.each([[[0, 2, 1]], [[0, 1]], [[0, 1, 1]]])('but not where other channels are picked: %j', async (picked) => {
    const file = await onnxFile(modelBytes(rescaling(20, picked)))
    await expect(openModel(file)).rejects.toThrow(/is a Gather, which takes away the axis/)
  })
})

test('the bias of zeros that PyTorch’s exporter spells out where nothing is simplified', async () => {
  const graph = await openModel(
    await onnxFile(
      modelBytes({
        version: 20,
        inputs,
        nodes: [
          { op: 'CastLike', inputs: ['half', 'image'], outputs: ['number'] },
          { op: 'Expand', inputs: ['number', 'two'], outputs: ['bias'] },
          { op: 'Conv', name: 'conv', inputs: ['image', 'kernel', 'bias'], outputs: ['map'] },
          { op: 'GlobalAveragePool', inputs: ['map'], outputs: ['mean'] },
          { op: 'Flatten', inputs: ['mean'], outputs: ['classes'] },
        ],
        weights: [
          { name: 'half', shape: [], values: [0.5] },
          { name: 'two', shape: [1], type: INT64, values: [2] },
          { name: 'kernel', shape: [2, 3, 1, 1] },
        ],
      }),
    ),
  )
  const conv = graph.nodes.find(({ name }) => name === 'conv')
  expect(conv?.op === 'conv2d' && conv.spec.bias).toEqual({ shape: [2], data: Float32Array.of(0.5, 0.5) })
})
