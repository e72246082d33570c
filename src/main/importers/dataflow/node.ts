import { VebiError } from '../../../shared/errors.ts'

/** One operation of a file, on values that have names. Every refusal names the file and the node. */
export class FileNode {
  readonly file: string
  /** Unique in the graph. */
  readonly name: string
  /** As the file's format calls it. */
  readonly operator: string
  /** What it computes, under one name in every format; the operator's own where the formats agree. */
  readonly operation: string
  /** Names of values; '' where an optional input is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]

  constructor(
    file: string,
    name: string,
    operator: string,
    operation: string,
    inputs: readonly string[],
    outputs: readonly string[],
  ) {
    this.file = file
    this.name = name
    this.operator = operator
    this.operation = operation
    this.inputs = inputs
    this.outputs = outputs
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

  /** A setting of the node; `expected` completes "instead of ". */
  setting(name: string, given: number | string | readonly number[], expected: string): VebiError {
    const text = Array.isArray(given) ? `[${given.join(', ')}]` : JSON.stringify(given)
    return this.bad(`with ${name} ${text} instead of ${expected}`)
  }
}

/** Sizes of windows and paddings beyond this are mistakes; it keeps products inside the safe integers. */
export const LARGEST_SETTING = 2 ** 24
