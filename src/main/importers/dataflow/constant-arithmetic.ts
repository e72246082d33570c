import { axisOf } from './axes.ts'
import type { FileNode } from './node.ts'
import { elementCount, integerTensor, product, stridesOf, TensorFault, type Tensor } from './tensor.ts'
import type { CastTarget, NamedType, TypeTable } from './type-table.ts'

/** Values that arithmetic on constants may make; shapes and per-channel weights stay far below. */
const LARGEST_RESULT = 2 ** 22

/** Inputs that are left out are undefined. */
export type FoldInputs = readonly (Tensor | undefined)[]

/** Works out the first output of a node whose inputs are constants. */
export type Fold<Node extends FileNode> = (node: Node, inputs: FoldInputs) => Tensor

/**
 * The output of a node whose inputs are all constants: the arithmetic on shapes that exporters leave in a file, and
 * weights that are transposed or scaled there. `own` are the operators that a format defines for itself; undefined for
 * those that are not worked out.
 */
export function foldConstants<Node extends FileNode>(
  own: Readonly<Record<string, Fold<Node>>>,
  node: Node,
  inputs: FoldInputs,
): Tensor | undefined {
  const fold = Object.hasOwn(own, node.operator)
    ? own[node.operator]
    : Object.hasOwn(COMMON_FOLDS, node.operation)
      ? COMMON_FOLDS[node.operation]
      : undefined
  try {
    return fold?.(node, inputs)
  } catch (error) {
    if (error instanceof TensorFault) throw node.fault(`makes a constant that ${error.message}`)
    throw error
  }
}

/** By operation, for what all formats define alike. */
const COMMON_FOLDS: Readonly<Record<string, Fold<FileNode>>> = {
  Identity: (node, inputs) => needed(node, inputs, 0),
  Size: (node, inputs) => integerTensor([needed(node, inputs, 0).data.length], []),
  Range(node, inputs) {
    const [start, limit, step] = [0, 1, 2].map((position) => needed(node, inputs, position).data[0])
    const length = Math.max(0, Math.ceil((limit - start) / step))
    return result([length], needed(node, inputs, 0).kind, (index) => start + index * step, bound(node))
  },
  Neg: (node, inputs) => each(node, inputs, (value) => -value),
  Abs: (node, inputs) => each(node, inputs, Math.abs),
  Floor: (node, inputs) => each(node, inputs, Math.floor),
  Ceil: (node, inputs) => each(node, inputs, Math.ceil),
  Sqrt: (node, inputs) => each(node, inputs, Math.sqrt),
  Reciprocal: (node, inputs) => each(node, inputs, (value) => 1 / value),
  Add: (node, inputs) => arithmetic(node, inputs, (a, b) => a + b),
  Sub: (node, inputs) => arithmetic(node, inputs, (a, b) => a - b),
  Mul: (node, inputs) => arithmetic(node, inputs, (a, b) => a * b),
  Div(node, inputs) {
    const whole = needed(node, inputs, 0).kind === 'integer'
    return arithmetic(node, inputs, (a, b) => (whole ? Math.trunc(a / b) : a / b))
  },
  Mod: (node, inputs) => arithmetic(node, inputs, (a, b) => a - b * Math.floor(a / b)),
  Pow: (node, inputs) => arithmetic(node, inputs, (a, b) => a ** b),
  Max: (node, inputs) => arithmetic(node, inputs, Math.max),
  Min: (node, inputs) => arithmetic(node, inputs, Math.min),
  Equal: (node, inputs) => compared(node, inputs, (a, b) => a === b),
  Less: (node, inputs) => compared(node, inputs, (a, b) => a < b),
  Greater: (node, inputs) => compared(node, inputs, (a, b) => a > b),
  Where(node, inputs) {
    const [choice, yes, no] = [0, 1, 2].map((position) => needed(node, inputs, position))
    return broadcast(node, [choice, yes, no], yes.kind, ([chosen, a, b]) => (chosen !== 0 ? a : b))
  },
}

/** The entries of `tensor` along `axis` that `indexes` name, counted from the end where they are negative. */
export function gathered(node: FileNode, tensor: Tensor, indexes: Tensor, givenAxis: number): Tensor {
  const axis = axisOf(node, givenAxis, tensor.dimensions.length)
  const length = tensor.dimensions[axis]
  const inner = product(tensor.dimensions.slice(axis + 1))
  const before = tensor.dimensions.slice(0, axis)
  const dimensions = [...before, ...indexes.dimensions, ...tensor.dimensions.slice(axis + 1)]
  return result(dimensions, tensor.kind, (index) => {
    const block = indexes.data.length * inner
    const chosen = indexes.data[Math.floor((index % block) / inner)]
    const place = chosen < 0 ? chosen + length : chosen
    if (!(Number.isInteger(place) && place >= 0 && place < length)) {
      throw node.bad(`which takes entry ${chosen} of ${length}, counted from 0`)
    }
    return tensor.data[(Math.floor(index / block) * length + place) * inner + (index % inner)]
  }, bound(node))
}

export function concatenated(node: FileNode, parts: readonly Tensor[], givenAxis: number): Tensor {
  if (parts.length === 0) throw node.bad('which has no inputs')
  const rank = parts[0].dimensions.length
  const axis = axisOf(node, givenAxis, rank)
  const fits = parts.every(({ dimensions }) =>
    dimensions.length === rank && dimensions.every((size, at) => at === axis || size === parts[0].dimensions[at]))
  if (!fits) throw node.bad('whose constants do not fit together')
  const dimensions = parts[0].dimensions.map((size, at) =>
    at === axis ? parts.reduce((sum, part) => sum + part.dimensions[at], 0) : size)
  const inner = product(dimensions.slice(axis + 1))
  return result(dimensions, parts[0].kind, (index) => {
    const outer = Math.floor(index / (dimensions[axis] * inner))
    let row = Math.floor(index / inner) % dimensions[axis]
    let part = 0
    while (row >= parts[part].dimensions[axis]) row -= parts[part++].dimensions[axis]
    return parts[part].data[(outer * parts[part].dimensions[axis] + row) * inner + (index % inner)]
  }, bound(node))
}

/** A range of one axis: from `start` by `step` up to before `end`, counted from the end where negative, as in NumPy. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** @param ranges by axis; axes without one are kept whole. */
export function sliced(node: FileNode, tensor: Tensor, ranges: ReadonlyMap<number, Range>): Tensor {
  const taken = tensor.dimensions.map((size, axis) => {
    if (size > LARGEST_RESULT) throw tooLarge(node, tensor.dimensions)
    const { start, end, step } = ranges.get(axis) ?? { start: 0, end: size, step: 1 }
    // A fraction would take as many entries as it fits into an axis.
    if (!Number.isInteger(step) || step === 0) throw node.setting('steps', step, 'a whole step other than 0')
    const isWhole = Number.isInteger(start) && Number.isInteger(end)
    if (!isWhole) throw node.setting('range', [start, end], 'a pair of whole numbers')
    const clamp = (at: number, low: number, high: number): number =>
      Math.min(Math.max(at < 0 ? at + size : at, low), high)
    const first = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1)
    const last = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1)
    const kept: number[] = []
    for (let at = first; step > 0 ? at < last : at > last; at += step) kept.push(at)
    return kept
  })
  const strides = stridesOf(tensor.dimensions)
  const dimensions = taken.map((kept) => kept.length)
  const outStrides = stridesOf(dimensions)
  return result(dimensions, tensor.kind, (index) => {
    const at = taken.map((kept, axis) => kept[Math.floor(index / outStrides[axis]) % kept.length])
    return tensor.data[at.reduce((sum, position, axis) => sum + position * strides[axis], 0)]
  }, bound(node))
}

/** One value in every place. */
export function filled(node: FileNode, dimensions: readonly number[], value: number, kind: Tensor['kind']): Tensor {
  return result(dimensions, kind, () => value, bound(node))
}

/** The tensor repeated so that it has these dimensions. */
export function expanded(node: FileNode, tensor: Tensor, dimensions: readonly number[]): Tensor {
  return broadcast(node, [tensor], tensor.kind, ([value]) => value, dimensions)
}

/** The product of all values; `keepsAxes` of length 1. */
export function productOf(node: FileNode, { dimensions, data, kind }: Tensor, keepsAxes: boolean): Tensor {
  return result(keepsAxes ? dimensions.map(() => 1) : [], kind, () => product([...data]), bound(node))
}

/** The first input as another type; `type` as `types` numbers it. */
export function castTo(node: FileNode, inputs: FoldInputs, types: TypeTable<NamedType>, type: number): Tensor {
  const to = types.castTarget(type)
  if (!to) throw node.unsupported(`to the element type ${type}`)
  return converted(needed(node, inputs, 0), to)
}

/** The values as whole numbers, those of truth values as 0 and 1, or as numbers of single precision. */
export function converted(tensor: Tensor, to: CastTarget): Tensor {
  const whole = to === 'truth' ? (value: number) => Number(value !== 0) : Math.trunc
  return result(tensor.dimensions, to === 'float' ? 'float' : 'integer', (index) =>
    to === 'float' ? tensor.data[index] : whole(tensor.data[index]),
  )
}

export function each(node: FileNode, inputs: FoldInputs, value: (x: number) => number): Tensor {
  const tensor = needed(node, inputs, 0)
  return result(tensor.dimensions, tensor.kind, (index) => value(tensor.data[index]))
}

export function arithmetic(
  node: FileNode,
  inputs: FoldInputs,
  value: (a: number, b: number) => number,
): Tensor {
  const parts = inputs.map((_, position) => needed(node, inputs, position))
  if (parts.length === 0) throw node.bad('which has no inputs')
  return broadcast(node, parts, parts[0].kind, (values) => values.reduce((a, b) => value(a, b)))
}

export function compared(
  node: FileNode,
  inputs: FoldInputs,
  holds: (a: number, b: number) => boolean,
): Tensor {
  const parts = inputs.map((_, position) => needed(node, inputs, position))
  return broadcast(node, parts, 'integer', ([a, b]) => Number(holds(a, b)))
}

/** @param shape takes part like a tensor of that shape whose values are not looked at. */
function broadcast(
  node: FileNode,
  parts: readonly Tensor[],
  kind: Tensor['kind'],
  value: (values: readonly number[]) => number,
  shape: readonly number[] = [],
): Tensor {
  const rank = Math.max(shape.length, ...parts.map(({ dimensions }) => dimensions.length))
  const aligned = (sizes: readonly number[]): number[] => [
    ...Array.from({ length: rank - sizes.length }, () => 1),
    ...sizes,
  ]
  const all = [...parts.map(({ dimensions }) => aligned(dimensions)), aligned(shape)]
  const dimensions = aligned([]).map((_, axis) => all.map((sizes) => sizes[axis]).find((size) => size !== 1) ?? 1)
  if (!all.every((sizes) => sizes.every((size, axis) => size === 1 || size === dimensions[axis]))) {
    const shapes = parts.map((part) => `[${part.dimensions.join(', ')}]`).join(' and ')
    throw node.bad(`whose constants of shapes ${shapes} do not fit together`)
  }
  const outStrides = stridesOf(dimensions)
  const strides = all.map((sizes) => stridesOf(sizes).map((stride, axis) => (sizes[axis] === 1 ? 0 : stride)))
  const valueAt = (part: Tensor, position: number, index: number): number => {
    const at = dimensions.map((size, axis) => Math.floor(index / outStrides[axis]) % size)
    return part.data[at.reduce((sum, place, axis) => sum + place * strides[position][axis], 0)]
  }
  return result(
    dimensions,
    kind,
    (index) => value(parts.map((part, position) => valueAt(part, position, index))),
    bound(node),
  )
}

interface Bound {
  readonly largest: number
  readonly node: FileNode
}

function bound(node: FileNode): Bound {
  return { largest: LARGEST_RESULT, node }
}

function result(
  dimensions: readonly number[],
  kind: Tensor['kind'],
  value: (index: number) => number,
  limit?: Bound,
): Tensor {
  const count = elementCount(dimensions)
  if (limit && count > limit.largest) {
    throw tooLarge(limit.node, dimensions)
  }
  const data = kind === 'float' ? new Float32Array(count) : new Float64Array(count)
  for (let index = 0; index < count; index++) data[index] = value(index)
  return { dimensions, kind, data }
}

export function needed(node: FileNode, inputs: FoldInputs, position: number): Tensor {
  const tensor = inputs[position]
  if (tensor) return tensor
  throw node.bad(`whose input ${position + 1} is left out`)
}

function tooLarge(node: FileNode, dimensions: readonly number[]) {
  return node.bad(`whose constant result of shape [${dimensions.join(', ')}] is too large`)
}
