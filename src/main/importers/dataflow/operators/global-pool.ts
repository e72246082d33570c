import { axisOf } from '../axes.ts'
import { CHANNELS_FIRST, CHANNELS_LAST, type Conversion, type MapAxes } from '../conversion.ts'
import type { FileNode } from '../node.ts'

export type GlobalPool = 'globalAveragePool' | 'globalMaxPool'

/** A mean or maximum over axes of the file, that of the images among them: over height and width of a map only. */
export function reduceAxes(
  conversion: Conversion,
  node: FileNode,
  op: GlobalPool,
  given: readonly number[],
  keepsAxes: boolean,
): void {
  const rank = conversion.input(node).dimensions.length + 1
  const axes = given.map((axis) => axisOf(node, axis, rank))
  const sorted = [...axes].sort((a, b) => a - b).join()
  const order = sorted === '1,2' ? CHANNELS_LAST : sorted === '2,3' ? CHANNELS_FIRST : undefined
  if (rank !== 4 || !order) {
    const text = axes.length > 0 ? `over the axes ${axes.join(', ')} of ${rank}` : 'over all axes'
    throw node.unsupported(`${text}; only height and width of a map are supported`)
  }
  addGlobalPool(conversion, node, op, keepsAxes, order)
}

/** @param keepsAxes whether the file keeps axes of length 1 for height and width. */
export function addGlobalPool(
  conversion: Conversion,
  node: FileNode,
  op: GlobalPool,
  keepsAxes: boolean,
  axes: MapAxes,
): void {
  const input = conversion.map(node, conversion.input(node), axes)
  const keepAxes = keepsAxes && !leadsToUnits(conversion, node)
  const id = conversion.add(node, op, { keepAxes }, [input.node])
  const channels = conversion.shapeOf(input)[2]
  const sizes = [1, 1, channels]
  const dimensions = keepsAxes ? axes.order.map((axis) => sizes[axis]) : [channels]
  conversion.finish(node, { node: id, dimensions, order: keepAxes ? axes.order : [0] })
}

const TOWARDS_UNITS: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Squeeze', 'Dropout', 'Identity'])

/** Whether only nodes follow that drop the axes of height and width: then they are not kept in the first place. */
function leadsToUnits(conversion: Conversion, node: FileNode): boolean {
  const followers = conversion.followersOf(node.outputs[0])
  return followers.length > 0 && followers.every(({ operation }) => TOWARDS_UNITS.has(operation))
}
