import type { OperatorSpecs } from '../../../shared/graph.ts'
import { makerOf } from '../dataflow/graph.ts'
import { perChannelScaling } from '../dataflow/operators/normalization.ts'
import type { ConstantOf } from '../dataflow/tensor.ts'
import { axesOf } from './axes.ts'
import type { OnnxGraph } from './file-graph.ts'
import type { OnnxNode } from './node.ts'

export interface ChannelScaling {
  /** Scales and shifts each channel. */
  readonly spec: OperatorSpecs['batchNorm']
  readonly input: string
}

/** One channel of a value, and what became of it. */
interface ScaledChannel {
  readonly source: string
  readonly channel: number
  readonly scale: number
  readonly offset: number
}

/**
 * Recognises how torchvision's pretrained GoogLeNet and Inception rescale their input: each colour is picked with a
 * Gather, multiplied and shifted by numbers, and a Concat puts all of them together again. Null where `last` is no such
 * Concat.
 */
export function channelScalingAt(graph: OnnxGraph, last: OnnxNode, constantOf: ConstantOf): ChannelScaling | null {
  if (last.operator !== 'Concat' || ![1, -3].includes(last.integer('axis', 0))) return null
  const channels = last.inputs.map((name) => scaledChannel(graph, name, constantOf))
  const input = channels[0]?.source
  if (input === undefined || !channels.every((each, place) => each?.source === input && each.channel === place)) {
    return null
  }
  const values = (role: 'scale' | 'offset') => Float32Array.from(channels, (each) => each![role])
  return { input, spec: perChannelScaling(values('scale'), values('offset')) }
}

/** What `name` holds, where it is one channel of a map [images, channels, height, width], scaled and shifted. */
function scaledChannel(graph: OnnxGraph, name: string, constantOf: ConstantOf): ScaledChannel | null {
  let at = name
  let scale = 1
  let offset = 0
  let isUnsqueezed = false
  for (;;) {
    const node = makerOf(graph, at)
    if (!node) return null
    const constants = node.inputs.map((input) => constantOf(input))
    const known = constants.findIndex((constant) => constant?.data.length === 1)
    const number = constants[known]?.data[0] ?? NaN
    at = node.inputs[known === 0 ? 1 : 0]
    // From the last operation back: what comes before is scaled by what was met already.
    if (node.operator === 'Mul' && known >= 0) scale *= number
    else if (node.operator === 'Add' && known >= 0) offset += scale * number
    else if (node.operator === 'Unsqueeze' && !isUnsqueezed) {
      const axes = axesOf(node, constants[1])
      if (axes.length !== 1 || (axes[0] !== 1 && axes[0] !== -3)) return null
      isUnsqueezed = true
    } else if (node.operator === 'Gather' && known === 1 && node.integer('axis', 0) === 1) {
      // A number takes the axis away, a list of one number keeps it.
      const isMap = constants[1]!.dimensions.length === (isUnsqueezed ? 0 : 1)
      return isMap ? { source: at, channel: number, scale, offset } : null
    } else return null
  }
}
