import type { OperatorSpecs, Pair } from '../../../shared/graph.ts'
import type { NumericArray } from '../matlab/values.ts'
import type { LayerEntry } from './layer-entry.ts'

/** A window that a layer slides over its map; `size` counts taps. */
export interface LayerWindow extends Pick<OperatorSpecs['conv2d'], 'strides' | 'padding' | 'dilation'> {
  readonly size: Pair
}

/** The window of a convolution or of pooling, null for layers that keep height and width. */
export function windowOf(layer: LayerEntry): LayerWindow | null {
  if (layer.kind !== 'conv' && layer.kind !== 'pool') return null
  const strides = layer.pair('stride', 1)
  const padding = layer.padding()
  if (layer.kind === 'pool') {
    const size = layer.numbers('pool') === undefined ? layer.pair('poolSize', 1) : layer.pair('pool', 1)
    return { size, strides, padding, dilation: [1, 1] }
  }
  const [height, width] = filterShape(layer.neededParameter(0, 'filters'))
  return { size: [height, width], strides, padding, dilation: layer.pair('dilate', 1) }
}

/** `[height, width, inChannels / groups, outChannels]`: MATLAB drops axes of length 1 at the end. */
export function filterShape({ shape }: NumericArray): readonly [number, number, number, number] {
  return [shape[0], shape[1], shape[2] ?? 1, shape[3] ?? 1]
}

/** Height and width of each variable for an input of the size; null where a window does not fit. */
export function sizesFrom(layers: readonly LayerEntry[], input: string, size: Pair): ReadonlyMap<string, Pair> | null {
  const sizes = new Map<string, Pair>([[input, size]])
  for (const layer of layers) {
    const before = layer.inputs.map((name) => sizes.get(name)).find((known) => known !== undefined)
    if (!before) continue
    const window = windowOf(layer)
    const after = before.map((length, axis) => (window ? positions(length, window, axis) : length))
    if (!after.every((length) => length >= 1)) return null
    sizes.set(layer.output, [after[0], after[1]])
  }
  return sizes
}

/** The smallest height and width of an input that leave one position in the output. */
export function smallestSize(layers: readonly LayerEntry[], input: string, output: string): Pair {
  const needed = new Map<string, Pair>([[output, [1, 1]]])
  for (const layer of [...layers].reverse()) {
    const after = needed.get(layer.output)
    if (!after) continue
    const window = windowOf(layer)
    const before = after.map((length, axis) => (window ? lengthFor(length, window, axis) : length))
    for (const name of layer.inputs) {
      const other = needed.get(name) ?? [1, 1]
      needed.set(name, [Math.max(other[0], before[0]), Math.max(other[1], before[1])])
    }
  }
  return needed.get(input) ?? [1, 1]
}

function positions(length: number, window: LayerWindow, axis: number): number {
  return Math.floor((length + paddingAlong(window, axis) - covered(window, axis)) / window.strides[axis]) + 1
}

function lengthFor(count: number, window: LayerWindow, axis: number): number {
  return Math.max(1, (count - 1) * window.strides[axis] + covered(window, axis) - paddingAlong(window, axis))
}

function covered({ size, dilation }: LayerWindow, axis: number): number {
  return (size[axis] - 1) * dilation[axis] + 1
}

function paddingAlong({ padding }: LayerWindow, axis: number): number {
  return axis === 0 ? padding.top + padding.bottom : padding.left + padding.right
}
