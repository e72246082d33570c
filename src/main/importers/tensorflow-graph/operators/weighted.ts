import type { Shape, Weight } from '../../../../shared/graph.ts'
import { CHANNELS_LAST, type Conversion, type Value } from '../../dataflow/conversion.ts'
import { followingBias } from '../../dataflow/operators/bias.ts'
import {
  addConvolution,
  addDepthwiseConvolution,
  checkKernel,
  vectorOfLength,
  type ConvolutionWindow,
} from '../../dataflow/operators/convolution.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { addDense, matrixOf, multiplyByMatrix } from '../../dataflow/operators/dense.ts'
import { addBatchNormalization } from '../../dataflow/operators/normalization.ts'
import { transposed, type Tensor } from '../../dataflow/tensor.ts'
import { TensorFlowNode } from '../node.ts'
import { fusedActivation } from './activation.ts'

type Kind = 'ordinary' | 'depthwise'

/** Kernel [height, width, in / groups, out], or [height, width, in, multiplier] where each channel goes by itself. */
const convolution = (kind: Kind): Converter<TensorFlowNode> => (conversion, node) => {
  const kernel = kernelOf(conversion, node)
  const { bias, last } = followingBias(conversion, node, outChannels(kernel, kind), 0)
  conversion.finish(last, convolved(conversion, node, kind, kernel, bias))
}

const fusedConvolution = (kind: Kind): Converter<TensorFlowNode> => (conversion, node) => {
  const kernel = kernelOf(conversion, node)
  withFusedOperators(conversion, node, outChannels(kernel, kind), (bias) =>
    convolved(conversion, node, kind, kernel, bias))
}

/**
 * A dilated convolution as older versions write it: the pixels are dealt out to as many images as the dilation has
 * places, convolved there without padding, and put back.
 */
const dilatedConvolution: Converter<TensorFlowNode> = (conversion, node) => {
  const conv = onlyFollower(conversion, node)
  const kind = conv && KINDS.get(conv.operator)
  const back = conv && onlyFollower(conversion, conv)
  if (!conv || !kind || back?.operator !== 'BatchToSpaceND') {
    throw node.unsupported('which is supported only as a part of a dilated convolution')
  }
  const kernel = kernelOf(conversion, conv)
  const map = conversion.map(node, conversion.input(node), CHANNELS_LAST)
  const [vertical, horizontal, ...others] = conversion.neededWeight(node, 1, 'block').data
  const [top, bottom, left, right] = conversion.neededWeight(node, 2, 'padding').data
  const crops = [...conversion.neededWeight(back, 2, 'crop').data]
  const [above, below, before, behind] = crops
  const padding = { top: top - above, bottom: bottom - below, left: left - before, right: right - behind }
  const steps = [...conv.pair('strides'), ...conv.pair('dilations')]
  const isPlain = conv.text('padding', '') === 'VALID' && steps.every((step) => step === 1)
  if (!isPlain || others.length > 0 || !Object.values(padding).every((pixels: number) => pixels >= 0)) {
    throw node.unsupported('around a convolution with strides or padding of its own')
  }
  const { bias, last } = followingBias(conversion, back, outChannels(kernel, kind), 0)
  const window = { strides: [1, 1], dilation: [vertical, horizontal], padding } as const
  conversion.markDone(conv)
  conversion.markDone(back)
  conversion.finish(last, addTo(conversion, conv, kind, map, window, { kernel, bias }))
}

const matMul: Converter<TensorFlowNode> = (conversion, node) => {
  refuseTransposedImages(node)
  multiplyByMatrix(conversion, node, isTransposed(node))
}

const fusedMatMul: Converter<TensorFlowNode> = (conversion, node) => {
  refuseTransposedImages(node)
  const stored = matrixOf(node, conversion.neededWeight(node, 1, 'matrix'))
  const kernel = isTransposed(node) ? transposed(stored, [1, 0]) : stored
  withFusedOperators(conversion, node, kernel.dimensions[1], (bias) =>
    addDense(conversion, node, conversion.input(node), kernel, bias))
}

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['Conv2D', 'ordinary'], ['DepthwiseConv2dNative', 'depthwise'],
])

export const weightedConverters: Converters<TensorFlowNode> = {
  SpaceToBatchND: dilatedConvolution,
  Conv2D: convolution('ordinary'),
  DepthwiseConv2dNative: convolution('depthwise'),
  _FusedConv2D: fusedConvolution('ordinary'),
  _FusedDepthwiseConv2dNative: fusedConvolution('depthwise'),
  FusedDepthwiseConv2dNative: fusedConvolution('depthwise'),
  MatMul: matMul,
  BatchMatMulV2: matMul,
  _FusedMatMul: fusedMatMul,
}

function onlyFollower(conversion: Conversion, node: TensorFlowNode): TensorFlowNode | undefined {
  const [next, ...others] = conversion.followersOf(node.outputs[0])
  return others.length === 0 && next instanceof TensorFlowNode ? next : undefined
}

/** The layer, and behind it what an optimiser of graphs has drawn into it: a bias or a normalisation, then a curve. */
function withFusedOperators(
  conversion: Conversion,
  node: TensorFlowNode,
  channels: number,
  layer: (bias: Weight | null) => Value,
): void {
  const operators = [...node.texts('fused_ops')]
  let next = 2
  let value: Value
  if (operators[0] === 'BiasAdd') {
    value = layer(vectorOfLength(node, conversion.neededWeight(node, next, 'bias'), 'bias', channels))
    operators.shift()
    next += 1
  } else if (operators[0] === 'FusedBatchNorm') {
    value = addBatchNormalization(conversion, node, layer(null), next, node.float('epsilon', 1e-4), operators[0])
    operators.shift()
    next += 4
  } else value = layer(null)
  for (const name of operators) value = fusedActivation(conversion, node, name, value, next)
  conversion.finish(node, value)
}

function kernelOf(conversion: Conversion, node: TensorFlowNode): Tensor {
  node.requireChannelsLast()
  const kernel = conversion.neededWeight(node, 1, 'kernel')
  checkKernel(node, kernel)
  return kernel
}

function outChannels({ dimensions }: Tensor, kind: Kind): number {
  return kind === 'depthwise' ? dimensions[2] * dimensions[3] : dimensions[3]
}

/** The window of a convolution as its own node states it. */
function windowOf(node: TensorFlowNode, map: Shape, { dimensions }: Tensor): ConvolutionWindow {
  const [height, width] = dimensions as [number, number]
  const strides = node.pair('strides')
  const dilation = node.pair('dilations')
  return { strides, dilation, padding: node.padding(map, [height, width], strides, dilation) }
}

function convolved(
  conversion: Conversion,
  node: TensorFlowNode,
  kind: Kind,
  kernel: Tensor,
  bias: Weight | null,
): Value {
  const map = conversion.map(node, conversion.input(node), CHANNELS_LAST)
  return addTo(conversion, node, kind, map, windowOf(node, conversion.shapeOf(map), kernel), { kernel, bias })
}

function addTo(
  conversion: Conversion,
  node: TensorFlowNode,
  kind: Kind,
  map: Value,
  window: ConvolutionWindow,
  weights: { kernel: Tensor; bias: Weight | null },
): Value {
  const channels = conversion.shapeOf(map)[2]
  const inner = weights.kernel.dimensions[2]
  if (kind === 'ordinary' && channels % inner !== 0) {
    throw node.bad(`whose kernel takes ${inner} channels, but whose input has ${channels}`)
  }
  const id = kind === 'depthwise'
    ? addDepthwiseConvolution(conversion, node, map, window, weights)
    : addConvolution(conversion, node, map, window, { ...weights, groups: channels / inner })
  return conversion.mapValue(id, CHANNELS_LAST)
}

/** Matrices lie [in, out] unless this is set. */
function isTransposed(node: TensorFlowNode): boolean {
  return node.truth('transpose_b', false) || node.truth('adj_y', false)
}

function refuseTransposedImages(node: TensorFlowNode): void {
  if (node.truth('transpose_a', false) || node.truth('adj_x', false)) {
    throw node.unsupported('which transposes the images')
  }
}
