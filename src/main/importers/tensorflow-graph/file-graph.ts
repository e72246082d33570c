import { VebiError } from '../../../shared/errors.ts'
import { inOrder, type DataflowGraph } from '../dataflow/graph.ts'
import type { StatedInput } from '../dataflow/input.ts'
import { TensorFault, type Tensor } from '../dataflow/tensor.ts'
import type { GraphMessage, NodeMessage } from './messages.ts'
import { TensorFlowNode } from './node.ts'
import { reachedNodes, type ReachedNode } from './reachable.ts'
import { FLOAT, readTensor, TENSORFLOW_TYPES } from './tensor.ts'

/** What a file says about the values that go in and come out. */
export interface Signature {
  /** Values, `node` or `node:output`. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Shapes of inputs, by value; null where the number of axes is open. */
  readonly shapes: ReadonlyMap<string, readonly (number | null)[] | null>
}

/** A graph with what lies outside of it. */
export interface StoredGraph {
  /** Names the model in messages. */
  readonly file: string
  readonly message: GraphMessage
  /** Undefined where the file has none: then inputs and outputs are told by the nodes. */
  readonly signature: Signature | undefined
  /** The values of a constant that do not stand in the node; undefined where the node holds them. */
  constant(node: NodeMessage): Tensor | undefined
  /** The values of a variable. Throws VebiError where they are not there. */
  variable(node: NodeMessage): Tensor
}

export interface TensorFlowGraph extends DataflowGraph<TensorFlowNode> {
  readonly input: StatedInput
  /** The value with the classes. */
  readonly output: string
}

const PLACEHOLDERS: ReadonlySet<string> = new Set(['Placeholder', 'PlaceholderV2'])
const VARIABLES: ReadonlySet<string> = new Set(['VarHandleOp', 'VariableV2', 'Variable'])
/** Nodes that nothing takes and that are no output. */
const NO_OUTPUTS: ReadonlySet<string> = new Set([
  'Const', 'NoOp', 'Assert', 'Placeholder', 'PlaceholderWithDefault', 'SaveV2', 'RestoreV2', 'AssignVariableOp', 'Assign',
  'VarHandleOp', 'VariableV2', 'Variable', 'MergeV2Checkpoints', 'VarIsInitializedOp', 'IsVariableInitialized',
])

/** The part of a graph that its output depends on. Throws VebiError naming the file and the node. */
export function tensorFlowGraph(stored: StoredGraph): TensorFlowGraph {
  const { file, message, signature } = stored
  const output = outputOf(stored)
  const image = imageOf(stored)
  const { nodes: reached, values } = reachedNodes(file, message, [output], image.name)
  const others = reached.filter(({ name, message: node }) => PLACEHOLDERS.has(node.operator) && name !== image.name)
  if (others.length > 0) throw severalInputs(file, [image.name, ...others.map(({ name }) => name)])
  const constants = new Map<string, NodeMessage>()
  const nodes: TensorFlowNode[] = []
  for (const each of reached) {
    if (each.name === image.name) continue
    const { operator } = each.message
    if (operator === 'Const' || VARIABLES.has(operator)) constants.set(each.name, each.message)
    else nodes.push(nodeOf(file, each))
  }
  const ordered = inOrder(file, nodes, new Set([...constants.keys(), image.name]))
  const [value] = values
  if (!ordered.producers.has(value)) {
    throw new VebiError('bad-model', `${file}: the output "${output}" does not depend on the image.`)
  }
  const known = new Map<string, Tensor>()
  return {
    file,
    ...ordered,
    input: { name: image.name, dimensions: inputShape(file, image, signature) },
    output: value,
    warnings: TENSORFLOW_TYPES.precisionWarnings(
      [...constants].map(([name, { attributes }]) => [name, attributes.get('dtype')?.type ?? FLOAT]),
    ),
    stored(name) {
      const node = constants.get(name)
      if (!node) return undefined
      let tensor = known.get(name)
      if (!tensor) {
        tensor = valuesOf(stored, name, node)
        known.set(name, tensor)
      }
      return tensor
    },
  }
}

function nodeOf(file: string, { message, name, inputs, outputs }: ReachedNode): TensorFlowNode {
  return new TensorFlowNode(file, name, message.operator, inputs, outputs, message.attributes)
}

function valuesOf(stored: StoredGraph, name: string, node: NodeMessage): Tensor {
  const subject = `${stored.file}: node "${name}"`
  try {
    if (VARIABLES.has(node.operator)) return stored.variable(node)
    const outside = stored.constant(node)
    if (outside) return outside
    const tensor = node.attributes.get('value')?.tensor
    if (!tensor) throw new VebiError('bad-model', `${subject} is a Const without a value.`)
    return readTensor(tensor)
  } catch (error) {
    if (error instanceof TensorFault) throw new VebiError('bad-model', `${subject} ${error.message}.`)
    throw error
  }
}

function outputOf({ file, message, signature }: StoredGraph): string {
  const stated = signature?.outputs ?? []
  const found = stated.length > 0 ? stated : endsOf(message)
  if (found.length === 1) return found[0]
  if (found.length === 0) throw new VebiError('bad-model', `${file}: the graph has no output.`)
  const names = found.slice(0, 8).map((name) => `"${name}"`).join(', ')
  const more = found.length > 8 ? ', ...' : ''
  throw new VebiError(
    'unsupported',
    `${file}: the graph has ${found.length} outputs (${names}${more}), but only models with one output, the classes, can be read.`,
  )
}

/** Nodes that nothing takes. */
function endsOf({ nodes }: GraphMessage): string[] {
  const taken = new Set(nodes.flatMap(({ inputs }) => inputs.map((input) => input.replace(/^\^/, '').split(':')[0])))
  return nodes.filter(({ name, operator }) => !taken.has(name) && !NO_OUTPUTS.has(operator)).map(({ name }) => name)
}

/** The node that stands for the image. */
function imageOf({ file, message, signature }: StoredGraph): NodeMessage {
  const stated = (signature?.inputs ?? []).map((value) => value.split(':')[0])
  const placeholders = message.nodes.filter(({ operator }) => PLACEHOLDERS.has(operator))
  const withDefaults = message.nodes.filter(({ operator }) => operator === 'PlaceholderWithDefault')
  const found =
    stated.length > 0
      ? message.nodes.filter(({ name }) => stated.includes(name))
      : placeholders.length > 0
        ? placeholders
        : withDefaults
  if (found.length === 1) return found[0]
  if (found.length > 1) {
    // Switches between training and inference stand beside the image.
    const images = found.filter((node) => (node.attributes.get('shape')?.shape ?? []).length > 1)
    if (images.length === 1) return images[0]
    throw severalInputs(file, found.map(({ name }) => name))
  }
  throw new VebiError('bad-model', `${file}: the graph has no input.`)
}

function severalInputs(file: string, inputs: readonly string[]): VebiError {
  const names = inputs.map((name) => `"${name}"`).join(', ')
  return new VebiError(
    'unsupported',
    `${file}: the graph has ${inputs.length} inputs (${names}), but only models of one image can be read.`,
  )
}

function inputShape(file: string, node: NodeMessage, signature: Signature | undefined): readonly (number | null)[] {
  const stated = node.attributes.get('shape')?.shape
  const signed = signature?.shapes.get(node.name)
  // Old writers leave the shape of a placeholder away, which reads as no axes.
  const shape = stated && stated.length > 0 ? stated : signed
  if (shape && shape.length > 0) return shape
  throw new VebiError('bad-model', `${file}: the input "${node.name}" states no shape.`)
}
