import { VebiError } from '../../../shared/errors.ts'
import type { Pair, Padding } from '../../../shared/graph.ts'
import type { AttributeMessage, GraphMessage, NodeMessage, TensorMessage } from './messages.ts'

/** Sizes of windows and paddings beyond this are mistakes; it keeps products inside the safe integers. */
const LARGEST_SETTING = 2 ** 24

/** One node of the file with its settings. Every refusal names the file and the node. */
export class OnnxNode {
  readonly file: string
  /** The node's own name, else its operator and its position; unique in the graph. */
  readonly name: string
  readonly operator: string
  readonly domain: string
  /** Version of the operator set that the node is written in. */
  readonly version: number
  /** Names of values; '' where an optional input is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  private readonly attributes: ReadonlyMap<string, AttributeMessage>

  constructor(file: string, name: string, version: number, message: NodeMessage) {
    this.file = file
    this.name = name
    this.operator = message.operator
    this.domain = message.domain
    this.version = version
    this.inputs = message.inputs
    this.outputs = message.outputs
    this.attributes = message.attributes
  }

  /** `<file>: node "<name>"`. */
  get subject(): string {
    return `${this.file}: node "${this.name}"`
  }

  /** `<file>: node "<name>" is a <Operator>`, the start of refusals. */
  get described(): string {
    return `${this.subject} is ${/^([AEIO]|LRN|LSTM|Un(?!i)|R?NN)/.test(this.operator) ? 'an' : 'a'} ${this.operator}`
  }

  /** What the format allows and this program does not represent; `reason` completes "node ... is a <Operator>, ". */
  unsupported(reason: string): VebiError {
    return new VebiError('unsupported', `${this.described}, ${reason}.`)
  }

  /** What makes no sense; `reason` completes "node ... is a <Operator>, ". */
  bad(reason: string): VebiError {
    return new VebiError('bad-model', `${this.described}, ${reason}.`)
  }

  /** Where a tensor or shape is at fault; `reason` completes "node "<name>" ". */
  fault(reason: string): VebiError {
    return new VebiError('bad-model', `${this.subject} ${reason}.`)
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

  setting(name: string, given: number | string | readonly number[], expected: string): VebiError {
    const text = Array.isArray(given) ? `[${given.join(', ')}]` : JSON.stringify(given)
    return this.bad(`whose ${name} is ${text}, where ${expected} is expected`)
  }
}
