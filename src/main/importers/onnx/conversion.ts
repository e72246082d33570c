import type { OperatorName, OperatorSpecs, Shape, Weight } from '../../../shared/graph.ts'
import { GraphBuilder } from '../graph-builder.ts'
import { arrangement, factorsOf, type Factor, type Layout } from './layout.ts'
import type { OnnxNode } from './node.ts'
import type { Tensor } from './tensor.ts'

/** An output of the graph under construction, as the file sees it. */
export interface Value extends Layout {
  readonly node: number
  /** The file's last node that only moved the values about; names the graph's node, should one be needed. */
  readonly moved?: string
}

/** What a converter may use: the graph so far, the values known, and the file's nodes that follow. */
export class Conversion {
  readonly builder: GraphBuilder
  /** Images that the file's shapes count: as it states, else one. */
  readonly images: number
  /** What the importer could not represent exactly, one sentence each; repeats do no harm. */
  readonly warnings: string[] = []
  private readonly names = new Set<string>()
  private readonly values = new Map<string, Value>()
  private readonly constants: (name: string) => Tensor | undefined
  private readonly followers: ReadonlyMap<string, readonly OnnxNode[]>
  private readonly done = new Set<OnnxNode>()

  /** @param followers the nodes that take a value. */
  constructor(
    file: string,
    images: number,
    constants: (name: string) => Tensor | undefined,
    followers: ReadonlyMap<string, readonly OnnxNode[]>,
  ) {
    this.builder = new GraphBuilder(file)
    this.images = images
    this.constants = constants
    this.followers = followers
  }

  /** Whether a node was converted together with one before it. */
  isDone(node: OnnxNode): boolean {
    return this.done.has(node)
  }

  markDone(node: OnnxNode): void {
    this.done.add(node)
  }

  /** Undefined where the value is a constant, or is left out. */
  valueOf(name: string | undefined): Value | undefined {
    return name === undefined ? undefined : this.values.get(name)
  }

  constantOf(name: string | undefined): Tensor | undefined {
    return name === undefined || name === '' ? undefined : this.constants(name)
  }

  set(name: string, value: Value): void {
    this.values.set(name, value)
  }

  /** Sets the node's first output; others must not be used. */
  finish(node: OnnxNode, value: Value): void {
    const extra = node.outputs.slice(1).find((name) => name !== '' && this.followers.has(name))
    if (extra !== undefined) throw node.unsupported(`whose further output "${extra}" is used`)
    this.values.set(node.outputs[0], value)
  }

  /** The nodes that take a value. */
  followersOf(name: string): readonly OnnxNode[] {
    return this.followers.get(name) ?? []
  }

  /** The input at `position`, which must be no constant. */
  input(node: OnnxNode, position = 0): Value {
    const value = this.valueOf(node.inputs[position])
    if (value) return value
    throw node.inputs[position] ? node.unsupported('whose input is a constant') : node.bad('whose input is left out')
  }

  /** The constant at `position`; undefined where it is left out. */
  weight(node: OnnxNode, position: number, role: string): Tensor | undefined {
    const name = node.inputs[position]
    if (name === undefined || name === '') return undefined
    const tensor = this.constantOf(name)
    if (tensor) return tensor
    throw node.unsupported(`whose ${role} is computed from the image`)
  }

  /** The constant at `position`, which must be there. */
  neededWeight(node: OnnxNode, position: number, role: string): Tensor {
    const tensor = this.weight(node, position, role)
    if (tensor) return tensor
    throw node.bad(`whose ${role} is left out`)
  }

  shapeOf(value: Value): Shape {
    return this.builder.shapeOf(value.node)
  }

  /** Adds a node named after the file's node, or `<node>/<suffix>`. */
  add<Op extends OperatorName>(
    node: OnnxNode,
    op: Op,
    spec: OperatorSpecs[Op],
    inputs: readonly number[],
    suffix?: string,
  ): number {
    const name = this.freeName(suffix === undefined ? node.name : `${node.name}/${suffix}`)
    return this.builder.add(op, name, spec, inputs)
  }

  /** An operator that keeps shape and layout. */
  unary<Op extends OperatorName>(node: OnnxNode, op: Op, spec: OperatorSpecs[Op], value: Value): Value {
    return { ...plainLayout(value), node: this.add(node, op, spec, [value.node]) }
  }

  /** The value as `[height, width, channels]`; the file has `[channels, height, width]`. */
  map(node: OnnxNode, value: Value): Value {
    if (value.dimensions.length !== 3) {
      throw node.unsupported(
        `whose input has shape [images, ${value.dimensions.join(', ')}]; only [images, channels, height, width] is supported`,
      )
    }
    return this.arrange(node, value, value.dimensions, CHANNELS_FIRST, value.dimensions)
  }

  /** The value with the graph's axes in the file's order. */
  inFileOrder(node: OnnxNode, value: Value): Value {
    const { dimensions } = value
    return this.arrange(node, value, dimensions, dimensions.map((_, axis) => axis), dimensions)
  }

  /**
   * The value in another form: the i-th of `sizes`, slowest first in the file's memory, becomes graph axis `order[i]`.
   * Adds reshape, permute and flatten nodes where the memory's form differs.
   */
  arrange(
    node: OnnxNode,
    value: Value,
    sizes: readonly number[],
    order: readonly number[],
    dimensions: readonly number[],
  ): Value {
    const steps = arrangement(this.shapeOf(value), value.order, sizes, order)
    let current = value.node
    for (const step of steps) {
      const op = step.kind === 'permute' ? 'permute' : step.shape.length === 1 ? 'flatten' : 'reshape'
      const name = this.freeName(value.moved ?? `${node.name}/${op}`)
      current =
        step.kind === 'permute'
          ? this.builder.add('permute', name, { order: step.order }, [current])
          : step.shape.length === 1
            ? this.builder.add('flatten', name, {}, [current])
            : this.builder.add('reshape', name, { shape: step.shape }, [current])
    }
    return { node: current, dimensions, order }
  }

  /** The factors of a value, rearranged first where one of them would span axes of the file. */
  factored(node: OnnxNode, value: Value): { value: Value; factors: readonly Factor[] } {
    const factors = factorsOf(this.shapeOf(value), value)
    if (factors && new Set(factors.map(({ graphAxis }) => graphAxis)).size === factors.length) {
      return { value, factors }
    }
    const plain = this.inFileOrder(node, value)
    return { value: plain, factors: factorsOf(this.shapeOf(plain), plain)! }
  }

  /** `name`, or with a number behind it where it is taken. */
  private freeName(name: string): string {
    let free = name
    for (let copy = 2; this.names.has(free); copy++) free = `${name} (${copy})`
    this.names.add(free)
    return free
  }
}

/** Graph axes of the file's [channels, height, width]. */
export const CHANNELS_FIRST: readonly number[] = [2, 0, 1]

/** A layout alone. */
export function plainLayout({ dimensions, order }: Layout): Layout {
  return { dimensions, order }
}

/** A vector as a weight; a single value is repeated `length` times. Null where its size is another one. */
export function vectorOf(tensor: Tensor, length: number): Weight | null {
  if (tensor.data.length === length) return { shape: [length], data: Float32Array.from(tensor.data) }
  if (tensor.data.length === 1) return { shape: [length], data: new Float32Array(length).fill(tensor.data[0]) }
  return null
}
