import { axesOf, axisOf, reshaped, shapeTensor } from './axes.ts'
import type { OnnxNode } from './node.ts'
import {
  BOOL,
  elementCount,
  integerTensor,
  isFloatType,
  isIntegerType,
  product,
  readTensor,
  stridesOf,
  TensorFault,
  transposed,
  type Tensor,
} from './tensor.ts'

/** Values that arithmetic on constants may make; shapes and per-channel weights stay far below. */
const LARGEST_RESULT = 2 ** 22

type Fold = (node: OnnxNode, inputs: readonly (Tensor | undefined)[]) => Tensor

/**
 * The output of a node whose inputs are all constants: the arithmetic on shapes that exporters leave in a file, and
 * weights that are transposed or scaled there. Undefined for operators that are not worked out here.
 */
export function foldConstants(node: OnnxNode, inputs: readonly (Tensor | undefined)[]): Tensor | undefined {
  if (!Object.hasOwn(FOLDS, node.operator)) return undefined
  try {
    return FOLDS[node.operator](node, inputs)
  } catch (error) {
    if (error instanceof TensorFault) throw node.fault(`makes a constant that ${error.message}`)
    throw error
  }
}

const FOLDS: Readonly<Record<string, Fold>> = {
  Identity: (node, inputs) => needed(node, inputs, 0),
  Dropout: (node, inputs) => needed(node, inputs, 0),
  Shape: (node, inputs) => shapeTensor(node, needed(node, inputs, 0).dimensions),
  Size: (node, inputs) => integerTensor([needed(node, inputs, 0).data.length], []),
  Cast(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const type = node.integer('to', 1)
    const isFloat = isFloatType(type)
    if (!isFloat && !isIntegerType(type)) throw node.unsupported(`to the element type ${type}`)
    const whole = type === BOOL ? (value: number) => Number(value !== 0) : Math.trunc
    return result(tensor.dimensions, isFloat ? 'float' : 'integer', (index) =>
      isFloat ? tensor.data[index] : whole(tensor.data[index]),
    )
  },
  Gather(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const indexes = needed(node, inputs, 1)
    const axis = axisOf(node, node.integer('axis', 0), tensor.dimensions.length)
    const length = tensor.dimensions[axis]
    const inner = product(tensor.dimensions.slice(axis + 1))
    const before = tensor.dimensions.slice(0, axis)
    const dimensions = [...before, ...indexes.dimensions, ...tensor.dimensions.slice(axis + 1)]
    return result(dimensions, tensor.kind, (index) => {
      const block = indexes.data.length * inner
      const chosen = indexes.data[Math.floor((index % block) / inner)]
      const place = chosen < 0 ? chosen + length : chosen
      if (!(place >= 0 && place < length)) throw node.bad(`which takes entry ${chosen} of ${length}`)
      return tensor.data[(Math.floor(index / block) * length + place) * inner + (index % inner)]
    }, bound(node))
  },
  Slice: (node, inputs) => slice(node, inputs),
  Concat(node, inputs) {
    const parts = inputs.map((_, position) => needed(node, inputs, position))
    const rank = parts[0].dimensions.length
    const axis = axisOf(node, node.integer('axis', 0), rank)
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
  },
  Unsqueeze(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const added = axesOf(node, inputs[1])
    const rank = tensor.dimensions.length + added.length
    const axes = new Set(added.map((axis) => axisOf(node, axis, rank)))
    const rest = [...tensor.dimensions]
    return { ...tensor, dimensions: Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : rest.shift()!)) }
  },
  Squeeze(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const { dimensions } = tensor
    const given = axesOf(node, inputs[1])
    const axes = new Set(given.map((axis) => axisOf(node, axis, dimensions.length)))
    const goes = (size: number, axis: number): boolean => (given.length > 0 ? axes.has(axis) : size === 1)
    return { ...tensor, dimensions: dimensions.filter((size, axis) => !goes(size, axis)) }
  },
  Reshape(node, inputs) {
    const tensor = needed(node, inputs, 0)
    return { ...tensor, dimensions: reshaped(node, tensor.dimensions, [...needed(node, inputs, 1).data]) }
  },
  Flatten(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const axis = node.integer('axis', 1)
    const { dimensions } = tensor
    const split = axis < 0 ? axis + dimensions.length : axis
    return { ...tensor, dimensions: [product(dimensions.slice(0, split)), product(dimensions.slice(split))] }
  },
  Transpose(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const { dimensions } = tensor
    const order = node.integers('perm') ?? dimensions.map((_, axis) => dimensions.length - 1 - axis)
    if ([...order].sort((a, b) => a - b).some((axis, at) => axis !== at) || order.length !== dimensions.length) {
      throw node.setting('perm', order, `an order of the axes 0 to ${dimensions.length - 1}`)
    }
    return transposed(tensor, order)
  },
  ConstantOfShape(node, inputs) {
    const dimensions = [...needed(node, inputs, 0).data]
    const stored = node.tensor('value')
    const one = stored ? readTensor(stored) : undefined
    return result(dimensions, one?.kind ?? 'float', () => one?.data[0] ?? 0, bound(node))
  },
  Range(node, inputs) {
    const [start, limit, step] = [0, 1, 2].map((position) => needed(node, inputs, position).data[0])
    const length = Math.max(0, Math.ceil((limit - start) / step))
    return result([length], needed(node, inputs, 0).kind, (index) => start + index * step, bound(node))
  },
  Expand(node, inputs) {
    const tensor = needed(node, inputs, 0)
    const dimensions = [...needed(node, inputs, 1).data]
    return broadcast(node, [tensor], tensor.kind, ([value]) => value, dimensions)
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
  Div: (node, inputs) => {
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
  Where: (node, inputs) => {
    const [choice, yes, no] = [0, 1, 2].map((position) => needed(node, inputs, position))
    return broadcast(node, [choice, yes, no], yes.kind, ([chosen, a, b]) => (chosen !== 0 ? a : b))
  },
  ReduceProd: (node, inputs) => {
    const { data, kind } = needed(node, inputs, 0)
    if (axesOf(node, inputs[1]).length > 1) throw node.unsupported('over several axes of a constant')
    const dimensions = node.integer('keepdims', 1) ? [1] : []
    return result(dimensions, kind, () => product([...data]), bound(node))
  },
}

function slice(node: OnnxNode, inputs: readonly (Tensor | undefined)[]): Tensor {
  const tensor = needed(node, inputs, 0)
  const rank = tensor.dimensions.length
  const starts = inputs[1] ? [...inputs[1].data] : (node.integers('starts') ?? [])
  const ends = inputs[2] ? [...inputs[2].data] : (node.integers('ends') ?? [])
  const axes = inputs[3] ? [...inputs[3].data] : (node.integers('axes') ?? starts.map((_, axis) => axis))
  const steps = inputs[4] ? [...inputs[4].data] : starts.map(() => 1)
  const taken = tensor.dimensions.map((size) => Array.from({ length: Math.min(size, LARGEST_RESULT) }, (_, at) => at))
  axes.forEach((given, position) => {
    const axis = axisOf(node, given, rank)
    const size = tensor.dimensions[axis]
    const step = steps[position]
    if (!step) throw node.setting('steps', steps, 'steps other than 0')
    const clamp = (at: number, low: number, high: number): number =>
      Math.min(Math.max(at < 0 ? at + size : at, low), high)
    const start = step > 0 ? clamp(starts[position], 0, size) : clamp(starts[position], 0, size - 1)
    const end = step > 0 ? clamp(ends[position], 0, size) : clamp(ends[position], -1, size - 1)
    const kept: number[] = []
    for (let at = start; step > 0 ? at < end : at > end; at += step) kept.push(at)
    taken[axis] = kept
  })
  const strides = stridesOf(tensor.dimensions)
  const dimensions = taken.map((kept) => kept.length)
  const outStrides = stridesOf(dimensions)
  return result(dimensions, tensor.kind, (index) => {
    const at = taken.map((kept, axis) => kept[Math.floor(index / outStrides[axis]) % kept.length])
    return tensor.data[at.reduce((sum, position, axis) => sum + position * strides[axis], 0)]
  }, bound(node))
}

function each(node: OnnxNode, inputs: readonly (Tensor | undefined)[], value: (x: number) => number): Tensor {
  const tensor = needed(node, inputs, 0)
  return result(tensor.dimensions, tensor.kind, (index) => value(tensor.data[index]))
}

function arithmetic(
  node: OnnxNode,
  inputs: readonly (Tensor | undefined)[],
  value: (a: number, b: number) => number,
): Tensor {
  const parts = inputs.map((_, position) => needed(node, inputs, position))
  return broadcast(node, parts, parts[0].kind, (values) => values.reduce((a, b) => value(a, b)))
}

function compared(
  node: OnnxNode,
  inputs: readonly (Tensor | undefined)[],
  holds: (a: number, b: number) => boolean,
): Tensor {
  const parts = inputs.map((_, position) => needed(node, inputs, position))
  return broadcast(node, parts, 'integer', ([a, b]) => Number(holds(a, b)))
}

/** @param shape takes part like a tensor of that shape whose values are not looked at. */
function broadcast(
  node: OnnxNode,
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
  readonly node: OnnxNode
}

function bound(node: OnnxNode): Bound {
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
    throw limit.node.bad(`whose constant result of shape [${dimensions.join(', ')}] is too large`)
  }
  const data = kind === 'float' ? new Float32Array(count) : new Float64Array(count)
  for (let index = 0; index < count; index++) data[index] = value(index)
  return { dimensions, kind, data }
}

function needed(node: OnnxNode, inputs: readonly (Tensor | undefined)[], position: number): Tensor {
  const tensor = inputs[position]
  if (tensor) return tensor
  throw node.bad(`whose input ${position + 1} is left out`)
}
