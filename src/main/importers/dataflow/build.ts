import { VebiError } from '../../../shared/errors.ts'
import type { Graph } from '../../../shared/graph.ts'
import { GraphBuilder } from '../graph-builder.ts'
import { foldConstants, type Fold } from './constant-arithmetic.ts'
import { CHANNELS_FIRST, Conversion, type Value } from './conversion.ts'
import { CurveFinder, type Curve, type NumberFunction } from './curves.ts'
import { followersOf, makerOf, type DataflowGraph } from './graph.ts'
import type { Input } from './input.ts'
import type { FileNode } from './node.ts'
import { product, type ConstantOf, type Tensor } from './tensor.ts'

/** What sets one format apart. */
export interface Format<Node extends FileNode> {
  /** The constant that a node holds; undefined where it is an operation. */
  constantOf(node: Node): Tensor | undefined
  /** Arithmetic on constants, by the operators that the format defines in its own way. */
  readonly folds: Readonly<Record<string, Fold<Node>>>
  /** Functions of one number, by the operators that the format defines in its own way. */
  readonly functions: Readonly<Record<string, NumberFunction<Node>>>
  /** What a node tells about the shape of its input, as a Shape node does; undefined where it does not. */
  shapeOf(node: Node, dimensions: readonly number[]): Tensor | undefined
  /** Adds what several nodes that end in this one compute together, where they do; whether they do. */
  convertPattern(conversion: Conversion, node: Node): boolean
  /** Adds what the node computes. Throws VebiError where that cannot be represented. */
  convert(conversion: Conversion, node: Node): void
}

/** Turns the graph of a file into the graph of the product: channels last, layout operations folded away. */
export function buildGraph<Node extends FileNode>(
  graph: DataflowGraph<Node>,
  format: Format<Node>,
  input: Input,
  output: string,
  source: string,
): Graph {
  const { file } = graph
  const constants = new Map<string, Tensor>()
  const constantOf = (name: string): Tensor | undefined => constants.get(name) ?? graph.stored(name)
  const holders = new Set<Node>()
  for (const node of graph.nodes) {
    const constant = format.constantOf(node)
    if (!constant) continue
    constants.set(node.outputs[0], constant)
    holders.add(node)
  }
  // Before the rest, so that what is looked for behind a node has its constants.
  for (const node of graph.nodes) {
    const folded = holders.has(node) ? undefined : foldedEarly(format, node, constantOf)
    if (!folded) continue
    constants.set(node.outputs[0], folded)
    holders.add(node)
  }
  const finder = new CurveFinder(graph, format.functions, constantOf)
  const curves = new Map<Node, Curve>()
  for (const node of graph.nodes) {
    const curve = finder.at(node)
    if (curve) curves.set(node, curve)
  }
  const sourcesOf = (node: Node): readonly string[] => (curves.has(node) ? [curves.get(node)!.input] : node.inputs)
  const needed = neededNodes(graph, output, sourcesOf)
  const conversion = new Conversion(file, input.images, constantOf, followersOf(needed, sourcesOf))
  const image = conversion.builder.add('input', input.name, { shape: input.shape }, [])
  conversion.set(input.name, { node: image, dimensions: input.dimensions, order: input.order })
  for (const sentence of [...graph.warnings, ...input.warnings]) conversion.warnings.push(sentence)

  // What cannot be represented may turn out to be part of something that can: it is refused when the output needs it.
  const refused = new Map<string, VebiError>()
  for (const node of needed) {
    if (conversion.isDone(node) || holders.has(node)) continue
    const curve = curves.get(node)
    const value = conversion.valueOf(curve?.input)
    if (curve && value) {
      conversion.finish(node, conversion.unary(node, curve.op, curve.spec, value))
      continue
    }
    if (format.convertPattern(conversion, node)) continue
    const cause = sourcesOf(node).map((name) => refused.get(name)).find((error) => error !== undefined)
    conversion.takeMarked()
    try {
      if (cause) throw cause
      const folded = foldedOutput(conversion, format, node, constantOf)
      if (folded) constants.set(node.outputs[0], folded)
      else format.convert(conversion, node)
    } catch (error) {
      if (!(error instanceof VebiError)) throw error
      for (const { outputs } of [node, ...conversion.takeMarked()]) {
        for (const name of outputs) refused.set(name, error)
      }
    }
  }
  const reason = refused.get(output)
  if (reason) throw reason
  const value = conversion.valueOf(output)
  if (!value) throw new VebiError('bad-model', `${file}: the output "${output}" does not depend on the image.`)
  const classes = classAxis(conversion, graph, output, value)
  const channelsFirst = input.order === CHANNELS_FIRST.order
  return { ...pruned(conversion, classes, source), channelsFirst }
}

/** The output of a node that the image cannot change; undefined where it can. */
function foldedOutput<Node extends FileNode>(
  conversion: Conversion,
  format: Format<Node>,
  node: Node,
  constantOf: ConstantOf,
): Tensor | undefined {
  const seen = conversion.valueOf(node.inputs[0])
  const shape = seen && format.shapeOf(node, [conversion.images, ...seen.dimensions])
  if (shape) return shape
  // A CastLike takes the type of its second input alone.
  return foldedConstants(format, node, constantOf, node.operation === 'CastLike' ? 1 : node.inputs.length)
}

/** The same for a node whose inputs are all constants; what makes no sense is told when the output needs it. */
function foldedEarly<Node extends FileNode>(
  format: Format<Node>,
  node: Node,
  constantOf: ConstantOf,
): Tensor | undefined {
  try {
    return foldedConstants(format, node, constantOf)
  } catch (error) {
    if (error instanceof VebiError) return undefined
    throw error
  }
}

function foldedConstants<Node extends FileNode>(
  format: Format<Node>,
  node: Node,
  constantOf: ConstantOf,
  needed = node.inputs.length,
): Tensor | undefined {
  const inputs = node.inputs.map((name) => (name === '' ? undefined : constantOf(name)))
  const isConstant = inputs.every(
    (input, position) => input !== undefined || node.inputs[position] === '' || position >= needed,
  )
  return isConstant ? foldConstants(format.folds, node, inputs) : undefined
}

/** Nodes that the output depends on, in order. */
function neededNodes<Node extends FileNode>(
  graph: DataflowGraph<Node>,
  output: string,
  sourcesOf: (node: Node) => readonly string[],
): readonly Node[] {
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

/** The output must hold one value per class; returns the node that has them on its only axis. */
function classAxis<Node extends FileNode>(
  conversion: Conversion,
  graph: DataflowGraph<Node>,
  output: string,
  value: Value,
): number {
  const { dimensions } = value
  if (dimensions.filter((size) => size > 1).length > 1) {
    throw new VebiError(
      'unsupported',
      `${graph.file}: the output "${output}" has shape [images, ${dimensions.join(', ')}], ` +
        'where one value per class is expected.',
    )
  }
  const classes = product(dimensions)
  return conversion.arrange(makerOf(graph, output)!, value, [classes], [0], [classes]).node
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
