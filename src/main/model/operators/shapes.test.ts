import { describe, expect, it } from 'vitest'
import { VebiError } from '../../../shared/errors.ts'
import type { NodeOf, OperatorName, OperatorSpecs, Shape } from '../../../shared/graph.ts'
import { outputShapeOf } from './index.ts'
import { edges, randomWeight } from './testing/cases.ts'

interface Refusal {
  readonly node: { [Op in OperatorName]: Pick<NodeOf<Op>, 'op' | 'name' | 'spec'> }[OperatorName]
  readonly inputs: readonly Shape[]
  readonly sentence: string
}

function refusal<Op extends OperatorName>(
  op: Op,
  spec: OperatorSpecs[Op],
  inputs: readonly Shape[],
  sentence: string,
): Refusal {
  return { node: { op, spec, name: 'block/a' } as Refusal['node'], inputs, sentence }
}

const none = edges(0, 0, 0, 0)
const convolution: OperatorSpecs['conv2d'] = {
  kernel: randomWeight([3, 3, 4, 6]), bias: null, strides: [1, 1], padding: none, dilation: [1, 1], groups: 1,
}
const pooling: OperatorSpecs['maxPool'] = { size: [2, 2], strides: [2, 2], padding: none }

const refusals: readonly Refusal[] = [
  refusal('conv2d', convolution, [[8, 8, 3]], 'kernel has shape [3, 3, 4, 6], but input [8, 8, 3] needs [3, 3, 3, 6].'),
  refusal('conv2d', convolution, [[64]], 'needs an input [height, width, channels], but gets [64].'),
  refusal('conv2d', convolution, [], 'takes one input, but 0 are connected.'),
  refusal('conv2d', convolution, [[2, 8, 4]], 'a window of 3 x 3 does not fit into input [2, 8] (2 x 8 with padding).'),
  refusal('conv2d', { ...convolution, groups: 3 }, [[8, 8, 4]],
    '3 groups do not divide input [8, 8, 4] and kernel [3, 3, 4, 6] evenly.'),
  refusal('conv2d', { ...convolution, strides: [1, 0] }, [[8, 8, 4]],
    'strides must be whole numbers of at least 1, not [1, 0].'),
  refusal('conv2d', { ...convolution, padding: edges(0, -1, 0, 0) }, [[8, 8, 4]],
    'padding must be whole numbers of at least 0, not [0, -1, 0, 0] (top, bottom, left, right).'),
  refusal('conv2d', { ...convolution, bias: randomWeight([5]) }, [[8, 8, 4]],
    'bias has shape [5], but input [8, 8, 4] needs [6].'),
  refusal('conv2d', { ...convolution, kernel: { shape: [3, 3, 4, 6], data: new Float32Array(7) } }, [[8, 8, 4]],
    'kernel of shape [3, 3, 4, 6] needs 216 values, but 7 are stored.'),
  refusal('conv2d', { ...convolution, kernel: randomWeight([9, 24]) }, [[8, 8, 4]],
    'kernel needs four axes [height, width, in, out], but has shape [9, 24].'),
  refusal('depthwiseConv2d', { ...convolution, kernel: randomWeight([3, 3, 2, 1]) }, [[8, 8, 4]],
    'kernel has shape [3, 3, 2, 1], but input [8, 8, 4] needs [3, 3, 4, 1].'),
  refusal('dense', { kernel: randomWeight([5, 2]), bias: null }, [[6]],
    'kernel has shape [5, 2], but input [6] needs [6, 2].'),
  refusal('prelu', { alpha: randomWeight([2, 3]) }, [[4, 4, 2]],
    'alpha of shape [2, 3] does not spread over input [4, 4, 2].'),
  refusal('batchNorm', { scale: null, offset: null, mean: randomWeight([3]), variance: randomWeight([2]), epsilon: 0 },
    [[4, 4, 3]], 'variance has shape [2], but input [4, 4, 3] needs [3].'),
  refusal('maxPool', { ...pooling, padding: edges(0, 2, 0, 0) }, [[8, 8, 4]],
    'padding of 2 leaves pooling windows without any pixel.'),
  refusal('averagePool', { ...pooling, countPadding: false, padding: edges(0, 0, 3, 0) }, [[8, 8, 4]],
    'padding of 3 leaves pooling windows without any pixel.'),
  refusal('reshape', { shape: [5, 5] }, [[4, 6]],
    'input [4, 6] cannot take shape [5, 5]: the number of values differs.'),
  refusal('permute', { order: [0, 0, 1] }, [[4, 6, 3]], 'axis order [0, 0, 1] does not fit input [4, 6, 3].'),
  refusal('add', {}, [[4, 6, 3], [4, 5, 3]], 'inputs of shapes [4, 6, 3] and [4, 5, 3] do not fit together.'),
  refusal('multiply', {}, [[4, 6, 3], [3]], 'inputs of shapes [4, 6, 3] and [3] do not fit together.'),
  refusal('add', {}, [[4]], 'needs two inputs or more, but 1 are connected.'),
  refusal('concatenate', { axis: 2 }, [[4, 6, 3], [4, 5, 3]],
    'inputs of shapes [4, 6, 3] and [4, 5, 3] do not fit together along axis 2.'),
  refusal('concatenate', { axis: 3 }, [[4, 6, 3]], 'has no axis 3 in input [4, 6, 3].'),
  refusal('lrn', { radius: 1.5, bias: 1, alpha: 1, beta: 1 }, [[4, 6, 3]], 'radius must be a whole number, not 1.5.'),
]

describe('shapes that do not fit are refused in one sentence', () => {
  it.each(refusals)('$node.op: $sentence', ({ node, inputs, sentence }) => {
    let thrown: unknown
    try {
      outputShapeOf(node, inputs)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(VebiError)
    expect(thrown).toMatchObject({ code: 'bad-model', message: `Layer "block/a": ${sentence}` })
  })
})

describe('shapes of VGG-F', () => {
  it('halve as the paper of its authors lists them', () => {
    const window = (size: number, stride: number, padding = none) =>
      ({ size: [size, size], strides: [stride, stride], padding }) as const
    const conv = (size: number, inChannels: number, out: number, stride: number, padding = none) => ({
      ...window(size, stride, padding),
      kernel: { shape: [size, size, inChannels, out], data: new Float32Array(size * size * inChannels * out) },
      bias: null, dilation: [1, 1] as const, groups: 1,
    })
    const shapeOf = <Op extends OperatorName>(op: Op, spec: OperatorSpecs[Op], input: Shape) =>
      outputShapeOf({ op, name: op, spec }, [input])
    const first = shapeOf('conv2d', conv(11, 3, 64, 4), [224, 224, 3])
    const pooled = shapeOf('maxPool', window(3, 2, edges(0, 1, 0, 1)), first)
    const second = shapeOf('conv2d', conv(5, 64, 256, 1, edges(2, 2, 2, 2)), pooled)
    const pooledAgain = shapeOf('maxPool', window(3, 2), second)
    const last = shapeOf('maxPool', window(3, 2), pooledAgain)
    expect([first, pooled, second, pooledAgain, last]).toEqual([
      [54, 54, 64], [27, 27, 64], [27, 27, 256], [13, 13, 256], [6, 6, 256],
    ])
  })
})
