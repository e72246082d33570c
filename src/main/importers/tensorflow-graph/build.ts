import type { Graph } from '../../../shared/graph.ts'
import { buildGraph, type Format } from '../dataflow/build.ts'
import { CHANNELS_FIRST, CHANNELS_LAST } from '../dataflow/conversion.ts'
import { errorFunction, type NumberFunction } from '../dataflow/curves.ts'
import { readInput, tracedAxes, type AxisClues, type Input } from '../dataflow/input.ts'
import { parametricRelu } from '../dataflow/operators/activation.ts'
import { integerTensor, product, type Tensor } from '../dataflow/tensor.ts'
import type { OpenOptions } from '../importer.ts'
import { TENSORFLOW_FOLDS } from './constants.ts'
import { tensorFlowGraph, type StoredGraph, type TensorFlowGraph } from './file-graph.ts'
import type { TensorFlowNode } from './node.ts'
import { converters } from './operators/index.ts'
import { parametricReluAt } from './parametric-relu.ts'
import { refusalOf } from './refusals.ts'

/** Turns a GraphDef into the graph of the product. Throws VebiError naming the file and the node. */
export function buildTensorFlowGraph(stored: StoredGraph, source: string, options: OpenOptions): Graph {
  const graph = tensorFlowGraph(stored)
  const format: Format<TensorFlowNode> = {
    constantOf: () => undefined,
    folds: TENSORFLOW_FOLDS,
    functions: FUNCTIONS,
    shapeOf,
    convertPattern(conversion, node) {
      const found = parametricReluAt(graph, node, (name) => conversion.constantOf(name))
      const value = conversion.valueOf(found?.input)
      if (!found || !value) return false
      conversion.finish(node, parametricRelu(conversion, node, value, found.slopes))
      return true
    },
    convert(conversion, node) {
      const converter = converters.get(node.operator)
      if (!converter) throw refusalOf(node)
      converter(conversion, node)
    },
  }
  return buildGraph(graph, format, inputOf(graph, options), graph.output, source)
}

const FUNCTIONS: Readonly<Record<string, NumberFunction<TensorFlowNode>>> = {
  Cast: (_node, [a = NaN]) => a,
  Relu6: (_node, [a = NaN]) => Math.min(Math.max(a, 0), 6),
  LeakyRelu: (node, [a = NaN]) => (a < 0 ? a * node.float('alpha', 0.2) : a),
  ClipByValue: (_node, [a = NaN, low = NaN, high = NaN]) => Math.min(Math.max(a, low), high),
  Square: (_node, [a = NaN]) => a * a,
  Erfc: (_node, [a = NaN]) => 1 - errorFunction(a),
}

/** What a node tells about the shape of its input, that of the images among them. */
function shapeOf({ operator }: TensorFlowNode, dimensions: readonly number[]): Tensor | undefined {
  if (operator === 'Shape') return integerTensor(dimensions)
  if (operator === 'Rank') return integerTensor([dimensions.length], [])
  return operator === 'Size' ? integerTensor([product(dimensions)], []) : undefined
}

/** Operators that keep the axes as they are, so that the first one that does not says what they mean. */
const PASSING: ReadonlySet<string> = new Set([
  'Cast', 'Add', 'AddV2', 'BiasAdd', 'Sub', 'Mul', 'Div', 'RealDiv', 'ClipByValue', 'Relu', 'Relu6', 'LeakyRelu', 'Pad',
  'PadV2', 'Transpose',
])
/** Operators whose axes are [images, height, width, channels] by definition. */
const CHANNELS_LAST_BY_DEFINITION: ReadonlySet<string> = new Set([
  'Conv2D', 'DepthwiseConv2dNative', '_FusedConv2D', '_FusedDepthwiseConv2dNative', 'FusedDepthwiseConv2dNative',
  'MaxPool', 'AvgPool', 'FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3', 'LRN',
])

function inputOf(graph: TensorFlowGraph, options: OpenOptions): Input {
  const clues: AxisClues<TensorFlowNode> = {
    definedBy: ({ operator }) => (CHANNELS_LAST_BY_DEFINITION.has(operator) ? CHANNELS_LAST : undefined),
    passes: ({ operator }) => PASSING.has(operator),
    permutation(node) {
      const order = node.operator === 'Transpose' ? graph.stored(node.inputs[1]) : undefined
      return order && [...order.data]
    },
  }
  const { dimensions, name } = graph.input
  const traced = dimensions.length === 4 ? tracedAxes(graph, name, clues) : undefined
  return readInput(graph.file, graph.input, traced === CHANNELS_FIRST ? CHANNELS_FIRST : CHANNELS_LAST, options)
}
