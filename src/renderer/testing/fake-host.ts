import { createPinia, setActivePinia } from 'pinia'
import { createApp, type App } from 'vue'
import type { ArgumentOf, Call, EventName, Events, MethodName, On, ResultOf } from '../../shared/contract.ts'
import { VebiError } from '../../shared/errors.ts'
import type { EngineState, Host } from '../../shared/host.ts'
import { HOST } from '../api/host.ts'

export type Answers = {
  readonly [Name in MethodName]?: (argument: ArgumentOf<Name>) => ResultOf<Name> | Promise<ResultOf<Name>>
}

export interface FakeHost {
  readonly host: Host
  readonly emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void
  readonly tellEngineState: (state: EngineState) => void
  /** What was called, in order. */
  readonly calls: { readonly name: MethodName; readonly argument: unknown }[]
}

/** A host without an engine: answers as told, and refuses every other method with `not-ready`. */
export function fakeHost(answers: Answers): FakeHost {
  const calls: { name: MethodName; argument: unknown }[] = []
  const listeners = new Map<EventName, Set<(payload: never) => void>>()
  const stateListeners = new Set<(state: EngineState) => void>()
  const call: Call = async (name, ...argument) => {
    calls.push({ name, argument: argument[0] })
    const answer = answers[name] as ((argument: unknown) => ResultOf<typeof name>) | undefined
    if (!answer) throw new VebiError('not-ready', `${name} is not ready.`)
    return answer(argument[0] ?? {})
  }
  const on: On = (name, listener) => {
    const set = listeners.get(name) ?? new Set()
    listeners.set(name, set.add(listener))
    return () => set.delete(listener)
  }
  return {
    calls,
    host: {
      kind: 'browser',
      call,
      on,
      onEngineState(listener) {
        stateListeners.add(listener)
        listener({ state: 'running', sentence: '' })
        return () => stateListeners.delete(listener)
      },
      onCommand: () => () => {},
      choosePath: undefined,
      pathOf: () => null,
      openLink: () => {},
      copyText: () => Promise.resolve(),
      onOpenPath: () => () => {},
    },
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) (listener as (payload: unknown) => void)(payload)
    },
    tellEngineState(state) {
      for (const listener of stateListeners) listener(state)
    },
  }
}

/** Runs `setup` where stores and composables find the host, as in a component of the page. */
export function withHost<Value>(host: Host, setup: () => Value): { readonly value: Value; readonly app: App } {
  const app = createApp({})
  const pinia = createPinia()
  app.provide(HOST, host)
  app.use(pinia)
  setActivePinia(pinia)
  return { value: app.runWithContext(setup), app }
}
