import { CHANNELS_LAST } from '../../dataflow/conversion.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { addBatchNormalization, channelsLast } from '../../dataflow/operators/normalization.ts'
import type { TensorFlowNode } from '../node.ts'
import { fusedActivation } from './activation.ts'

const batchNormalization: Converter<TensorFlowNode> = (conversion, node) => {
  node.requireChannelsLast()
  if (node.truth('is_training', true)) throw node.unsupported('in training mode; write the model for inference')
  const input = channelsLast(conversion, node, conversion.input(node), CHANNELS_LAST)
  const value = addBatchNormalization(conversion, node, input, 1, node.float('epsilon', 1e-4))
  const curve = node.text('activation_mode', 'Identity')
  if (node.integer('num_side_inputs', 0) > 0) throw node.unsupported('that adds another value on the way')
  conversion.finish(node, curve === 'Identity' ? value : fusedActivation(conversion, node, curve, value, 0))
}

const lrn: Converter<TensorFlowNode> = (conversion, node) => {
  const spec = {
    radius: node.integer('depth_radius', 5),
    bias: node.float('bias', 1),
    alpha: node.float('alpha', 1),
    beta: node.float('beta', 0.5),
  }
  const input = conversion.map(node, conversion.input(node), CHANNELS_LAST)
  conversion.finish(node, conversion.unary(node, 'lrn', spec, input))
}

export const normalizationConverters: Converters<TensorFlowNode> = {
  FusedBatchNorm: batchNormalization,
  FusedBatchNormV2: batchNormalization,
  FusedBatchNormV3: batchNormalization,
  _FusedBatchNormEx: batchNormalization,
  LRN: lrn,
}
