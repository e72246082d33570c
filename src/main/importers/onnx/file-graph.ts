import { VebiError } from '../../../shared/errors.ts'
import { inOrder, type DataflowGraph } from '../dataflow/graph.ts'
import { TensorFault, type Tensor } from '../dataflow/tensor.ts'
import type { FilePiece } from '../weight-in-file.ts'
import { ExternalData, EXTERNAL } from './external-data.ts'
import type { GraphMessage, ModelMessage, TensorMessage, ValueMessage } from './messages.ts'
import { OnnxNode } from './node.ts'
import { ONNX_TYPES, readTensor } from './tensor.ts'

/** The oldest operator set that is read. */
const OLDEST_OPERATOR_SET = 7
/** The newest operator set whose definitions this importer was written against. */
const NEWEST_OPERATOR_SET = 28

export interface OnnxGraph extends DataflowGraph<OnnxNode> {
  /** The one input that is no weight. */
  readonly input: ValueMessage
  readonly outputs: readonly ValueMessage[]
  /** The values of a tensor inside a node. */
  inner(message: TensorMessage, subject: string): Tensor
}

/**
 * Checks names and order, which ONNX asks writers for, and finds the weights that lie in other files. Throws VebiError
 * naming the node.
 */
export async function fileGraph(file: string, model: ModelMessage): Promise<OnnxGraph> {
  const { graph } = model
  if (!graph) throw new VebiError('bad-file', `${file} is not an ONNX model, or is cut off: it holds no graph.`)
  const version = operatorSet(file, model)
  const warnings =
    version > NEWEST_OPERATOR_SET
      ? [`The model uses operator set ${version}, which is newer than the ones known (up to ${NEWEST_OPERATOR_SET}).`]
      : []
  if (graph.sparseInitializers > 0) {
    throw new VebiError('unsupported', `${file} stores weights as sparse tensors, which are not read.`)
  }
  const messages = new Map<string, TensorMessage>()
  for (const tensor of graph.initializers) {
    if (messages.has(tensor.name)) throw new VebiError('bad-model', `${file}: two tensors are named "${tensor.name}".`)
    messages.set(tensor.name, tensor)
  }
  const nodes = namedNodes(file, graph, version)
  const inputs = graph.inputs.filter(({ name }) => !messages.has(name))
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(', ')
    throw new VebiError(
      inputs.length === 0 ? 'bad-model' : 'unsupported',
      inputs.length === 0
        ? `${file}: the graph has no input.`
        : `${file}: the graph has ${inputs.length} inputs (${names}), but only models of one image can be read.`,
    )
  }
  const ordered = inOrder(file, nodes, new Set([...messages.keys(), inputs[0].name]))
  const external = await placesOutside(file, messages)
  const known = new Map<string, Tensor>()
  const inner = (message: TensorMessage, subject: string): Tensor => {
    if (message.location === EXTERNAL) {
      throw new VebiError('unsupported', `${subject} holds a tensor whose values lie in another file.`)
    }
    return decoded(message, subject)
  }
  return {
    file,
    nodes: ordered.nodes,
    producers: ordered.producers,
    input: inputs[0],
    outputs: graph.outputs,
    warnings: [
      ...warnings,
      ...ONNX_TYPES.precisionWarnings(graph.initializers.map(({ name, dataType }) => [name, dataType])),
    ],
    inner,
    stored(name) {
      const message = messages.get(name)
      if (!message) return undefined
      let tensor = known.get(name)
      if (!tensor) {
        tensor = decoded(message, `${file}: the tensor "${name}"`, external.get(name))
        known.set(name, tensor)
      }
      return tensor
    },
  }
}

function decoded(message: TensorMessage, subject: string, place?: FilePiece): Tensor {
  try {
    return place ? readTensor(message, place) : readTensor(message)
  } catch (error) {
    if (error instanceof TensorFault) throw new VebiError('bad-model', `${subject} ${error.message}.`)
    throw error
  }
}

async function placesOutside(
  file: string,
  messages: ReadonlyMap<string, TensorMessage>,
): Promise<ReadonlyMap<string, FilePiece>> {
  const external = new ExternalData(file)
  const found = new Map<string, FilePiece>()
  for (const [name, tensor] of messages) {
    if (tensor.location === EXTERNAL) found.set(name, await external.place(tensor))
  }
  return found
}

function operatorSet(file: string, model: ModelMessage): number {
  // Files before operator sets had versions state none.
  const version = model.operatorSets.get('')
  if (version !== undefined && version >= OLDEST_OPERATOR_SET) return version
  throw new VebiError(
    'unsupported',
    version === undefined
      ? `${file} does not say which ONNX operator set it uses.`
      : `${file} uses ONNX operator set ${version}; ${OLDEST_OPERATOR_SET} is the oldest that is read.`,
  )
}

function namedNodes(file: string, graph: GraphMessage, version: number): OnnxNode[] {
  const taken = new Set<string>()
  return graph.nodes.map((message, position) => {
    const own = message.name || `${message.operator}_${position}`
    let name = own
    for (let copy = 2; taken.has(name); copy++) name = `${own} (${copy})`
    taken.add(name)
    return new OnnxNode(file, name, version, message)
  })
}
