import type { OperatorSpecs } from '../../../../shared/graph.ts'
import { CHANNELS_FIRST } from '../../dataflow/conversion.ts'
import type { Converter, Converters } from '../../dataflow/operators/converter.ts'
import { addBatchNormalization, channelsLast } from '../../dataflow/operators/normalization.ts'
import type { OnnxNode } from '../node.ts'

const batchNormalization: Converter<OnnxNode> = (conversion, node) => {
  if (node.integer('training_mode', 0) !== 0) {
    throw node.unsupported('in training mode; export the model for inference')
  }
  if (node.integer('spatial', 1) === 0) throw node.unsupported('that normalises each place by itself (spatial 0)')
  const input = channelsLast(conversion, node, conversion.input(node), CHANNELS_FIRST)
  conversion.finish(node, addBatchNormalization(conversion, node, input, 1, node.float('epsilon', 1e-5)))
}

/** ONNX divides alpha by the size of the window. */
const lrn: Converter<OnnxNode> = (conversion, node) => {
  const size = node.integer('size', 0)
  if (size < 1) throw node.setting('size', size, 'a number of channels')
  if (size % 2 === 0) throw node.unsupported(`whose window of ${size} channels is even; only centred ones are supported`)
  const spec: OperatorSpecs['lrn'] = {
    radius: (size - 1) / 2,
    bias: node.float('bias', 1),
    alpha: node.float('alpha', Math.fround(1e-4)) / size,
    beta: node.float('beta', 0.75),
  }
  const input = conversion.map(node, conversion.input(node), CHANNELS_FIRST)
  conversion.finish(node, conversion.unary(node, 'lrn', spec, input))
}

export const normalizationConverters: Converters<OnnxNode> = { BatchNormalization: batchNormalization, LRN: lrn }
