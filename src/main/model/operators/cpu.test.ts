import { describe } from 'vitest'
import { checkOperators } from './testing/check-operators.ts'

describe('operators on the plain JavaScript engine', () => checkOperators('cpu'))
