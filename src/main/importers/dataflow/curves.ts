import type { OperatorName, OperatorSpecs } from '../../../shared/graph.ts'
import { makerOf, type DataflowGraph } from './graph.ts'
import type { FileNode } from './node.ts'
import type { ConstantOf } from './tensor.ts'

/** An activation function that a file spells out in arithmetic, and the value it is applied to. */
export type Curve = {
  [Op in OperatorName]: { readonly op: Op; readonly spec: OperatorSpecs[Op]; readonly input: string }
}['hardSigmoid' | 'hardSwish' | 'silu' | 'gelu' | 'relu']

/** Nodes that one activation may consist of; the longest, GELU by tanh, has nine. */
const LARGEST_CURVE = 24

/** Operations that an activation ends with where it is written out. */
const LAST: ReadonlySet<string> = new Set(['Mul', 'Div', 'Clip', 'Min', 'Max'])

type Known = { [Op in OperatorName]: { readonly op: Op; readonly spec: OperatorSpecs[Op] } }[Curve['op']]

/** What a node makes of single numbers; inputs that are left out are undefined. */
export type NumberFunction<Node extends FileNode> = (node: Node, values: readonly (number | undefined)[]) => number

/**
 * Recognises activation functions by what they compute: the nodes between a value and the last one that are arithmetic
 * with single constants are one function of one number, which is compared with the known ones at many points. So the
 * order of factors, or a division written as a product, makes no difference.
 */
export class CurveFinder<Node extends FileNode> {
  private readonly graph: DataflowGraph<Node>
  private readonly own: Readonly<Record<string, NumberFunction<Node>>>
  private readonly constantOf: ConstantOf

  /** @param own functions of one number by the operators that a format defines for itself. */
  constructor(
    graph: DataflowGraph<Node>,
    own: Readonly<Record<string, NumberFunction<Node>>>,
    constantOf: ConstantOf,
  ) {
    this.graph = graph
    this.own = own
    this.constantOf = constantOf
  }

  /** The activation function that ends in `last`; null where it ends none. */
  at(last: Node): Curve | null {
    if (!LAST.has(last.operation)) return null
    const found = this.coneOf(last).flatMap((input) => {
      const known = this.recognised(last, input)
      return known ? [{ ...known, input }] : []
    })
    // Limits from both sides end in a maximum or a minimum, which by itself is a ReLU of the other.
    const both = found.find(({ op, spec }) => op !== 'relu' || spec.maxValue !== null)
    return both ?? found[0] ?? null
  }

  private recognised(last: Node, input: string): Known | null {
    try {
      return recognise((x) => this.evaluate(last.outputs[0], new Map([[input, x]]), 0), last)
    } catch (error) {
      if (error instanceof NotOneFunction) return null
      throw error
    }
  }

  /** Values that `last` may be a function of, nearest first. */
  private coneOf(last: Node): string[] {
    const found: string[] = []
    const pending = [last]
    const seen = new Set<Node>([last])
    while (pending.length > 0 && seen.size <= LARGEST_CURVE) {
      const node = pending.shift()!
      for (const input of node.inputs) {
        if (input === '' || found.includes(input) || this.constantOf(input)) continue
        found.push(input)
        const maker = makerOf(this.graph, input)
        if (maker && this.functionOf(maker) && !seen.has(maker)) {
          seen.add(maker)
          pending.push(maker)
        }
      }
    }
    return found
  }

  /** @param known values by name, to which those that are worked out are added. */
  private evaluate(name: string, known: Map<string, number>, depth: number): number {
    const value = known.get(name)
    if (value !== undefined) return value
    const constant = this.constantOf(name)
    if (constant) {
      if (constant.data.length !== 1) throw new NotOneFunction()
      return constant.data[0]
    }
    const maker = makerOf(this.graph, name)
    const compute = maker && this.functionOf(maker)
    if (!maker || !compute || depth > LARGEST_CURVE || maker.outputs[0] !== name) throw new NotOneFunction()
    const inputs = maker.inputs.map((input) => (input === '' ? undefined : this.evaluate(input, known, depth + 1)))
    const result = compute(maker, inputs)
    known.set(name, result)
    return result
  }

  private functionOf(node: Node): NumberFunction<Node> | undefined {
    if (Object.hasOwn(this.own, node.operator)) return this.own[node.operator]
    return Object.hasOwn(COMMON_FUNCTIONS, node.operation) ? COMMON_FUNCTIONS[node.operation] : undefined
  }
}

/** Not a function of the one input that is tried. */
class NotOneFunction extends Error {}

/** By operation, for what all formats define alike. */
const COMMON_FUNCTIONS: Readonly<Record<string, NumberFunction<FileNode>>> = {
  Identity: (_node, [a = NaN]) => a,
  Neg: (_node, [a = NaN]) => -a,
  Relu: (_node, [a = NaN]) => Math.max(a, 0),
  Sigmoid: (_node, [a = NaN]) => 1 / (1 + Math.exp(-a)),
  Tanh: (_node, [a = NaN]) => Math.tanh(a),
  Erf: (_node, [a = NaN]) => errorFunction(a),
  Add: (_node, [a = NaN, b = NaN]) => a + b,
  Sub: (_node, [a = NaN, b = NaN]) => a - b,
  Mul: (_node, [a = NaN, b = NaN]) => a * b,
  Div: (_node, [a = NaN, b = NaN]) => a / b,
  Pow: (_node, [a = NaN, b = NaN]) => a ** b,
  Min: (_node, values) => Math.min(...values.map((value) => value ?? NaN)),
  Max: (_node, values) => Math.max(...values.map((value) => value ?? NaN)),
}

/** -8 to 8 in steps that meet no kink of the known functions, and far away, where values may still be limited. */
const POINTS: readonly number[] = [-1e3, -50, ...Array.from({ length: 47 }, (_, step) => -8.05 + step * 0.35), 50, 1e3]

function recognise(evaluate: (x: number) => number, last: FileNode): Known | null {
  const values = POINTS.map(evaluate)
  const matches = (curve: (x: number) => number): boolean =>
    POINTS.every((x, at) => Math.abs(values[at] - curve(x)) <= 1e-5 * Math.max(1, Math.abs(x)))
  const named = NAMED.find(({ curve }) => matches(curve))
  if (named) return named.known
  if (last.operation !== 'Min' && last.operation !== 'Max') return null
  const highest = evaluate(1e6)
  const maxValue = highest < 1e6 ? highest : null
  const negativeSlope = -evaluate(-1)
  const isRelu = matches((x) => (maxValue !== null && x >= maxValue ? maxValue : x >= 0 ? x : negativeSlope * x))
  // With slope 1 below 0 it only limits; a ReLU before it makes one with it.
  return isRelu && negativeSlope !== 1 && (maxValue === null || maxValue > 0)
    ? { op: 'relu', spec: { maxValue, negativeSlope: negativeSlope || 0, threshold: 0 } }
    : null
}

const gate = (x: number, alpha: number): number => Math.min(Math.max(alpha * x + 0.5, 0), 1)

const NAMED: readonly { readonly known: Known; readonly curve: (x: number) => number }[] = [
  { known: { op: 'silu', spec: {} }, curve: (x) => x / (1 + Math.exp(-x)) },
  { known: { op: 'hardSwish', spec: {} }, curve: (x) => x * gate(x, 1 / 6) },
  { known: { op: 'hardSigmoid', spec: { alpha: 1 / 6, beta: 0.5 } }, curve: (x) => gate(x, 1 / 6) },
  { known: { op: 'hardSigmoid', spec: { alpha: 0.2, beta: 0.5 } }, curve: (x) => gate(x, 0.2) },
  { known: { op: 'gelu', spec: { approximate: false } }, curve: (x) => (x * (1 + errorFunction(x * Math.SQRT1_2))) / 2 },
  {
    known: { op: 'gelu', spec: { approximate: true } },
    curve: (x) => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2,
  },
]

/** The error function by its series of positive terms (Abramowitz & Stegun 1964, 7.1.6). */
export function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
