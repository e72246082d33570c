import type { EventName, Events } from '../../../shared/contract.ts'
import type { EngineEvent } from '../engine-messages.ts'

/** One event of the engine, typed. */
export function engineEvent<Name extends EventName>(name: Name, payload: Events[Name]): EngineEvent {
  return { kind: 'event', name, payload } as EngineEvent
}
