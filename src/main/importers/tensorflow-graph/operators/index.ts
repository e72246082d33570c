import type { Converter } from '../../dataflow/operators/converter.ts'
import type { TensorFlowNode } from '../node.ts'
import { activationConverters } from './activation.ts'
import { arithmeticConverters } from './arithmetic.ts'
import { normalizationConverters } from './normalization.ts'
import { poolingConverters } from './pooling.ts'
import { shapingConverters } from './shaping.ts'
import { weightedConverters } from './weighted.ts'

/** Every TensorFlow operator that can be represented where it works on the image or on what follows from it. */
export const converters: ReadonlyMap<string, Converter<TensorFlowNode>> = new Map(
  Object.entries({
    ...weightedConverters,
    ...activationConverters,
    ...poolingConverters,
    ...normalizationConverters,
    ...arithmeticConverters,
    ...shapingConverters,
  }),
)
