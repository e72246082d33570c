import type { Weight } from '../../../../shared/graph.ts'
import { vectorOf, type Conversion } from '../conversion.ts'
import type { FileNode } from '../node.ts'

/**
 * A bias that stands in a node of its own, as MatMul and Add: one number per channel, with `axesBehind` axes of length
 * 1 behind the channels (2 on a map of channels first). `last` is the node whose output has the bias in it.
 */
export function followingBias(
  conversion: Conversion,
  node: FileNode,
  channels: number,
  axesBehind: number,
): { bias: Weight | null; last: FileNode } {
  const [next, ...others] = conversion.followersOf(node.outputs[0])
  if (next?.operation !== 'Add' || others.length > 0) return { bias: null, last: node }
  const added = conversion.constantOf(next.inputs.find((name) => name !== node.outputs[0]))
  if (!added) return { bias: null, last: node }
  const behind = added.dimensions.slice(added.dimensions.length - axesBehind)
  const before = added.dimensions.slice(0, Math.max(0, added.dimensions.length - axesBehind - 1))
  const isVector =
    added.dimensions.length > axesBehind &&
    added.dimensions.at(-axesBehind - 1) === channels &&
    [...behind, ...before].every((size) => size === 1)
  if (!isVector) return { bias: null, last: node }
  conversion.markDone(next)
  return { bias: vectorOf(added, channels), last: next }
}
