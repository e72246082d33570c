import type { OperatorSpecs } from '../../../../shared/graph.ts'
import { vectorOf, type Conversion, type Value } from '../conversion.ts'
import type { OnnxNode } from '../node.ts'
import type { Converter, Converters } from './converter.ts'

const batchNormalization: Converter = (conversion, node) => {
  if (node.integer('training_mode', 0) !== 0) {
    throw node.unsupported('in training mode; export the model for inference')
  }
  if (node.integer('spatial', 1) === 0) throw node.unsupported('that normalises each place by itself (spatial 0)')
  const input = channelsLast(conversion, node, conversion.input(node))
  const channels = conversion.shapeOf(input).at(-1)!
  const vector = (position: number, role: string) => {
    const tensor = conversion.neededWeight(node, position, role)
    const weight = tensor.data.length === channels ? vectorOf(tensor, channels) : null
    if (weight) return weight
    throw node.bad(`whose ${role} has shape [${tensor.dimensions.join(', ')}], where ${channels} values are expected`)
  }
  const spec: OperatorSpecs['batchNorm'] = {
    scale: vector(1, 'scale'),
    offset: vector(2, 'bias'),
    mean: vector(3, 'mean'),
    variance: vector(4, 'variance'),
    epsilon: node.float('epsilon', 1e-5),
  }
  if (spec.variance.data.some((value) => !(value + spec.epsilon > 0))) throw node.bad('whose variance is not positive')
  conversion.finish(node, conversion.unary(node, 'batchNorm', spec, input))
}

/** ONNX divides alpha by the size of the window. */
const lrn: Converter = (conversion, node) => {
  const size = node.integer('size', 0)
  if (size < 1) throw node.setting('size', size, 'a number of channels')
  if (size % 2 === 0) throw node.unsupported(`whose window of ${size} channels is even; only centred ones are supported`)
  const spec: OperatorSpecs['lrn'] = {
    radius: (size - 1) / 2,
    bias: node.float('bias', 1),
    alpha: node.float('alpha', Math.fround(1e-4)) / size,
    beta: node.float('beta', 0.75),
  }
  conversion.finish(node, conversion.unary(node, 'lrn', spec, conversion.map(node, conversion.input(node))))
}

export const normalizationConverters: Converters = { BatchNormalization: batchNormalization, LRN: lrn }

/** The value with the file's first axis behind that of the images, the channels, as the graph's last. */
function channelsLast(conversion: Conversion, node: OnnxNode, value: Value): Value {
  const { dimensions } = value
  if (dimensions.length === 3) return conversion.map(node, value)
  if (dimensions.length === 1) return conversion.arrange(node, value, dimensions, [0], dimensions)
  throw node.unsupported(`whose input has shape [images, ${dimensions.join(', ')}]; only units and maps are supported`)
}
