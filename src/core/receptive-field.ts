import type { Shape } from '../shared/graph.ts'

/** A sliding window along one axis. All values in pixels of the operator's own input. */
export interface AxisWindow {
  /** Number of taps, before dilation. */
  readonly kernel: number
  readonly dilation: number
  readonly stride: number
  /** Padding before the first pixel. */
  readonly padding: number
}

/** Which input pixels the units of one axis see: unit i sees `[start + i * stride, start + i * stride + size)`. */
export interface AxisField {
  /** Input pixels that one unit spans. */
  readonly size: number
  /** Input pixels between neighbouring units. */
  readonly stride: number
  /** Input coordinate of the first pixel of unit 0; negative where padding reaches beyond the border. */
  readonly start: number
}

export interface ReceptiveField {
  readonly vertical: AxisField
  readonly horizontal: AxisField
  /** Every unit sees the whole input, and has no place in it. */
  readonly whole: boolean
}

/** How an operator widens the receptive fields of its inputs. */
export type FieldChange =
  | { readonly kind: 'point' }
  | { readonly kind: 'window'; readonly vertical: AxisWindow; readonly horizontal: AxisWindow }
  | { readonly kind: 'everything' }

/** Pixels of the input, right and bottom exclusive. */
export interface ReceptiveBox {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
  /** The field reaches beyond the border of the input and was cut there. */
  readonly clipped: boolean
}

/**
 * The receptive field of every node. `nodes` are in topological order and name their inputs by position; a node
 * without inputs is the image. `changeOf` gets a node and the shapes of its inputs. `inputShape` is
 * `[height, width, ...]`, or `[units]`, which counts as one row.
 *
 * A window of kernel k, dilation d, stride s and padding p over units that lie j pixels apart adds (k - 1) d j to the
 * size, moves the start by -p j and multiplies the stride by s. Where branches meet, a unit sees the interval that
 * spans those of its branches.
 */
export function receptiveFields<Node extends { readonly inputs: readonly number[]; readonly shape: Shape }>(
  nodes: readonly Node[],
  changeOf: (node: Node, inputs: readonly Shape[]) => FieldChange,
  inputShape: Shape,
): ReceptiveField[] {
  const whole = wholeField(inputShape)
  const pixel: AxisField = { size: 1, stride: 1, start: 0 }
  const fields: ReceptiveField[] = []
  for (const node of nodes) {
    const sources = node.inputs.map((id) => fields[id])
    if (sources.length === 0) {
      fields.push({ vertical: pixel, horizontal: pixel, whole: false })
      continue
    }
    const joined = sources.reduce((left, right) => union(left, right) ?? whole)
    const change = changeOf(
      node,
      node.inputs.map((id) => nodes[id].shape),
    )
    if (joined.whole || change.kind === 'everything') fields.push(whole)
    else if (change.kind === 'point') fields.push(joined)
    else {
      fields.push({
        vertical: slide(joined.vertical, change.vertical),
        horizontal: slide(joined.horizontal, change.horizontal),
        whole: false,
      })
    }
  }
  return fields
}

/** The part of the input that the unit at `[row, column]` of a feature map sees, cut at the border. */
export function receptiveBox(field: ReceptiveField, unit: readonly [number, number], inputShape: Shape): ReceptiveBox {
  const [height, width] = extent(inputShape)
  if (field.whole) return { top: 0, left: 0, bottom: height, right: width, clipped: false }
  const vertical = interval(field.vertical, unit[0], height)
  const horizontal = interval(field.horizontal, unit[1], width)
  return {
    top: vertical.from,
    left: horizontal.from,
    bottom: vertical.to,
    right: horizontal.to,
    clipped: vertical.clipped || horizontal.clipped,
  }
}

function slide(field: AxisField, window: AxisWindow): AxisField {
  return {
    size: field.size + (window.kernel - 1) * window.dilation * field.stride,
    stride: field.stride * window.stride,
    start: field.start - window.padding * field.stride,
  }
}

/** Undefined where the branches have no common grid. */
function union(left: ReceptiveField, right: ReceptiveField): ReceptiveField | undefined {
  if (left.whole || right.whole) return undefined
  if (left.vertical.stride !== right.vertical.stride || left.horizontal.stride !== right.horizontal.stride) {
    return undefined
  }
  return {
    vertical: spanning(left.vertical, right.vertical),
    horizontal: spanning(left.horizontal, right.horizontal),
    whole: false,
  }
}

function spanning(left: AxisField, right: AxisField): AxisField {
  const start = Math.min(left.start, right.start)
  const end = Math.max(left.start + left.size, right.start + right.size)
  return { size: end - start, stride: left.stride, start }
}

function interval(field: AxisField, unit: number, length: number): { from: number; to: number; clipped: boolean } {
  const start = field.start + unit * field.stride
  const end = start + field.size
  const from = Math.min(Math.max(start, 0), length)
  const to = Math.min(Math.max(end, 0), length)
  return { from, to, clipped: from !== start || to !== end }
}

function wholeField(inputShape: Shape): ReceptiveField {
  const [height, width] = extent(inputShape)
  return {
    vertical: { size: height, stride: 0, start: 0 },
    horizontal: { size: width, stride: 0, start: 0 },
    whole: true,
  }
}

function extent(inputShape: Shape): readonly [number, number] {
  return inputShape.length === 1 ? [1, inputShape[0]] : [inputShape[0] ?? 1, inputShape[1] ?? 1]
}
