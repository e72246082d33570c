import type { Pair, Padding } from '../../../shared/graph.ts'
import { VebiError } from '../../../shared/errors.ts'
import { describe, textOf, type MatlabValue, type NumericArray } from '../matlab/values.ts'

interface Stated {
  readonly file: string
  readonly name: string
  /** The type as the file writes it: `conv` in SimpleNN, `dagnn.Conv` in DagNN. */
  readonly type: string
  /** The type under one name for both wrappers, as SimpleNN writes it. */
  readonly kind: string
  readonly settings: ReadonlyMap<string, MatlabValue>
  readonly parameters: readonly MatlabValue[]
  /** Names of the variables that it reads, and of the one that it writes. */
  readonly inputs: readonly string[]
  readonly output: string
}

/** One layer of a network of either wrapper, as the file states it. */
export class LayerEntry {
  readonly file: string
  readonly name: string
  readonly kind: string
  readonly inputs: readonly string[]
  readonly output: string
  private readonly type: string
  private readonly settings: ReadonlyMap<string, MatlabValue>
  private readonly parameters: readonly MatlabValue[]

  constructor(stated: Stated) {
    this.file = stated.file
    this.name = stated.name
    this.kind = stated.kind
    this.inputs = stated.inputs
    this.output = stated.output
    this.type = stated.type
    this.settings = stated.settings
    this.parameters = stated.parameters
  }

  bad(reason: string): VebiError {
    return new VebiError('bad-model', `${this.file}: layer "${this.name}" ${reason}.`)
  }

  unsupported(reason: string): VebiError {
    return new VebiError('unsupported', `${this.file}: layer "${this.name}" is of the type "${this.type}", ${reason}.`)
  }

  /** The numbers of a setting; undefined where it is missing or empty. */
  numbers(setting: string): readonly number[] | undefined {
    const value = this.settings.get(setting)
    if (value === undefined) return undefined
    if (value.kind !== 'numeric') throw this.bad(`has ${describe(value)} as "${setting}", where numbers are expected`)
    return value.data.length === 0 ? undefined : [...value.data]
  }

  number(setting: string, otherwise: number): number {
    const numbers = this.numbers(setting) ?? [otherwise]
    if (numbers.length === 1) return numbers[0]
    throw this.bad(`has "${setting}" [${numbers.join(', ')}], where one number is expected`)
  }

  text(setting: string, otherwise: string): string {
    const value = this.settings.get(setting)
    const text = value === undefined ? otherwise : textOf(value)
    if (text !== undefined) return text
    throw this.bad(`has ${describe(value!)} as "${setting}", where a text is expected`)
  }

  /** One number for both axes, or `[vertical, horizontal]`. */
  pair(setting: string, otherwise: number): Pair {
    const numbers = this.numbers(setting) ?? [otherwise]
    if (numbers.length === 1) return [numbers[0], numbers[0]]
    if (numbers.length === 2) return [numbers[0], numbers[1]]
    throw this.bad(`has "${setting}" [${numbers.join(', ')}], where one or two numbers are expected`)
  }

  /** One number for all sides, `[vertical, horizontal]`, or `[top, bottom, left, right]`. */
  padding(): Padding {
    const pad = this.numbers('pad') ?? [0]
    const [top, bottom, left, right] =
      pad.length === 1 ? [pad[0], pad[0], pad[0], pad[0]] : pad.length === 2 ? [pad[0], pad[0], pad[1], pad[1]] : pad
    if (pad.length === 1 || pad.length === 2 || pad.length === 4) return { top, bottom, left, right }
    throw this.bad(`has "pad" [${pad.join(', ')}], where one, two or four numbers are expected`)
  }

  /** A parameter, by its place; null where the layer has none there or an empty one. */
  parameter(place: number, role: string): NumericArray | null {
    const value = this.parameters[place]
    if (value === undefined) return null
    if (value.kind !== 'numeric') throw this.bad(`has ${describe(value)} as its ${role}, where numbers are expected`)
    if (value.data.length === 0) return null
    if (!value.data.every(Number.isFinite)) {
      throw this.bad(`has values in its ${role} that are not finite (NaN or infinity)`)
    }
    return value
  }

  neededParameter(place: number, role: string): NumericArray {
    const parameter = this.parameter(place, role)
    if (parameter) return parameter
    throw this.bad(`has no ${role}`)
  }
}
