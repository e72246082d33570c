import { VebiError } from '../../../shared/errors.ts'
import type { Graph } from '../../../shared/graph.ts'
import { buildGraph, type Format } from '../dataflow/build.ts'
import { CHANNELS_FIRST, type Conversion } from '../dataflow/conversion.ts'
import type { NumberFunction } from '../dataflow/curves.ts'
import { integerTensor, product, type Tensor } from '../dataflow/tensor.ts'
import type { OpenOptions } from '../importer.ts'
import { shapeTensor } from './axes.ts'
import { channelChoiceAt } from './channel-choice.ts'
import { channelScalingAt } from './channel-scaling.ts'
import { ONNX_FOLDS } from './constants.ts'
import type { OnnxGraph } from './file-graph.ts'
import { inputOf } from './input.ts'
import type { OnnxNode } from './node.ts'
import { gatherChannels } from './operators/choosing.ts'
import { converters } from './operators/index.ts'
import { responseNormalizationAt } from './response-normalization.ts'

/** Turns the graph of a file into the graph of the product: channels last, layout operations folded away. */
export function buildOnnxGraph(graph: OnnxGraph, source: string, options: OpenOptions): Graph {
  const format: Format<OnnxNode> = {
    constantOf: (node) => (node.operator === 'Constant' ? constantOfNode(graph, node) : undefined),
    folds: ONNX_FOLDS,
    functions: FUNCTIONS,
    shapeOf(node, dimensions) {
      if (node.operator === 'Shape') return shapeTensor(node, dimensions)
      return node.operator === 'Size' ? integerTensor([product(dimensions)], []) : undefined
    },
    convertPattern(conversion, node) {
      const scaling = channelScalingAt(graph, node, (name) => conversion.constantOf(name))
      const scaled = conversion.valueOf(scaling?.input)
      if (scaling && scaled && scaled.dimensions[0] === scaling.spec.mean.shape[0]) {
        const map = conversion.map(node, scaled, CHANNELS_FIRST)
        conversion.finish(node, conversion.unary(node, 'batchNorm', scaling.spec, map))
        return true
      }
      const choice = channelChoiceAt(graph, node, (name) => conversion.constantOf(name))
      const source = conversion.valueOf(choice?.input)
      if (choice && source) {
        conversion.finish(node, gatherChannels(conversion, node, source, 1, choice.channels))
        return true
      }
      const found = responseNormalizationAt(graph, node, (name) => conversion.constantOf(name))
      const value = conversion.valueOf(found?.input)
      if (!found || !value) return false
      const map = conversion.map(node, value, CHANNELS_FIRST)
      conversion.finish(node, conversion.unary(node, 'lrn', found.spec, map))
      return true
    },
    convert,
  }
  return buildGraph(graph, format, inputOf(graph, options), outputOf(graph), source)
}

function convert(conversion: Conversion, node: OnnxNode): void {
  const converter = node.domain === '' || node.domain === 'ai.onnx' ? converters.get(node.operator) : undefined
  if (converter) converter(conversion, node)
  else if (node.domain !== '' && node.domain !== 'ai.onnx') {
    throw node.unsupported(`of the operator set "${node.domain}", which is not supported`)
  } else throw node.unsupported(REASONS.get(node.operator) ?? 'which is not supported')
}

/** Why some well-known operators are not read, beyond not being supported. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['Attention', 'which is attention; only networks of convolutions and dense layers are supported'],
  ['MultiHeadAttention', 'which is attention; only networks of convolutions and dense layers are supported'],
  ['LayerNormalization', 'which is not supported; normalise in batches, as convolutional networks do'],
  ['If', 'which chooses between graphs as it runs; that is not supported'],
  ['Loop', 'which repeats a graph as it runs; that is not supported'],
  ['Scan', 'which repeats a graph as it runs; that is not supported'],
  ['DequantizeLinear', 'so the model is quantised; export it in floating point'],
  ['QuantizeLinear', 'so the model is quantised; export it in floating point'],
  ['QLinearConv', 'so the model is quantised; export it in floating point'],
  ['ConvInteger', 'so the model is quantised; export it in floating point'],
  ['ArgMax', 'which leaves a class without its scores; export the model up to the scores'],
])

const FUNCTIONS: Readonly<Record<string, NumberFunction<OnnxNode>>> = {
  Cast: (_node, [a = NaN]) => a,
  HardSigmoid: (node, [a = NaN]) =>
    Math.min(Math.max(node.float('alpha', 0.2) * a + node.float('beta', 0.5), 0), 1),
  Clip: (node, [a = NaN, low = node.float('min', -Infinity), high = node.float('max', Infinity)]) =>
    Math.min(Math.max(a, low), high),
}

function constantOfNode(graph: OnnxGraph, node: OnnxNode): Tensor {
  const stored = node.tensor('value')
  if (stored) return graph.inner(stored, node.subject)
  if (node.has('value_float')) return { dimensions: [], kind: 'float', data: Float32Array.of(node.float('value_float', 0)) }
  if (node.has('value_int')) return integerTensor([node.integer('value_int', 0)], [])
  const floats = node.floats('value_floats')
  if (node.has('value_floats') && floats) {
    return { dimensions: [floats.length], kind: 'float', data: Float32Array.from(floats) }
  }
  const integers = node.integers('value_ints')
  if (node.has('value_ints') && integers) return integerTensor(integers)
  throw node.unsupported('whose value is neither a tensor nor numbers')
}

function outputOf({ file, outputs, producers }: OnnxGraph): string {
  if (outputs.length === 0) throw new VebiError('bad-model', `${file}: the graph has no output.`)
  if (outputs.length > 1) {
    const names = outputs.map(({ name }) => `"${name}"`).join(', ')
    throw new VebiError(
      'unsupported',
      `${file}: the graph has ${outputs.length} outputs (${names}), but only models with one output, the classes, can be read.`,
    )
  }
  const { name } = outputs[0]
  if (producers.has(name)) return name
  throw new VebiError('bad-model', `${file}: the output "${name}" is not made by any node.`)
}
