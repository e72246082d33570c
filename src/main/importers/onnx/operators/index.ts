import { activationConverters } from './activation.ts'
import { arithmeticConverters } from './arithmetic.ts'
import { choosingConverters } from './choosing.ts'
import { convolutionConverters } from './convolution.ts'
import type { Converter } from '../../dataflow/operators/converter.ts'
import type { OnnxNode } from '../node.ts'
import { denseConverters } from './dense.ts'
import { normalizationConverters } from './normalization.ts'
import { poolingConverters } from './pooling.ts'
import { shapingConverters } from './shaping.ts'

/** Every ONNX operator that can be represented where it works on the image or on what follows from it. */
export const converters: ReadonlyMap<string, Converter<OnnxNode>> = new Map(
  Object.entries({
    ...convolutionConverters,
    ...denseConverters,
    ...activationConverters,
    ...poolingConverters,
    ...normalizationConverters,
    ...arithmeticConverters,
    ...shapingConverters,
    ...choosingConverters,
  }),
)
