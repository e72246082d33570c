import { axisOf } from '../axes.ts'
import type { Conversion, Value } from '../conversion.ts'
import type { FileNode } from '../node.ts'
import { product, type Tensor } from '../tensor.ts'
import { alongLastAxis, constantIn } from './constant-in.ts'
import { perChannelScaling } from './normalization.ts'

type Line = readonly [scale: number, offset: number]

/** x * scale + offset of one constant operation, from the constant and whether it stands on the left. */
const LINES: Readonly<Record<string, (constant: number, onLeft: boolean) => Line | null>> = {
  Add: (constant) => [1, constant],
  Sub: (constant, onLeft) => (onLeft ? [-1, constant] : [1, -constant]),
  Mul: (constant) => [constant, 0],
  Div: (constant, onLeft) => (onLeft ? null : [1 / constant, 0]),
}

/** A sum, difference, product or quotient of two values, one of which may be a constant. */
export function combine(conversion: Conversion, node: FileNode): void {
  if (node.inputs.length !== 2) throw node.bad(`which takes two inputs but is given ${node.inputs.length}`)
  if (node.inputs.some((name) => conversion.constantOf(name))) {
    addLine(conversion, node)
    return
  }
  if (node.operation !== 'Add' && node.operation !== 'Mul') {
    throw node.unsupported('of two outputs of other nodes; only their sum and product are supported')
  }
  join(conversion, node, node.operation === 'Add' ? 'add' : 'multiply')
}

/** The sum of all inputs, none of them a constant. */
export function addUp(conversion: Conversion, node: FileNode): void {
  if (node.inputs.length === 1) conversion.finish(node, conversion.input(node))
  else join(conversion, node, 'add')
}

/** `givenAxis` is one of the file's, that of the images among them. */
export function concatenate(
  conversion: Conversion,
  node: FileNode,
  given: readonly Value[],
  givenAxis: number,
): void {
  if (given.length === 1) {
    conversion.finish(node, given[0])
    return
  }
  const rank = given[0].dimensions.length
  const axis = axisOf(node, givenAxis, rank + 1) - 1
  if (axis < 0) throw node.unsupported('of images with each other (axis 0)')
  if (given.some(({ dimensions }) => dimensions.length !== rank)) throw node.bad('whose inputs differ in their axes')
  const values = alike(conversion, node, given)
  const { order } = values[0]
  const id = conversion.add(node, 'concatenate', { axis: order[axis] }, values.map((value) => value.node))
  const total = given.reduce((size, { dimensions }) => size + dimensions[axis], 0)
  conversion.finish(node, { node: id, dimensions: given[0].dimensions.with(axis, total), order })
}

/**
 * A chain of additions and multiplications with constants, one number or one per channel: one node that scales and
 * shifts.
 */
function addLine(conversion: Conversion, first: FileNode): void {
  const name = first.inputs.find((input) => !conversion.constantOf(input))!
  let value = conversion.valueOf(name)!
  let node = first
  let input = name
  let line: { scale: Float32Array; offset: Float32Array } | undefined
  for (;;) {
    const step = lineOf(conversion, node, value, input)
    value = step.value
    line = line
      ? {
          scale: step.scale.map((scale, channel) => scale * line!.scale[channel]),
          offset: step.offset.map((offset, channel) => step.scale[channel] * line!.offset[channel] + offset),
        }
      : step
    const [next, ...others] = conversion.followersOf(node.outputs[0])
    if (!next || others.length > 0 || !continuesLine(conversion, first, next, node.outputs[0])) break
    input = node.outputs[0]
    node = next
    conversion.markDone(node)
  }
  const spec = perChannelScaling(line.scale, line.offset)
  const changes = spec.scale !== null || spec.offset !== null
  conversion.finish(node, changes ? conversion.unary(first, 'batchNorm', spec, value) : value)
}

/** Whether `next` goes on with one number, or with as many as the chain began with. */
function continuesLine(conversion: Conversion, first: FileNode, next: FileNode, name: string): boolean {
  if (!Object.hasOwn(LINES, next.operation) || !next.inputs.includes(name)) return false
  if (next.operation === 'Div' && next.inputs[0] !== name) return false
  const constant = constantBeside(conversion, next, name)
  const before = first.inputs.map((input) => conversion.constantOf(input)).find((tensor) => tensor !== undefined)
  return constant !== undefined && (constant.data.length === 1 || same(constant.dimensions, before!.dimensions))
}

function constantBeside(conversion: Conversion, node: FileNode, name: string): Tensor | undefined {
  return conversion.constantOf(node.inputs.find((input) => input !== name))
}

function lineOf(
  conversion: Conversion,
  node: FileNode,
  value: Value,
  input: string,
): { value: Value; scale: Float32Array; offset: Float32Array } {
  const constant = constantBeside(conversion, node, input)
  if (!constant) throw node.unsupported('of a value with itself')
  const fitting = perChannel(conversion, node, value, constant)
  const lines = [...fitting.values].map((one) => LINES[node.operation](one, node.inputs[0] !== input))
  if (lines.some((line) => line === null)) throw node.unsupported('of a constant by an output of another node')
  return {
    value: fitting.value,
    scale: Float32Array.from(lines, (line) => line![0]),
    offset: Float32Array.from(lines, (line) => line![1]),
  }
}

function perChannel(
  conversion: Conversion,
  node: FileNode,
  given: Value,
  constant: Tensor,
): { value: Value; values: Float32Array } {
  for (const candidate of [given, undefined]) {
    // A flattened map has its units on several axes; as one axis of units the constant may fit.
    const form = candidate ?? conversion.inFileOrder(node, given)
    const { value, weight } = constantIn(conversion, node, form, constant)
    const values = alongLastAxis(weight, conversion.shapeOf(value).at(-1)!)
    if (values) return { value, values }
    if (given.dimensions.length !== 1) break
  }
  throw node.unsupported(
    `with a constant of shape [${constant.dimensions.join(', ')}]; only one number, or one per channel, is supported`,
  )
}

function join(conversion: Conversion, node: FileNode, op: 'add' | 'multiply'): void {
  const given = node.inputs.map((_, position) => conversion.input(node, position))
  const rank = given[0].dimensions.length
  if (given.some(({ dimensions }) => dimensions.length !== rank)) {
    throw node.unsupported('whose inputs have different numbers of axes')
  }
  const dimensions = given[0].dimensions.map((_, axis) => Math.max(...given.map((value) => value.dimensions[axis])))
  const fits = given.every((value) => value.dimensions.every((size, axis) => size === 1 || size === dimensions[axis]))
  if (!fits) {
    const shapes = given.map((value) => `[images, ${value.dimensions.join(', ')}]`).join(' and ')
    throw node.bad(`whose inputs ${shapes} do not fit together`)
  }
  const [first] = given
  const sameForm = given.every((value) => sameLayout(conversion, value, first))
  const values = sameForm ? given : alike(conversion, node, given)
  const id = conversion.add(node, op, {}, values.map((value) => value.node))
  conversion.finish(node, { node: id, dimensions, order: values[0].order })
}

/**
 * The values in one form, in which each axis of the file is one of the graph: that of the largest one that has such a
 * form already, else the file's own.
 */
function alike(conversion: Conversion, node: FileNode, given: readonly Value[]): Value[] {
  const isDirect = (value: Value): boolean => {
    const shape = conversion.shapeOf(value)
    return same(value.order.map((axis) => shape[axis]), value.dimensions)
  }
  const [leader] = given.filter(isDirect).sort((a, b) => product(b.dimensions) - product(a.dimensions))
  return given.map((value) =>
    leader
      ? conversion.arrange(node, value, value.dimensions, leader.order, value.dimensions)
      : conversion.inFileOrder(node, value),
  )
}

function sameLayout(conversion: Conversion, left: Value, right: Value): boolean {
  return (
    same(left.dimensions, right.dimensions) &&
    same(left.order, right.order) &&
    same(conversion.shapeOf(left), conversion.shapeOf(right))
  )
}

function same(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, at) => size === right[at])
}
