import type { z } from 'zod'
import type { ArgumentOf, MethodName, Reply, ResultOf } from '../shared/contract.ts'
import { VebiError } from '../shared/errors.ts'
import { SCHEMAS } from './handlers/schemas.ts'
import type { Handler, Handlers } from './handlers/types.ts'

/** Calls a method by name; never rejects. What comes in is not trusted: neither the name nor the argument. */
export type Dispatch = (name: string, argument: unknown) => Promise<Reply<unknown>>

const INTERNAL = 'Something went wrong inside VEBI Workbench; its log says more.'

/** @param onFault hears of errors that no user can mend; their text goes to the log and not to the caller. */
export function createDispatch(handlers: Handlers, onFault: (error: unknown) => void): Dispatch {
  return async (name, argument) => {
    try {
      if (!isMethod(name)) throw new VebiError('bad-argument', `There is no method "${name}".`)
      return { ok: true, result: await callMethod(handlers, name, argument) }
    } catch (error) {
      if (error instanceof VebiError && error.code !== 'internal') {
        return { ok: false, error: { code: error.code, sentence: error.message } }
      }
      onFault(error)
      return { ok: false, error: { code: 'internal', sentence: INTERNAL } }
    }
  }
}

async function callMethod<Name extends MethodName>(
  handlers: Handlers,
  name: Name,
  argument: unknown,
): Promise<ResultOf<Name>> {
  const handler: Handler<Name> = handlers[name]
  return handler(validate(name, argument))
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(SCHEMAS, name)
}

/** Throws VebiError('bad-argument') naming the method, the field and what is wrong with it. */
function validate<Name extends MethodName>(name: Name, argument: unknown): ArgumentOf<Name> {
  // A method without fields may be called without an argument.
  const schema: z.ZodType = SCHEMAS[name]
  const parsed = schema.safeParse(argument ?? {})
  if (parsed.success) return parsed.data as ArgumentOf<Name>
  const { path, message } = parsed.error.issues[0]
  const field = path.length === 0 ? '' : `, ${path.join('.')}`
  throw new VebiError('bad-argument', `${name}${field}: ${message.replace(/\.$/, '')}.`)
}
