import { VebiError } from '../../../shared/errors.ts'
import type { Graph, OperatorSpecs } from '../../../shared/graph.ts'
import { GraphBuilder } from '../graph-builder.ts'
import type { OpenOptions } from '../importer.ts'
import { shapeTensor } from './axes.ts'
import { foldConstants } from './constants.ts'
import { Conversion, type Value } from './conversion.ts'
import { curveAt, type Curve } from './curves.ts'
import type { FileGraph } from './file-graph.ts'
import { inputOf } from './input.ts'
import type { OnnxNode } from './node.ts'
import { converters } from './operators/index.ts'
import { responseNormalizationAt } from './response-normalization.ts'
import { integerTensor, product, type Tensor } from './tensor.ts'

/** Turns the graph of a file into the graph of the product: channels last, layout operations folded away. */
export function buildOnnxGraph(graph: FileGraph, source: string, options: OpenOptions): Graph {
  const { file } = graph
  const input = inputOf(graph, options)
  const output = outputOf(graph)
  const constants = new Map<string, Tensor>()
  const constantOf = (name: string): Tensor | undefined => constants.get(name) ?? graph.stored(name)
  for (const node of graph.nodes) {
    if (node.operator === 'Constant') constants.set(node.outputs[0], constantOfNode(graph, node))
  }
  const curves = new Map<OnnxNode, Curve>()
  for (const node of graph.nodes) {
    const curve = curveAt(graph, node, constantOf)
    if (curve) curves.set(node, curve)
  }
  const sourcesOf = (node: OnnxNode): readonly string[] => (curves.has(node) ? [curves.get(node)!.input] : node.inputs)
  const needed = neededNodes(graph, output, sourcesOf)
  const followers = new Map<string, OnnxNode[]>()
  for (const node of needed) {
    for (const name of new Set(sourcesOf(node))) {
      if (!followers.has(name)) followers.set(name, [])
      followers.get(name)!.push(node)
    }
  }
  const conversion = new Conversion(file, input.images, constantOf, followers)
  const image = conversion.builder.add('input', input.name, { shape: input.shape }, [])
  conversion.set(input.name, { node: image, dimensions: input.dimensions, order: input.order })
  for (const sentence of [...graph.warnings, ...input.warnings]) conversion.warnings.push(sentence)

  // What cannot be represented may turn out to be part of something that can: it is refused when the output needs it.
  const refused = new Map<string, VebiError>()
  for (const node of needed) {
    if (conversion.isDone(node) || node.operator === 'Constant') continue
    const pattern = curves.get(node) ?? responseNormalization(graph, node, constantOf)
    const value = pattern && conversion.valueOf(pattern.input)
    if (pattern && value) {
      const input = pattern.op === 'lrn' ? conversion.map(node, value) : value
      conversion.finish(node, conversion.unary(node, pattern.op, pattern.spec, input))
      continue
    }
    const cause = node.inputs.map((name) => refused.get(name)).find((error) => error !== undefined)
    try {
      if (cause) throw cause
      const folded = foldedOutput(conversion, node, constantOf)
      if (folded) constants.set(node.outputs[0], folded)
      else convert(conversion, node)
    } catch (error) {
      if (!(error instanceof VebiError)) throw error
      for (const name of node.outputs) refused.set(name, error)
    }
  }
  const reason = refused.get(output)
  if (reason) throw reason
  const value = conversion.valueOf(output)
  if (!value) throw new VebiError('bad-model', `${file}: the output "${output}" does not depend on the image.`)
  const classes = classAxis(conversion, graph, output, value)
  return pruned(conversion, classes, source)
}

function responseNormalization(
  graph: FileGraph,
  node: OnnxNode,
  constantOf: (name: string) => Tensor | undefined,
): { op: 'lrn'; spec: OperatorSpecs['lrn']; input: string } | undefined {
  const found = responseNormalizationAt(graph, node, constantOf)
  return found ? { op: 'lrn', ...found } : undefined
}

function convert(conversion: Conversion, node: OnnxNode): void {
  const converter = node.domain === '' || node.domain === 'ai.onnx' ? converters.get(node.operator) : undefined
  if (converter) converter(conversion, node)
  else if (node.domain !== '' && node.domain !== 'ai.onnx') {
    throw node.unsupported(`of the operator set "${node.domain}", which is not supported`)
  } else throw node.unsupported(REASONS[node.operator] ?? 'which is not supported')
}

/** Why some well-known operators are not read, beyond not being supported. */
const REASONS: Readonly<Record<string, string>> = {
  Attention: 'which is attention; only networks of convolutions and dense layers are supported',
  MultiHeadAttention: 'which is attention; only networks of convolutions and dense layers are supported',
  LayerNormalization: 'which is not supported; normalise in batches, as convolutional networks do',
  If: 'which chooses between graphs as it runs; that is not supported',
  Loop: 'which repeats a graph as it runs; that is not supported',
  Scan: 'which repeats a graph as it runs; that is not supported',
  DequantizeLinear: 'so the model is quantised; export it in floating point',
  QuantizeLinear: 'so the model is quantised; export it in floating point',
  QLinearConv: 'so the model is quantised; export it in floating point',
  ConvInteger: 'so the model is quantised; export it in floating point',
  ArgMax: 'which leaves a class without its scores; export the model up to the scores',
}

/** The output of a node that the image cannot change; undefined where it can. */
function foldedOutput(
  conversion: Conversion,
  node: OnnxNode,
  constantOf: (name: string) => Tensor | undefined,
): Tensor | undefined {
  const [first] = node.inputs
  const seen = conversion.valueOf(first)
  if (seen && node.operator === 'Shape') return shapeTensor(node, [conversion.images, ...seen.dimensions])
  if (seen && node.operator === 'Size') {
    return integerTensor([seen.dimensions.reduce((all, size) => all * size, conversion.images)], [])
  }
  if (node.inputs.some((name) => name !== '' && !constantOf(name))) return undefined
  return foldConstants(node, node.inputs.map((name) => (name === '' ? undefined : constantOf(name))))
}

function constantOfNode(graph: FileGraph, node: OnnxNode): Tensor {
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

/** Nodes that the output depends on, in order. */
function neededNodes(
  graph: FileGraph,
  output: string,
  sourcesOf: (node: OnnxNode) => readonly string[],
): readonly OnnxNode[] {
  const names = new Set<string>()
  const pending = [output]
  const places = new Set<number>()
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (names.has(name)) continue
    names.add(name)
    const place = graph.producers.get(name)
    if (place === undefined) continue
    places.add(place)
    pending.push(...sourcesOf(graph.nodes[place]))
  }
  return graph.nodes.filter((_, place) => places.has(place))
}

function outputOf({ file, outputs, producers }: FileGraph): string {
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

/** The output must hold one value per class; returns the node that has them on its only axis. */
function classAxis(conversion: Conversion, graph: FileGraph, output: string, value: Value): number {
  const { dimensions } = value
  if (dimensions.filter((size) => size > 1).length > 1) {
    throw new VebiError(
      'unsupported',
      `${graph.file}: the output "${output}" has shape [images, ${dimensions.join(', ')}], ` +
        'where one value per class is expected.',
    )
  }
  const classes = product(dimensions)
  return conversion.arrange(graph.nodes[graph.producers.get(output)!], value, [classes], [0], [classes]).node
}

/** The graph of the nodes that the output depends on: shared prefixes of folded patterns fall away. */
function pruned({ builder: full, warnings }: Conversion, output: number, source: string): Graph {
  const needed = new Set<number>([0])
  const pending = [output]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (needed.has(id)) continue
    needed.add(id)
    pending.push(...full.nodes[id].inputs)
  }
  const builder = new GraphBuilder(full.file)
  const places = new Map<number, number>()
  for (const node of full.nodes) {
    if (!needed.has(node.id)) continue
    places.set(node.id, builder.add(node.op, node.name, node.spec, node.inputs.map((id) => places.get(id)!)))
  }
  for (const sentence of warnings) builder.warn(sentence)
  return builder.finish(places.get(output)!, source)
}
