import type { Pair, Padding } from '../../../shared/graph.ts'
import { FileNode, LARGEST_SETTING } from '../dataflow/node.ts'
import type { AttributeMessage, GraphMessage, NodeMessage, TensorMessage } from './messages.ts'

/** One node of the file with its settings. Every refusal names the file and the node. */
export class OnnxNode extends FileNode {
  readonly domain: string
  /** Version of the operator set that the node is written in. */
  readonly version: number
  private readonly attributes: ReadonlyMap<string, AttributeMessage>

  /** @param name the node's own name, else its operator and its position. */
  constructor(file: string, name: string, version: number, message: NodeMessage) {
    const { operator, inputs, outputs } = message
    super(file, name, operator, operator, inputs, outputs)
    this.domain = message.domain
    this.version = version
    this.attributes = message.attributes
  }

  has(name: string): boolean {
    return this.attributes.has(name)
  }

  float(name: string, byDefault: number): number {
    return this.attributes.get(name)?.float ?? byDefault
  }

  integer(name: string, byDefault: number): number {
    return this.attributes.get(name)?.integer ?? byDefault
  }

  text(name: string, byDefault: string): string {
    return this.attributes.get(name)?.text ?? byDefault
  }

  integers(name: string): readonly number[] | undefined {
    return this.attributes.get(name)?.integers
  }

  floats(name: string): readonly number[] | undefined {
    return this.attributes.get(name)?.floats
  }

  tensor(name: string): TensorMessage | undefined {
    return this.attributes.get(name)?.tensor ?? undefined
  }

  branch(name: string): GraphMessage | undefined {
    return this.attributes.get(name)?.branch ?? undefined
  }

  /** Two whole numbers of at least 1, `[vertical, horizontal]`. */
  pair(name: string, byDefault: Pair): Pair {
    const given = this.integers(name)
    if (given === undefined || given.length === 0) return byDefault
    if (given.length === 2 && given.every((value) => value >= 1 && value <= LARGEST_SETTING)) {
      return [given[0], given[1]]
    }
    throw this.setting(name, given, 'two whole numbers of at least 1, for height and width')
  }

  /** The attribute `pads`: ONNX writes [top, left, bottom, right]. */
  pads(): Padding {
    const given = this.integers('pads')
    if (given === undefined || given.length === 0) return { top: 0, bottom: 0, left: 0, right: 0 }
    if (given.length !== 4 || !given.every((value) => value >= 0 && value <= LARGEST_SETTING)) {
      throw this.setting('pads', given, 'four whole numbers of at least 0')
    }
    const [top, left, bottom, right] = given as [number, number, number, number]
    return { top, bottom, left, right }
  }
}
