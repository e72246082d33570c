import type { EventName, Events } from './contract.ts'
import type { EngineState } from './host.ts'

/**
 * How a browser tab speaks with `vebi serve`.
 *
 * - `POST /api/call`: the body is `encode({ name, argument })` of codec.ts, the answer `encode(reply)` with a `Reply`
 *   of the contract. Any status but 200 carries `{ code, sentence }` as JSON: the call did not reach the engine.
 * - `GET /api/events`: server-sent events, each of them a `ServerMessage` as JSON. A stream begins with the state of
 *   the engine, the open project and its unfinished jobs, so that a page that lost its connection needs nothing else.
 * - `GET /image/<id>?view=&side=`: a picture, see image-address.ts.
 *
 * A tab proves itself with a cookie that it gets for the token in the address that was printed.
 */

export const API_CALL = '/api/call'
export const API_EVENTS = '/api/events'
export const CALL_TYPE = 'application/octet-stream'
/** Bytes of a call's argument: an image of 64 MiB, and room for what is around it. */
export const MOST_CALL_BYTES = 80 * 2 ** 20

export type ServerMessage =
  | { readonly kind: 'engine'; readonly state: EngineState }
  | { [Name in EventName]: { readonly kind: 'event'; readonly name: Name; readonly payload: Events[Name] } }[EventName]
