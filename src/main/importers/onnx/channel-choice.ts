import { makerOf } from '../dataflow/graph.ts'
import type { ConstantOf, Tensor } from '../dataflow/tensor.ts'
import { orderOf } from './axes.ts'
import type { OnnxGraph } from './file-graph.ts'
import type { OnnxNode } from './node.ts'

export interface ChannelChoice {
  /** Positions of the channels, `[count]`. */
  readonly channels: Tensor
  readonly input: string
}

/**
 * Recognises `x[:, [2, 1, 0]]` as PyTorch's newer exporter writes it: the channels change places with the images, are
 * chosen as if they were images, and change back. Null where `last` is no such transposition.
 */
export function channelChoiceAt(graph: OnnxGraph, last: OnnxNode, constantOf: ConstantOf): ChannelChoice | null {
  const choosing = isExchange(last) ? makerOf(graph, last.inputs[0]) : undefined
  const first = choosing && makerOf(graph, choosing.inputs[0])
  const channels = choosing && constantOf(choosing.inputs[1] ?? '')
  if (!choosing || !first || !isExchange(first) || !channels) return null
  const { dimensions, data } = channels
  const isGather = choosing.operator === 'Gather' && choosing.integer('axis', 0) === 0 && dimensions.length === 1
  const isGatherND =
    choosing.operator === 'GatherND' &&
    choosing.integer('batch_dims', 0) === 0 &&
    dimensions.length === 2 &&
    dimensions[1] === 1
  if (!isGather && !isGatherND) return null
  return { input: first.inputs[0], channels: { dimensions: [data.length], kind: channels.kind, data } }
}

/** Of images and channels of a map. */
function isExchange(node: OnnxNode): boolean {
  return node.operator === 'Transpose' && orderOf(node, 4).join() === '1,0,2,3'
}
