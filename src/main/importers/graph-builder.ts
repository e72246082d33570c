import type { Graph, GraphNode, NodeOf, OperatorName, OperatorSpecs, Shape } from '../../shared/graph.ts'
import { sizeOf } from '../../shared/matrix.ts'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import { operators } from '../model/operators/index.ts'

/** The engines number the values of a tensor by 32-bit integers. */
const MOST_VALUES = 2 ** 31 - 1

/** Collects the nodes of one graph in topological order and works out their shapes. */
export class GraphBuilder {
  readonly file: string
  readonly nodes: GraphNode[] = []
  private readonly names = new Set<string>()
  private readonly warnings: string[] = []

  constructor(file: string) {
    this.file = file
  }

  /** Returns the new node's id. Throws `bad-model` when the name is taken or inputs and weights do not fit. */
  add<Op extends OperatorName>(op: Op, name: string, spec: OperatorSpecs[Op], inputs: readonly number[]): number {
    if (this.names.has(name)) throw new VebiError('bad-model', `${this.file}: two layers are named "${name}".`)
    const shape = this.outputShape(op, name, spec, inputs)
    if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new VebiError(
        'bad-model',
        `${this.file}: layer "${name}" would have the empty output shape [${shape.join(', ')}].`,
      )
    }
    if (sizeOf(shape) > MOST_VALUES) {
      throw new VebiError(
        'bad-model',
        `${this.file}: layer "${name}" would have ${sizeOf(shape)} values for one image, in the shape [${shape.join(', ')}].`,
      )
    }
    this.names.add(name)
    const node: NodeOf<Op> = { id: this.nodes.length, name, op, spec, inputs, shape }
    // The union is indexed by the same Op, which the checker cannot follow for a generic Op.
    this.nodes.push(node as unknown as GraphNode)
    return node.id
  }

  shapeOf(id: number): Shape {
    return this.nodes[id].shape
  }

  /** Adds a sentence to the graph's warnings, once. */
  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence)
  }

  /** `output` must be the last node. The hash is left empty until the weights are read (`readWeights`). */
  finish(output: number, source: string): Graph {
    return { nodes: this.nodes, output, source, hash: '', warnings: this.warnings }
  }

  private outputShape<Op extends OperatorName>(
    op: Op,
    name: string,
    spec: OperatorSpecs[Op],
    inputs: readonly number[],
  ): Shape {
    try {
      return operators[op].outputShape(
        { name, spec },
        inputs.map((id) => this.shapeOf(id)),
      )
    } catch (error) {
      throw new VebiError('bad-model', `${this.file}: ${reasonOf(error).replace(/^Layer /, 'layer ')}`, {
        cause: error,
      })
    }
  }
}
