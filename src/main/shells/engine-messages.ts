import type { EventName, Events, Reply } from '../../shared/contract.ts'

/** What crosses between a shell and the engine process, as structured clones. */

export type ToEngine =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly argument: unknown }
  /** Stop within a batch, close the project and exit with code 0. */
  | { readonly kind: 'close' }
  /** With a message port to it beside. */
  | { readonly kind: 'parser-started'; readonly id: number }
  /** What it wrote to stderr. */
  | { readonly kind: 'parser-words'; readonly id: number; readonly text: string }
  | { readonly kind: 'parser-ended'; readonly id: number; readonly how: string }

export type FromEngine =
  /** Sent once: from here on the engine listens. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Reply<unknown> }
  /** Where the engine starts no processes itself: one that reads a model. */
  | { readonly kind: 'start-parser' | 'kill-parser'; readonly id: number }
  | EngineEvent

export type EngineEvent = {
  [Name in EventName]: { readonly kind: 'event'; readonly name: Name; readonly payload: Events[Name] }
}[EventName]
