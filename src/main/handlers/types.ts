import type { ArgumentOf, MethodName, ResultOf } from '../../shared/contract.ts'

export type Handler<Name extends MethodName> = (argument: ArgumentOf<Name>) => ResultOf<Name> | Promise<ResultOf<Name>>

/** One for each method of the contract. */
export type Handlers = { readonly [Name in MethodName]: Handler<Name> }

/** Those of one noun. */
export type HandlersOf<Noun extends string> = Pick<Handlers, Extract<MethodName, `${Noun}.${string}`>>
