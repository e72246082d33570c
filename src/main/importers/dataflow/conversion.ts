import type { OperatorName, OperatorSpecs, Shape, Weight } from '../../../shared/graph.ts'
import { GraphBuilder } from '../graph-builder.ts'
import { isWeight } from '../graph-hash.ts'
import { allFinite } from '../finite.ts'
import { WeightInFile } from '../weight-in-file.ts'
import { arrangement, factorsOf, type Factor, type Layout } from './layout.ts'
import type { FileNode } from './node.ts'
import { notFinite } from './operators/weight.ts'
import type { ConstantOf, Tensor } from './tensor.ts'

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
  private readonly constants: ConstantOf
  private readonly followers: ReadonlyMap<string, readonly FileNode[]>
  private readonly done = new Set<FileNode>()
  private readonly together: FileNode[] = []

  /** @param followers the nodes that take a value. */
  constructor(
    file: string,
    images: number,
    constants: ConstantOf,
    followers: ReadonlyMap<string, readonly FileNode[]>,
  ) {
    this.builder = new GraphBuilder(file)
    this.images = images
    this.constants = constants
    this.followers = followers
  }

  /** Whether a node was converted together with one before it. */
  isDone(node: FileNode): boolean {
    return this.done.has(node)
  }

  /** A node that is converted together with the one at hand. */
  markDone(node: FileNode): void {
    this.done.add(node)
    this.together.push(node)
  }

  /** The nodes that were marked since the last call. */
  takeMarked(): readonly FileNode[] {
    return this.together.splice(0)
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
  finish(node: FileNode, value: Value): void {
    const extra = node.outputs.slice(1).find((name) => name !== '' && this.followers.has(name))
    if (extra !== undefined) throw node.unsupported(`whose further output "${extra}" is used`)
    this.values.set(node.outputs[0], value)
  }

  /** The nodes that take a value. */
  followersOf(name: string): readonly FileNode[] {
    return this.followers.get(name) ?? []
  }

  /** The input at `position`, which must be no constant. */
  input(node: FileNode, position = 0): Value {
    const value = this.valueOf(node.inputs[position])
    if (value) return value
    throw node.inputs[position] ? node.unsupported('whose input is a constant') : node.bad('whose input is left out')
  }

  /** The constant at `position`; undefined where it is left out. */
  weight(node: FileNode, position: number, role: string): Tensor | undefined {
    const name = node.inputs[position]
    if (name === undefined || name === '') return undefined
    const tensor = this.constantOf(name)
    if (tensor) return tensor
    throw node.unsupported(`whose ${role} is computed from the image`)
  }

  /** The constant at `position`, which must be there. */
  neededWeight(node: FileNode, position: number, role: string): Tensor {
    const tensor = this.weight(node, position, role)
    if (tensor) return tensor
    throw node.bad(`whose ${role} is left out`)
  }

  shapeOf(value: Value): Shape {
    return this.builder.shapeOf(value.node)
  }

  /** Adds a node named after the file's node, or `<node>/<suffix>`. */
  add<Op extends OperatorName>(
    node: FileNode,
    op: Op,
    spec: OperatorSpecs[Op],
    inputs: readonly number[],
    suffix?: string,
  ): number {
    for (const [role, value] of Object.entries(spec)) {
      if (!isWeight(value) || value instanceof WeightInFile) continue
      if (!allFinite(value.data)) throw node.fault(notFinite(role))
    }
    const name = this.freeName(suffix === undefined ? node.name : `${node.name}/${suffix}`)
    return this.builder.add(op, name, spec, inputs)
  }

  /** An operator that keeps shape and layout. */
  unary<Op extends OperatorName>(
    node: FileNode,
    op: Op,
    spec: OperatorSpecs[Op],
    value: Value,
    suffix?: string,
  ): Value {
    return { ...plainLayout(value), node: this.add(node, op, spec, [value.node], suffix) }
  }

  /** The value as `[height, width, channels]`; the file has it in the order of `axes`. */
  map(node: FileNode, value: Value, axes: MapAxes): Value {
    if (value.dimensions.length !== 3) {
      throw node.unsupported(
        `whose input has shape [images, ${value.dimensions.join(', ')}]; ` +
          `only [images, ${axes.text}] is supported`,
      )
    }
    return this.arrange(node, value, value.dimensions, axes.order, value.dimensions)
  }

  /** A map of the graph as a value that stands in the file in the order of `axes`. */
  mapValue(id: number, { order }: MapAxes): Value {
    const shape = this.builder.shapeOf(id)
    return { node: id, dimensions: order.map((axis) => shape[axis]), order }
  }

  /** Sets the output of `node` to such a map. */
  finishMap(node: FileNode, id: number, axes: MapAxes): void {
    this.finish(node, this.mapValue(id, axes))
  }

  /** The value with the graph's axes in the file's order. */
  inFileOrder(node: FileNode, value: Value): Value {
    const { dimensions } = value
    return this.arrange(node, value, dimensions, dimensions.map((_, axis) => axis), dimensions)
  }

  /**
   * The value in another form: the i-th of `sizes`, slowest first in the file's memory, becomes graph axis `order[i]`.
   * Adds reshape, permute and flatten nodes where the memory's form differs.
   */
  arrange(
    node: FileNode,
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
  factored(node: FileNode, value: Value): { value: Value; factors: readonly Factor[] } {
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

/** How a file orders the axes of a map, without that of the images. */
export interface MapAxes {
  /** The graph's axis that each of the file's is. */
  readonly order: readonly number[]
  readonly text: string
}

export const CHANNELS_FIRST: MapAxes = { order: [2, 0, 1], text: 'channels, height, width' }
export const CHANNELS_LAST: MapAxes = { order: [0, 1, 2], text: 'height, width, channels' }

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
