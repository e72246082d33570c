import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { OperatorName, OperatorSpecs, Padding, Pair, Shape, Weight } from '../../../../shared/graph.ts'

/** One operator with its inputs' shapes, for the comparison with the plain restatement. */
export type OperatorCase = {
  [Op in OperatorName]: {
    readonly title: string
    readonly op: Op
    readonly spec: OperatorSpecs[Op]
    readonly inputs: readonly Shape[]
    /** Inputs take few whole values, so that equal maxima and exact zeros occur. */
    readonly ties: boolean
  }
}[OperatorName]

const generator = xoroshiro128plus(20190506)

export function randomValues(count: number, ties = false): Float32Array {
  return Float32Array.from({ length: count }, () =>
    ties ? uniformInt(generator, -1, 2) : Math.fround(uniformFloat64(generator) * 4 - 2),
  )
}

export function randomWeight(shape: Shape): Weight {
  return { shape, data: randomValues(shape.reduce((product, size) => product * size, 1)) }
}

/** Padding as top, bottom, left, right. */
export function edges(top: number, bottom: number, left: number, right: number): Padding {
  return { top, bottom, left, right }
}

const none = edges(0, 0, 0, 0)
const one: Pair = [1, 1]
const two: Pair = [2, 2]

interface ConvolutionChoice {
  readonly size: Pair
  readonly strides: Pair
  readonly padding: Padding
  readonly dilation?: Pair
  readonly input?: Shape
  readonly bias?: boolean
}

function convolution({ size, strides, padding, dilation = one, input = [8, 7, 4], bias = true }: ConvolutionChoice,
  groups = 1, outChannels = 6): OperatorCase {
  return {
    title: `conv2d ${size.join('x')} /${strides} pad ${Object.values(padding)} dilation ${dilation} groups ${groups}`,
    op: 'conv2d',
    spec: {
      strides, padding, dilation, groups,
      kernel: randomWeight([...size, input[2] / groups, outChannels]),
      bias: bias ? randomWeight([outChannels]) : null,
    },
    inputs: [input],
    ties: false,
  }
}

function depthwise({ size, strides, padding, dilation = one, input = [8, 7, 3], bias = true }: ConvolutionChoice,
  multiplier = 1): OperatorCase {
  return {
    title:
      `depthwiseConv2d ${size.join('x')} /${strides} pad ${Object.values(padding)} dilation ${dilation} ` +
      `multiplier ${multiplier}`,
    op: 'depthwiseConv2d',
    spec: {
      strides, padding, dilation,
      kernel: randomWeight([...size, input[2], multiplier]),
      bias: bias ? randomWeight([input[2] * multiplier]) : null,
    },
    inputs: [input],
    ties: false,
  }
}

const windows: readonly ConvolutionChoice[] = [
  { size: [3, 3], strides: one, padding: none },
  { size: [3, 3], strides: one, padding: edges(1, 1, 1, 1), bias: false },
  { size: [3, 3], strides: two, padding: edges(0, 1, 0, 1) },
  { size: [3, 3], strides: two, padding: edges(1, 1, 1, 1), input: [7, 9, 4] },
  { size: [2, 5], strides: [2, 1], padding: edges(1, 0, 2, 1) },
  { size: [3, 2], strides: [1, 3], padding: edges(0, 2, 1, 0) },
  { size: [5, 5], strides: [4, 3], padding: edges(2, 0, 1, 3), input: [11, 10, 4] },
  { size: [1, 1], strides: two, padding: none },
  // Nearest neighbour repeats every entry equally often.
  { size: [5, 5], strides: two, padding: none, input: [12, 14, 4] },
  { size: [3, 4], strides: two, padding: edges(1, 0, 2, 1), input: [7, 10, 4], bias: false },
  { size: [4, 2], strides: [3, 3], padding: edges(0, 1, 0, 0), input: [11, 10, 4] },
  { size: [3, 2], strides: two, padding: edges(1, 1, 0, 1), dilation: [1, 2], input: [8, 8, 4] },
  { size: [3, 2], strides: one, padding: edges(2, 1, 0, 1), dilation: [2, 3] },
  { size: [2, 2], strides: [2, 3], padding: edges(1, 2, 0, 1), dilation: [3, 2] },
  { size: [8, 7], strides: one, padding: none },
]

const pools = [
  { size: two, strides: two, padding: none, input: [6, 8, 3] },
  { size: two, strides: two, padding: none, input: [7, 5, 3] },
  { size: [3, 3], strides: two, padding: edges(0, 1, 0, 1), input: [8, 8, 2] },
  { size: [3, 3], strides: two, padding: edges(1, 1, 1, 1), input: [7, 8, 2] },
  { size: [3, 3], strides: one, padding: edges(1, 1, 1, 1), input: [5, 6, 2] },
  { size: [2, 3], strides: [1, 2], padding: edges(1, 0, 2, 1), input: [6, 7, 2] },
  { size: [3, 2], strides: [4, 3], padding: edges(0, 2, 0, 0), input: [9, 8, 2] },
  { size: [5, 6], strides: one, padding: none, input: [5, 6, 2] },
] as const

const poolCases: OperatorCase[] = pools.flatMap(({ size, strides, padding, input }) => {
  const text = `${size.join('x')} /${strides} pad ${Object.values(padding)} on ${input.slice(0, 2).join('x')}`
  const inputs = [input]
  return [
    { title: `maxPool ${text}`, op: 'maxPool', spec: { size, strides, padding }, inputs, ties: false },
    { title: `maxPool ${text} with ties`, op: 'maxPool', spec: { size, strides, padding }, inputs, ties: true },
    ...[true, false].map((countPadding): OperatorCase => ({
      title: `averagePool ${text} ${countPadding ? 'counting padding' : 'of real pixels'}`,
      op: 'averagePool', spec: { size, strides, padding, countPadding }, inputs, ties: false,
    })),
  ]
})

const rectifierCases: OperatorCase[] = [true, false].flatMap((ties): OperatorCase[] => {
  const map: Shape = [4, 5, 3]
  const suffix = ties ? ' at its kinks' : ''
  const relus: [string, OperatorSpecs['relu']][] = [
    ['relu', { maxValue: null, negativeSlope: 0, threshold: 0 }],
    ['leaky relu', { maxValue: null, negativeSlope: 0.3, threshold: 0 }],
    ['relu6', { maxValue: 6, negativeSlope: 0, threshold: 0 }],
    ['capped leaky relu', { maxValue: 1, negativeSlope: 0.1, threshold: 0 }],
    ['thresholded relu', { maxValue: null, negativeSlope: 0, threshold: 1 }],
    ['relu of all three', { maxValue: 1.5, negativeSlope: 0.25, threshold: -1 }],
  ]
  return [
    ...relus.map(([name, spec]): OperatorCase => ({ title: name + suffix, op: 'relu', spec, inputs: [map], ties })),
    { title: `prelu per channel${suffix}`, op: 'prelu', spec: { alpha: randomWeight([1, 1, 3]) }, inputs: [map], ties },
    { title: `prelu per pixel${suffix}`, op: 'prelu', spec: { alpha: randomWeight(map) }, inputs: [map], ties },
    { title: `prelu of one slope${suffix}`, op: 'prelu', spec: { alpha: randomWeight([1]) }, inputs: [[7]], ties },
    { title: `elu${suffix}`, op: 'elu', spec: { alpha: 1 }, inputs: [map], ties },
    { title: `elu of another alpha${suffix}`, op: 'elu', spec: { alpha: 0.4 }, inputs: [map], ties },
  ]
})

function normalisation(shape: Shape, complete: boolean): OperatorCase {
  const channels: Shape = [shape.at(-1)!]
  const variance = randomWeight(channels)
  return {
    title: `batchNorm on [${shape}]${complete ? '' : ' without scale and offset'}`,
    op: 'batchNorm',
    spec: {
      scale: complete ? randomWeight(channels) : null,
      offset: complete ? randomWeight(channels) : null,
      mean: randomWeight(channels),
      variance: { shape: channels, data: variance.data.map((value) => value * value) },
      epsilon: 1e-3,
    },
    inputs: [shape],
    ties: false,
  }
}

const otherCases: OperatorCase[] = [
  { title: 'dense on units', op: 'dense', inputs: [[6]], ties: false,
    spec: { kernel: randomWeight([6, 4]), bias: randomWeight([4]) } },
  { title: 'dense on a map', op: 'dense', inputs: [[3, 4, 5]], ties: false,
    spec: { kernel: randomWeight([5, 2]), bias: null } },
  { title: 'sigmoid', op: 'sigmoid', spec: {}, inputs: [[3, 4, 2]], ties: false },
  { title: 'tanh', op: 'tanh', spec: {}, inputs: [[3, 4, 2]], ties: false },
  { title: 'hardSigmoid', op: 'hardSigmoid', spec: { alpha: 1 / 6, beta: 1 / 2 }, inputs: [[3, 4, 2]], ties: false },
  { title: 'hardSigmoid that is steep', op: 'hardSigmoid', spec: { alpha: 0.9, beta: 0.4 }, inputs: [[7]], ties: false },
  ...([['hardSwish', {}], ['silu', {}], ['gelu', { approximate: false }], ['gelu', { approximate: true }]] as const).map(
    ([op, spec]): OperatorCase => {
      const title = `${op}${'approximate' in spec && spec.approximate ? ' by tanh' : ''}`
      return { title, op, spec, inputs: [[3, 4, 2]], ties: false } as OperatorCase
    },
  ),
  { title: 'softmax on units', op: 'softmax', spec: {}, inputs: [[7]], ties: false },
  { title: 'softmax on a map', op: 'softmax', spec: {}, inputs: [[2, 3, 4]], ties: false },
  ...[true, false].flatMap((keepAxes): OperatorCase[] => [
    { title: 'globalAveragePool', op: 'globalAveragePool', spec: { keepAxes }, inputs: [[4, 5, 3]], ties: false },
    { title: 'globalMaxPool', op: 'globalMaxPool', spec: { keepAxes }, inputs: [[4, 5, 3]], ties: false },
    { title: 'globalMaxPool with ties', op: 'globalMaxPool', spec: { keepAxes }, inputs: [[4, 5, 3]], ties: true },
  ]),
  normalisation([3, 4, 5], true),
  normalisation([3, 4, 5], false),
  normalisation([6], true),
  { title: 'zeroPadding', op: 'zeroPadding', spec: { padding: edges(1, 2, 0, 3) }, inputs: [[3, 4, 2]], ties: false },
  { title: 'zeroPadding of nothing', op: 'zeroPadding', spec: { padding: none }, inputs: [[3, 4, 2]], ties: false },
  { title: 'flatten', op: 'flatten', spec: {}, inputs: [[3, 4, 2]], ties: false },
  { title: 'reshape', op: 'reshape', spec: { shape: [2, 6, 2] }, inputs: [[3, 4, 2]], ties: false },
  { title: 'permute', op: 'permute', spec: { order: [2, 0, 1] }, inputs: [[3, 4, 2]], ties: false },
  { title: 'dropout', op: 'dropout', spec: {}, inputs: [[3, 4, 2]], ties: false },
  { title: 'add of three', op: 'add', spec: {}, inputs: [[3, 4, 2], [3, 4, 2], [3, 4, 2]], ties: false },
  { title: 'add of a row', op: 'add', spec: {}, inputs: [[3, 4, 2], [1, 4, 1]], ties: false },
  { title: 'multiply of three', op: 'multiply', spec: {}, inputs: [[3, 4, 2], [3, 4, 2], [3, 4, 2]], ties: false },
  { title: 'multiply by a gate', op: 'multiply', spec: {}, inputs: [[3, 4, 2], [1, 1, 2]], ties: false },
  { title: 'concatenate of channels', op: 'concatenate', spec: { axis: 2 }, inputs: [[3, 4, 2], [3, 4, 1], [3, 4, 3]],
    ties: false },
  { title: 'concatenate of rows', op: 'concatenate', spec: { axis: 0 }, inputs: [[3, 4, 2], [1, 4, 2]], ties: false },
  { title: 'concatenate of units', op: 'concatenate', spec: { axis: 0 }, inputs: [[3], [4]], ties: false },
  { title: 'lrn as in VGG-F', op: 'lrn', spec: { radius: 2, bias: 2, alpha: 1e-4, beta: 0.75 }, inputs: [[3, 4, 7]],
    ties: false },
  { title: 'lrn that is strong', op: 'lrn', spec: { radius: 1, bias: 0.5, alpha: 0.7, beta: 0.6 }, inputs: [[3, 4, 6]],
    ties: false },
  { title: 'lrn wider than the channels', op: 'lrn', spec: { radius: 5, bias: 1, alpha: 1, beta: 0.5 },
    inputs: [[2, 3, 3]], ties: false },
]

export const operatorCases: readonly OperatorCase[] = [
  ...windows.map((choice) => convolution(choice)),
  convolution({ size: [3, 3], strides: one, padding: edges(1, 1, 1, 1) }, 2),
  convolution({ size: [3, 3], strides: two, padding: edges(0, 1, 1, 0) }, 4, 8),
  convolution({ size: [2, 3], strides: [1, 2], padding: edges(1, 0, 2, 1), dilation: [2, 2] }, 2, 2),
  ...windows.map((choice) => depthwise({ ...choice, input: [...(choice.input ?? [8, 7]).slice(0, 2), 3] })),
  ...windows.slice(2, 10).map((choice) => depthwise({ ...choice, input: [9, 8, 2] }, 3)),
  ...poolCases,
  ...rectifierCases,
  ...otherCases,
]
