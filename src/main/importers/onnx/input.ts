import { VebiError } from '../../../shared/errors.ts'
import { CHANNELS_FIRST, CHANNELS_LAST } from '../dataflow/conversion.ts'
import { readInput, tracedAxes, type AxisClues, type Input } from '../dataflow/input.ts'
import type { OpenOptions } from '../importer.ts'
import { orderOf } from './axes.ts'
import type { OnnxGraph } from './file-graph.ts'
import type { OnnxNode } from './node.ts'

/** Reads shape and axis order of the graph's input. Throws VebiError where it is no image or no vector of units. */
export function inputOf(graph: OnnxGraph, options: OpenOptions): Input {
  const { name, dimensions } = graph.input
  if (dimensions === null) {
    throw new VebiError('bad-model', `${graph.file}: the input "${name}" states no shape.`)
  }
  const traced = dimensions.length === 4 ? tracedAxes(graph, name, CLUES) : undefined
  const looksLast = COLOURS.includes(dimensions[3]) && !COLOURS.includes(dimensions[1])
  const axes = traced ?? (dimensions.length === 4 && looksLast ? CHANNELS_LAST : CHANNELS_FIRST)
  return readInput(graph.file, { name, dimensions }, axes, options)
}

/** Operators that keep the axes as they are, so that the first one that does not says what they mean. */
const PASSING: ReadonlySet<string> = new Set([
  'Identity', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Clip', 'Relu', 'LeakyRelu', 'Pad', 'Dropout', 'Transpose',
])
/** Operators whose axes are [images, channels, height, width] by definition. */
const CHANNELS_FIRST_BY_DEFINITION: ReadonlySet<string> = new Set([
  'Conv', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'BatchNormalization', 'LRN', 'PRelu',
])
const COLOURS: readonly unknown[] = [1, 3, 4]

const CLUES: AxisClues<OnnxNode> = {
  definedBy: ({ operator }) => (CHANNELS_FIRST_BY_DEFINITION.has(operator) ? CHANNELS_FIRST : undefined),
  passes: ({ operator }) => PASSING.has(operator),
  permutation: (node) => (node.operator === 'Transpose' ? orderOf(node, 4) : undefined),
}
