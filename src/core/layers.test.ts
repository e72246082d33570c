import { describe, expect, test } from 'vitest'
import { VebiError } from '../shared/errors.ts'
import type { Graph, GraphNode, OperatorName, OperatorSpecs, Shape, Weight } from '../shared/graph.ts'
import { classLayers, layersOf, rectifierReport, resolveLayerSet } from './layers.ts'

const window = { strides: [1, 1], padding: { top: 0, bottom: 0, left: 0, right: 0 } } as const
const weight: Weight = { shape: [1], data: new Float32Array(1) }

/** Settings that the layer sets never read. */
const SPECS: { readonly [Op in OperatorName]: OperatorSpecs[Op] } = {
  input: { shape: [1] },
  conv2d: { ...window, dilation: [1, 1], groups: 1, kernel: weight, bias: null },
  depthwiseConv2d: { ...window, dilation: [1, 1], kernel: weight, bias: null },
  dense: { kernel: weight, bias: null },
  relu: { maxValue: null, negativeSlope: 0, threshold: 0 },
  prelu: { alpha: weight },
  elu: { alpha: 1 },
  sigmoid: {},
  tanh: {},
  hardSigmoid: { alpha: 1 / 6, beta: 1 / 2 },
  hardSwish: {},
  silu: {},
  gelu: { approximate: false },
  softmax: {},
  maxPool: { ...window, size: [2, 2] },
  averagePool: { ...window, size: [2, 2], countPadding: false },
  globalAveragePool: { keepAxes: false },
  globalMaxPool: { keepAxes: false },
  batchNorm: { scale: null, offset: null, mean: weight, variance: weight, epsilon: 0 },
  zeroPadding: { padding: window.padding },
  flatten: {},
  reshape: { shape: [1] },
  permute: { order: [0] },
  dropout: {},
  add: {},
  multiply: {},
  concatenate: { axis: 0 },
  lrn: { radius: 2, bias: 1, alpha: 1, beta: 0.5 },
}

type Step = readonly [name: string, op: OperatorName, shape: Shape, inputs?: readonly string[]]

/** A graph of the given steps; each follows the one before unless it names its inputs. */
function graphOf(steps: readonly Step[], specs: Readonly<Record<string, unknown>> = {}): Graph {
  const ids = new Map(steps.map(([name], id) => [name, id]))
  const nodes = steps.map(([name, op, shape, inputs], id) => ({
    id,
    name,
    op,
    spec: specs[name] ?? SPECS[op],
    inputs: op === 'input' ? [] : (inputs?.map((input) => ids.get(input)!) ?? [id - 1]),
    shape,
  })) as GraphNode[]
  return { nodes, output: nodes.length - 1, source: 'test', hash: '', warnings: [] }
}

/** MatConvNet's LeNet (method section 8): feature layers 1..6 of 8. */
const lenet = graphOf([
  ['image', 'input', [28, 28, 1]],
  ['conv1', 'conv2d', [24, 24, 20]],
  ['pool1', 'maxPool', [12, 12, 20]],
  ['conv2', 'conv2d', [8, 8, 50]],
  ['pool2', 'maxPool', [4, 4, 50]],
  ['flat', 'flatten', [800]],
  ['fc1', 'dense', [500]],
  ['fc1/relu', 'relu', [500]],
  ['drop', 'dropout', [500]],
  ['fc2', 'dense', [10]],
  ['fc2/softmax', 'softmax', [10]],
])

/** VGG-F (method section 8): feature layers 1..19 of 21. */
const vggF = graphOf([
  ['image', 'input', [224, 224, 3]],
  ['conv1', 'conv2d', [54, 54, 64]],
  ['relu1', 'relu', [54, 54, 64]],
  ['norm1', 'lrn', [54, 54, 64]],
  ['pool1', 'maxPool', [27, 27, 64]],
  ['conv2', 'conv2d', [27, 27, 256]],
  ['relu2', 'relu', [27, 27, 256]],
  ['norm2', 'lrn', [27, 27, 256]],
  ['pool2', 'maxPool', [13, 13, 256]],
  ['conv3', 'conv2d', [13, 13, 256]],
  ['relu3', 'relu', [13, 13, 256]],
  ['conv4', 'conv2d', [13, 13, 256]],
  ['relu4', 'relu', [13, 13, 256]],
  ['conv5', 'conv2d', [13, 13, 256]],
  ['relu5', 'relu', [13, 13, 256]],
  ['pool5', 'maxPool', [6, 6, 256]],
  ['flat', 'flatten', [9216]],
  ['fc6', 'dense', [4096]],
  ['relu6', 'relu', [4096]],
  ['fc7', 'dense', [4096]],
  ['relu7', 'relu', [4096]],
  ['fc8', 'dense', [1000]],
  ['prob', 'softmax', [1000]],
])

/** A residual network with batch normalisation and its classes as channels of the last convolution. */
const residual = graphOf([
  ['image', 'input', [8, 8, 3]],
  ['pad', 'zeroPadding', [10, 10, 3]],
  ['stem', 'conv2d', [8, 8, 4]],
  ['stem_bn', 'batchNorm', [8, 8, 4]],
  ['stem_act', 'prelu', [8, 8, 4]],
  ['branch_dw', 'depthwiseConv2d', [8, 8, 4]],
  ['branch_bn', 'batchNorm', [8, 8, 4]],
  ['sum', 'add', [8, 8, 4], ['stem_act', 'branch_bn']],
  ['sum_act', 'relu', [8, 8, 4]],
  ['score', 'conv2d', [8, 8, 5]],
  ['score_bn', 'batchNorm', [8, 8, 5]],
  ['mean', 'globalAveragePool', [5]],
  ['prob', 'softmax', [5]],
])

const names = (graph: Graph, text: string) => resolveLayerSet(graph, text).nodes.map((id) => graph.nodes[id].name)

describe('layersOf', () => {
  test('numbers every output but the input, reshapes, dropout and padding', () => {
    expect(layersOf(lenet).map(({ number, node, name }) => [number, node, name])).toEqual([
      [1, 1, 'conv1'],
      [2, 2, 'pool1'],
      [3, 3, 'conv2'],
      [4, 4, 'pool2'],
      [5, 6, 'fc1'],
      [6, 7, 'fc1/relu'],
      [7, 9, 'fc2'],
      [8, 10, 'fc2/softmax'],
    ])
    expect(layersOf(vggF)).toHaveLength(21)
    const rearranged = graphOf([
      ['image', 'input', [2, 3, 1]],
      ['a', 'reshape', [3, 2, 1]],
      ['b', 'permute', [2, 3, 1]],
      ['c', 'dense', [2, 3, 2]],
    ])
    expect(layersOf(rearranged).map((layer) => layer.name)).toEqual(['c'])
  })

  test('tells maps from vectors and counts the channels', () => {
    const [conv, , , , dense] = layersOf(lenet)
    expect(conv).toMatchObject({ op: 'conv2d', shape: [24, 24, 20], channels: 20, kind: 'convolutional' })
    expect(dense).toMatchObject({ op: 'dense', shape: [500], channels: 500, kind: 'fully-connected' })
  })
})

describe('classLayers', () => {
  test.each([
    ['LeNet', lenet, ['fc2', 'fc2/softmax']],
    ['VGG-F', vggF, ['fc8', 'prob']],
    ['classes as channels', residual, ['score', 'score_bn', 'mean', 'prob']],
  ] as const)('%s', (_, graph, expected) => {
    expect(classLayers(graph).map((layer) => layer.name)).toEqual(expected)
  })

  test('stops where branches join', () => {
    const joined = graphOf([
      ['image', 'input', [4]],
      ['left', 'dense', [2]],
      ['right', 'dense', [2], ['image']],
      ['sum', 'add', [2], ['left', 'right']],
      ['prob', 'softmax', [2]],
    ])
    expect(classLayers(joined).map((layer) => layer.name)).toEqual(['sum', 'prob'])
  })
})

describe('resolveLayerSet', () => {
  test('All is every layer before the class layers: 1..6 of LeNet with 1140 features, 1..19 of VGG-F', () => {
    const numbers = (graph: Graph) => {
      const nodes = new Set(resolveLayerSet(graph, 'All').nodes)
      return layersOf(graph).filter((layer) => nodes.has(layer.node))
    }
    expect(numbers(lenet).map((layer) => layer.number)).toEqual([1, 2, 3, 4, 5, 6])
    expect(numbers(lenet).reduce((sum, layer) => sum + layer.channels, 0)).toBe(1140)
    expect(numbers(vggF).map((layer) => layer.number)).toEqual(Array.from({ length: 19 }, (_, index) => index + 1))
  })

  test('OnlyConv is the convolution outputs among them', () => {
    expect(names(lenet, 'OnlyConv')).toEqual(['conv1', 'conv2'])
    expect(names(residual, 'onlyconv')).toEqual(['stem', 'branch_dw'])
  })

  test('activations takes each parametric layer after its non-linearity', () => {
    expect(names(lenet, 'activations')).toEqual(['conv1', 'conv2', 'fc1/relu'])
    expect(names(vggF, 'activations')).toEqual(['relu1', 'relu2', 'relu3', 'relu4', 'relu5', 'relu6', 'relu7'])
    expect(names(residual, 'activations')).toEqual(['stem_act', 'branch_bn'])
  })

  test.each([
    ['1-3,6', ['conv1', 'pool1', 'conv2', 'fc1/relu']],
    ['6, 1 - 2, 2', ['conv1', 'pool1', 'fc1/relu']],
    ['conv*', ['conv1', 'conv2']],
    ['pool?,fc1', ['pool1', 'pool2', 'fc1']],
    ['fc*', ['fc1', 'fc1/relu']],
    ['*', ['conv1', 'pool1', 'conv2', 'pool2', 'fc1', 'fc1/relu']],
    ['fc2', ['fc2']],
    ['7', ['fc2']],
  ])('%s', (text, expected) => {
    expect(names(lenet, text)).toEqual(expected)
  })

  test('keeps the text, tidied, as the name', () => {
    expect(resolveLayerSet(lenet, ' all ').name).toBe('All')
    expect(resolveLayerSet(lenet, 'conv* , 5,').name).toBe('conv*,5')
  })

  test('takes the characters of a name literally', () => {
    const graph = graphOf([
      ['image', 'input', [4]],
      ['a.b', 'dense', [2]],
      ['axb', 'dense', [2]],
      ['classes', 'dense', [2]],
    ])
    expect(names(graph, 'a.?')).toEqual(['a.b'])
  })

  const LIST =
    'All, OnlyConv, activations, or layers out of ' +
    '1: conv1, 2: pool1, 3: conv2, 4: pool2, 5: fc1, 6: fc1/relu, 7: fc2, 8: fc2/softmax'
  test.each([
    ['conv3', `There is no layer "conv3": choose among ${LIST}.`],
    ['relu*', `There is no layer "relu*": choose among ${LIST}.`],
    ['fc2*', `There is no layer "fc2*": choose among ${LIST}.`],
    ['flat', `There is no layer "flat": choose among ${LIST}.`],
    ['9', 'There is no layer 9: the layers are numbered 1 to 8.'],
    ['0', 'There is no layer 0: the layers are numbered 1 to 8.'],
    ['3-2', 'There is no layer 3-2: the layers are numbered 1 to 8.'],
    [' , ', `The layer set is empty: give ${LIST}.`],
  ])('refuses %j', (text, sentence) => {
    expect(() => resolveLayerSet(lenet, text)).toThrow(new VebiError('bad-argument', sentence))
  })

  test('refuses a named set that is empty', () => {
    const linear = graphOf([
      ['image', 'input', [4]],
      ['classes', 'dense', [2]],
    ])
    expect(() => resolveLayerSet(linear, 'OnlyConv')).toThrow('The model has no layers for the layer set OnlyConv.')
  })
})

/** Sentences are compared whole; what several of them share is written once. */
const BOTH = 'deconvnet where the signal is positive, guided where both hold.'
const OPEN = 'gradient passes the signal where its input was above 0'
const SLOPED = 'deconvnet passes the positive signal, guided the positive part of the signal times that slope.'

const CURVED =
  'gradient passes the signal times the slope of its curve, deconvnet passes the positive signal, guided the positive ' +
  'part of the signal times that slope; guided backpropagation is defined for ReLU, so this is an extension of it.'

test('the smooth and piecewise activations follow a layer like a ReLU does', () => {
  const graph = graphOf([
    ['image', 'input', [8, 8, 3]],
    ['a', 'conv2d', [8, 8, 4]],
    ['a/act', 'hardSwish', [8, 8, 4]],
    ['b', 'conv2d', [8, 8, 4]],
    ['b/act', 'silu', [8, 8, 4]],
    ['c', 'depthwiseConv2d', [8, 8, 4]],
    ['c/act', 'gelu', [8, 8, 4]],
    ['d', 'conv2d', [8, 8, 4]],
    ['d/act', 'hardSigmoid', [8, 8, 4]],
    ['classes', 'conv2d', [8, 8, 2]],
    ['squash', 'hardSigmoid', [8, 8, 2]],
    ['pool', 'globalAveragePool', [2]],
  ])
  const nameOf = (node: number) => graph.nodes[node].name
  expect(resolveLayerSet(graph, 'activations').nodes.map(nameOf)).toEqual(['a/act', 'b/act', 'c/act', 'd/act'])
  expect(classLayers(graph).map((layer) => layer.name)).toEqual(['classes', 'squash', 'pool'])
})

test('rectifierReport says how the signal crosses each non-linearity', () => {
  const graph = graphOf(
    [
      ['image', 'input', [4]],
      ['plain', 'relu', [4]],
      ['capped', 'relu', [4]],
      ['leaky', 'relu', [4]],
      ['learned', 'prelu', [4]],
      ['smooth', 'elu', [4]],
      ['s', 'sigmoid', [4]],
      ['t', 'tanh', [4]],
      ['gate', 'hardSigmoid', [4]],
      ['gated', 'multiply', [4], ['t', 'gate']],
      ['swish', 'hardSwish', [4]],
      ['x times sigmoid', 'silu', [4]],
      ['gaussian', 'gelu', [4]],
      ['classes', 'dense', [2]],
      ['prob', 'softmax', [2]],
    ],
    {
      capped: { maxValue: 6, negativeSlope: 0, threshold: 0 },
      leaky: { maxValue: null, negativeSlope: Math.fround(0.1), threshold: 0 },
    },
  )
  expect(rectifierReport(graph).map(({ node, sentence }) => [node, sentence])).toEqual([
    [1, `"plain" is a ReLU: ${OPEN}, ${BOTH}`],
    [2, `"capped" is a ReLU with limits: ${OPEN} and below 6, ${BOTH}`],
    [3, `"leaky" is a leaky ReLU: ${OPEN} and times slope 0.1 elsewhere, ${SLOPED}`],
    [4, `"learned" is a PReLU: ${OPEN} and times its learned slope elsewhere, ${SLOPED}`],
    [5, `"smooth" is an ELU: ${OPEN} and times the slope of its exponential elsewhere, ${SLOPED}`],
    [6, '"s" is a sigmoid, no rectifier: every rule takes its gradient.'],
    [7, '"t" is a tanh, no rectifier: every rule takes its gradient.'],
    [8, '"gate" is a hard sigmoid, no rectifier: every rule takes its gradient.'],
    [9, '"gated" multiplies outputs: under every rule each gets the signal times the others.'],
    [10, `"swish" is a HardSwish: ${CURVED}`],
    [11, `"x times sigmoid" is a SiLU: ${CURVED}`],
    [12, `"gaussian" is a GELU: ${CURVED}`],
    [14, '"prob" is a softmax and is never crossed: the backward pass must start below it.'],
  ])
  expect(rectifierReport(graph).map(({ guided }) => guided)).toEqual([
    'exact',
    ...new Array<string>(4).fill('approximated'),
    ...new Array<string>(4).fill('gradient'),
    ...new Array<string>(3).fill('approximated'),
    'not-crossed',
  ])
})

describe('channels in another order', () => {
  const picking = { ...SPECS.conv2d, picksChannels: true }
  const turned = graphOf(
    [
      ['image', 'input', [8, 8, 3]],
      ['bgr', 'conv2d', [8, 8, 3]],
      ['conv', 'conv2d', [8, 8, 4]],
      ['act', 'relu', [8, 8, 4]],
      ['score', 'conv2d', [8, 8, 5]],
      ['sorted', 'conv2d', [8, 8, 5]],
      ['mean', 'globalAveragePool', [5]],
    ],
    { bgr: picking, sorted: picking },
  )

  test('are no layer, and hide no class layer', () => {
    expect(layersOf(turned).map(({ name }) => name)).toEqual(['conv', 'act', 'score', 'mean'])
    expect(classLayers(turned).map(({ name }) => name)).toEqual(['score', 'mean'])
    expect(resolveLayerSet(turned, 'OnlyConv').nodes).toEqual([2])
  })
})
