import { expect, it } from 'vitest'
import { METHOD_NAMES } from '../../shared/method-names.ts'
import { SCHEMAS } from '../handlers/schemas.ts'

it('the bridge has the methods that the engine takes, and no others', () => {
  expect([...METHOD_NAMES].sort()).toEqual(Object.keys(SCHEMAS).sort())
})
