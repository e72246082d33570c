import type { OperatorSpecs } from '../../../shared/graph.ts'
import { makerOf } from '../dataflow/graph.ts'
import type { ConstantOf } from '../dataflow/tensor.ts'
import type { OnnxGraph } from './file-graph.ts'
import type { OnnxNode } from './node.ts'

export interface ResponseNormalization {
  readonly spec: OperatorSpecs['lrn']
  readonly input: string
}

const REGROUPING: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Identity'])

/**
 * Recognises local response normalisation as PyTorch writes it, whose exporters do not use ONNX's LRN:
 * x / (bias + alpha * mean) ^ beta, the mean of x^2 taken by an average pool over the channels of a padded map
 * [images, 1, channels, height, width]. Null where `last` is no such division.
 */
export function responseNormalizationAt(
  graph: OnnxGraph,
  last: OnnxNode,
  constantOf: ConstantOf,
): ResponseNormalization | null {
  if (last.operator !== 'Div') return null
  const maker = (name: string | undefined): OnnxNode | undefined => makerOf(graph, name)
  const single = (name: string | undefined): number | undefined => {
    const data = name === undefined ? undefined : constantOf(name)?.data
    return data?.length === 1 ? data[0] : undefined
  }
  /** The node of `operator` behind a value with one constant beside it. */
  const withConstant = (name: string | undefined, operator: string): { rest: string; constant: number } | undefined => {
    const node = maker(name)
    if (node?.operator !== operator || node.inputs.length !== 2) return undefined
    const [left, right] = node.inputs as [string, string]
    const constant = single(right)
    if (constant !== undefined) return { rest: left, constant }
    const onLeft = operator === 'Pow' ? undefined : single(left)
    return onLeft === undefined ? undefined : { rest: right, constant: onLeft }
  }
  const skip = (name: string): string => {
    let at = name
    for (let node = maker(at); node; node = maker(at)) {
      const before = REGROUPING.has(node.operator) ? node.inputs[0] : regroupedInBranches(node)
      if (before === undefined) break
      at = before
    }
    return at
  }

  const [input, divisor] = last.inputs
  const power = withConstant(divisor, 'Pow')
  const shifted = power && withConstant(power.rest, 'Add')
  const scaled = shifted && withConstant(shifted.rest, 'Mul')
  const pool = scaled && maker(skip(scaled.rest))
  const [size, ...others] = pool?.integers('kernel_shape') ?? []
  if (pool?.operator !== 'AveragePool' || size === undefined || others.join() !== '1,1') return null
  if ((pool.integers('strides') ?? []).some((stride) => stride !== 1)) return null
  let front = pool.integers('pads')?.[0] ?? 0
  let back = pool.integers('pads')?.[3] ?? 0
  if (front + back > 0 && pool.integer('count_include_pad', 0) === 0) return null
  let padded = pool.inputs[0]
  for (let pad = maker(padded); pad?.operator === 'Pad'; pad = maker(padded)) {
    const amounts = pad.version >= 11 ? [...(constantOf(pad.inputs[1])?.data ?? [])] : (pad.integers('pads') ?? [])
    // [images, 1, channels, height, width], twice; only the channels are padded.
    if (amounts.length !== 10 || amounts.some((pixels, axis) => pixels !== 0 && axis % 5 !== 2)) return null
    front += amounts[2]
    back += amounts[7]
    padded = pad.inputs[0]
  }
  const square = maker(skip(padded))
  const isSquare =
    (square?.operator === 'Mul' && square.inputs.every((name) => name === input)) ||
    (square?.operator === 'Pow' && square.inputs[0] === input && single(square.inputs[1]) === 2)
  const radius = (size - 1) / 2
  if (!isSquare || front !== radius || back !== radius) return null
  const spec = { radius, bias: shifted!.constant, alpha: scaled!.constant / size, beta: power!.constant }
  return { spec, input }
}

/** PyTorch drops an axis of length 1 in a choice whose other branch does nothing: the value that both start from. */
function regroupedInBranches(node: OnnxNode): string | undefined {
  if (node.operator !== 'If') return undefined
  const sources = new Set<string>()
  for (const branch of [node.branch('then_branch'), node.branch('else_branch')]) {
    if (!branch) return undefined
    const own = new Set(branch.nodes.flatMap(({ outputs }) => outputs))
    for (const { operator, inputs } of branch.nodes) {
      if (operator === 'Constant') continue
      if (!REGROUPING.has(operator)) return undefined
      if (!own.has(inputs[0])) sources.add(inputs[0])
    }
  }
  return sources.size === 1 ? [...sources][0] : undefined
}
