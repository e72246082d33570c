import { decode, encode } from '../../shared/codec.ts'
import type { Call, ContractError, EventName, Events, On, Reply, ResultOf } from '../../shared/contract.ts'
import { VebiError } from '../../shared/errors.ts'
import { LINKS, type EngineState, type Host } from '../../shared/host.ts'
import { API_CALL, API_EVENTS, CALL_TYPE, type ServerMessage } from '../../shared/web-protocol.ts'
import { copyText, type ClipboardWays } from './copy-text.ts'

const GONE: EngineState = {
  state: 'lost',
  sentence: 'The connection to vebi serve is lost. Start it again and open the address that it prints.',
}
const RECONNECTING: EngineState = { state: 'restarting', sentence: 'The connection to vebi serve is interrupted; trying again.' }

/** What of the browser the host needs; replaced in tests. */
export interface Web {
  readonly fetch: (address: string, init: RequestInit) => Promise<Response>
  readonly openEvents: (address: string) => EventSource
  readonly openWindow: (address: string) => void
  readonly clipboard: ClipboardWays
}

/** A browser tab of `vebi serve`: calls over HTTP, news over server-sent events. */
export function browserHost(web: Web): Host {
  const call: Call = async (name, ...argument) => {
    const body = encode(argument.length === 0 ? { name } : { name, argument: argument[0] })
    const response = await web
      .fetch(API_CALL, { method: 'POST', headers: { 'Content-Type': CALL_TYPE }, body })
      .catch(() => {
        throw new VebiError('internal', 'vebi serve does not answer. Check that it still runs on its machine.')
      })
    if (!response.ok) throw await refusalOf(response)
    const reply = decode(new Uint8Array(await response.arrayBuffer())) as Reply<ResultOf<typeof name>>
    if (reply.ok) return reply.result
    throw new VebiError(reply.error.code, reply.error.sentence)
  }

  const listeners = new Map<EventName, Set<(payload: never) => void>>()
  const stateListeners = new Set<(state: EngineState) => void>()
  let state: EngineState = { state: 'starting', sentence: '' }
  const tellState = (next: EngineState): void => {
    state = next
    for (const listener of stateListeners) listener(next)
  }
  const tell = <Name extends EventName>(name: Name, payload: Events[Name]): void => {
    for (const listener of listeners.get(name) ?? []) (listener as (payload: Events[Name]) => void)(payload)
  }
  const events = web.openEvents(API_EVENTS)
  events.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as ServerMessage
    if (message.kind === 'engine') tellState(message.state)
    else tell(message.name, message.payload)
  })
  events.addEventListener('error', () => {
    tellState(events.readyState === events.CLOSED ? GONE : RECONNECTING)
  })

  const on: On = (name, listener) => {
    const set = listeners.get(name) ?? new Set()
    listeners.set(name, set.add(listener))
    return () => set.delete(listener)
  }
  return {
    kind: 'browser',
    call,
    on,
    onEngineState(listener) {
      stateListeners.add(listener)
      listener(state)
      return () => stateListeners.delete(listener)
    },
    onCommand: () => () => {},
    choosePath: undefined,
    pathOf: () => null,
    openLink: (link) => web.openWindow(LINKS[link]),
    copyText: (text) => copyText(text, web.clipboard),
    onOpenPath: () => () => {},
  }
}

async function refusalOf(response: Response): Promise<VebiError> {
  const refusal = (await response.json().catch(() => null)) as ContractError | null
  if (refusal) return new VebiError(refusal.code, refusal.sentence)
  return new VebiError('internal', `vebi serve refused the request with status ${response.status}.`)
}
