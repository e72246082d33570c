import { VebiError } from '../../../shared/errors.ts'
import type { Padding, Pair, Shape, Weight } from '../../../shared/graph.ts'

/** What an error message needs of a node. */
export interface Named {
  readonly name: string
}

export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** `Layer "conv1": <reason>`, code bad-model. */
export function misfit(node: Named, reason: string): VebiError {
  return new VebiError('bad-model', `Layer "${node.name}": ${reason}`)
}

export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((size, axis) => size === right[axis])
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** The shape of the only input. */
export function onlyInput(node: Named, inputs: readonly Shape[]): Shape {
  if (inputs.length !== 1) throw misfit(node, `takes one input, but ${inputs.length} are connected.`)
  return inputs[0]
}

/** The only input as `[height, width, channels]`. */
export function mapInput(node: Named, inputs: readonly Shape[]): readonly [number, number, number] {
  const shape = onlyInput(node, inputs)
  if (shape.length !== 3) throw misfit(node, `needs an input [height, width, channels], but gets ${shapeText(shape)}.`)
  return [shape[0], shape[1], shape[2]]
}

/** Refuses a weight whose shape is not `expected` or whose values do not fill its shape. */
export function expectWeight(node: Named, role: string, weight: Weight, expected: Shape, input: Shape): void {
  if (!sameShape(weight.shape, expected)) {
    throw misfit(
      node,
      `${role} has shape ${shapeText(weight.shape)}, but input ${shapeText(input)} needs ${shapeText(expected)}.`,
    )
  }
  expectFilled(node, role, weight)
}

export function expectFilled(node: Named, role: string, weight: Weight): void {
  const needed = sizeOf(weight.shape)
  const count = weight.count ?? weight.data.length
  if (count !== needed) {
    throw misfit(node, `${role} of shape ${shapeText(weight.shape)} needs ${needed} values, but ${count} are stored.`)
  }
}

export function expectPositive(node: Named, role: string, values: Pair | readonly number[]): void {
  if (!values.every((value) => Number.isInteger(value) && value >= 1)) {
    throw misfit(node, `${role} must be whole numbers of at least 1, not ${shapeText(values)}.`)
  }
}

export function expectPadding(node: Named, padding: Padding): void {
  const values = [padding.top, padding.bottom, padding.left, padding.right]
  if (!values.every((value) => Number.isInteger(value) && value >= 0)) {
    const order = '(top, bottom, left, right)'
    throw misfit(node, `padding must be whole numbers of at least 0, not ${shapeText(values)} ${order}.`)
  }
}
