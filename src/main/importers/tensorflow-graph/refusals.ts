import type { VebiError } from '../../../shared/errors.ts'
import type { TensorFlowNode } from './node.ts'

const ATTENTION = 'which is part of attention; only networks of convolutions and dense layers are supported'
const QUANTISED = 'so the model is quantised; write it in floating point'
const RECURRENT = 'which is recurrent; only networks of convolutions and dense layers are supported'
const LOOKUP = 'which looks values up in a table; that is not supported'
const TEXT = 'which works on text; that is not supported'
const DECODING = 'which decodes a file; start the model at the image'
const RESIZING = 'which resizes images; resize them before the network'
const DETECTION = 'which detects objects; only networks that classify an image are supported'
const TRANSPOSED = 'which is a transposed convolution; that is not supported'
const RANDOM = 'which draws random numbers; write the model without its augmentation layers'
const CHOICE = 'which leaves a class without its scores; write the model up to the scores'

/** Why some well-known operators are not read, beyond not being supported. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['BatchMatMul', ATTENTION], ['BatchMatMulV3', ATTENTION], ['Einsum', ATTENTION],
  ['FakeQuantWithMinMaxVars', QUANTISED], ['FakeQuantWithMinMaxVarsPerChannel', QUANTISED],
  ['FakeQuantWithMinMaxArgs', QUANTISED], ['QuantizeV2', QUANTISED], ['Dequantize', QUANTISED],
  ['QuantizedConv2D', QUANTISED], ['QuantizeAndDequantizeV2', QUANTISED], ['QuantizeAndDequantizeV3', QUANTISED],
  ['BlockLSTM', RECURRENT], ['LSTMBlockCell', RECURRENT], ['GRUBlockCell', RECURRENT], ['CudnnRNN', RECURRENT],
  ['HashTable', LOOKUP], ['HashTableV2', LOOKUP], ['MutableHashTableV2', LOOKUP], ['LookupTableFind', LOOKUP],
  ['LookupTableFindV2', LOOKUP], ['LookupTableSizeV2', LOOKUP],
  ['StringSplit', TEXT], ['StringSplitV2', TEXT], ['StringJoin', TEXT], ['StringToHashBucketFast', TEXT],
  ['StringLower', TEXT], ['StringToNumber', TEXT], ['StaticRegexReplace', TEXT], ['AsString', TEXT],
  ['DecodeJpeg', DECODING], ['DecodePng', DECODING], ['DecodeImage', DECODING], ['DecodeRaw', DECODING],
  ['DecodeBase64', DECODING], ['ParseExample', DECODING], ['ParseExampleV2', DECODING], ['ReadFile', DECODING],
  ['ResizeBilinear', RESIZING], ['ResizeNearestNeighbor', RESIZING], ['ResizeBicubic', RESIZING],
  ['ResizeArea', RESIZING], ['CropAndResize', RESIZING],
  ['NonMaxSuppressionV2', DETECTION], ['NonMaxSuppressionV3', DETECTION], ['NonMaxSuppressionV4', DETECTION],
  ['NonMaxSuppressionV5', DETECTION], ['CombinedNonMaxSuppression', DETECTION],
  ['Conv2DBackpropInput', TRANSPOSED],
  ['StatelessRandomGetKeyCounter', RANDOM], ['StatelessRandomUniformV2', RANDOM], ['StatelessRandomNormalV2', RANDOM],
  ['StatelessRandomUniform', RANDOM], ['RandomUniform', RANDOM], ['RandomUniformInt', RANDOM],
  ['RandomStandardNormal', RANDOM],
  ['ArgMax', CHOICE], ['ArgMin', CHOICE], ['TopKV2', CHOICE],
])

/** The refusal of an operator that is not read. */
export function refusalOf(node: TensorFlowNode): VebiError {
  return node.unsupported(REASONS.get(node.operator) ?? 'which is not supported')
}
