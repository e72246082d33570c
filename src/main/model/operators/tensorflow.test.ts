import { describe } from 'vitest'
import { reasonOf } from '../../../shared/errors.ts'
import { startEngine } from '../engine.ts'
import { checkOperators } from './testing/check-operators.ts'

const missing = await startEngine('tensorflow').then(() => '', reasonOf)

describe.skipIf(missing !== '')(`operators on native TensorFlow ${missing && `(skipped: ${missing})`}`, () => {
  checkOperators('tensorflow')
})
