import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ArgumentOf, Call, ContractError, Emit, EventName, Events, MethodName } from '../../shared/contract.ts'
import { VebiError } from '../../shared/errors.ts'
import type { JobInfo } from '../../shared/work.ts'
import { startWorkbench } from '../workbench.ts'

type Heard = { [Name in EventName]: { readonly name: Name; readonly payload: Events[Name] } }[EventName]

// Tests leave the user's own list of recent projects alone.
const ownState = process.env['VEBI_STATE'] === undefined ? join(tmpdir(), `vebi-state-${randomUUID()}`) : undefined
process.env['VEBI_STATE'] ??= ownState

/** A workbench with a caller that works as a window's does; keeps all events, faults and methods that answered. */
export function recordedWorkbench() {
  const events: Heard[] = []
  const faults: unknown[] = []
  const answered = new Set<string>()
  const listeners = new Set<(event: Heard) => void>()
  const emit: Emit = (name, payload) => {
    const event = { name, payload } as Heard
    events.push(event)
    for (const listener of [...listeners]) listener(event)
  }
  const workbench = startWorkbench(emit, (error) => faults.push(error))
  const { dispatch } = workbench
  const close = async (): Promise<void> => {
    await workbench.close()
    if (ownState !== undefined) await rm(ownState, { recursive: true, force: true })
  }

  const call = (async (name: MethodName, argument?: unknown) => {
    const reply = await dispatch(name, argument)
    if (!reply.ok) throw new VebiError(reply.error.code, reply.error.sentence)
    answered.add(name)
    return reply.result
  }) as Call

  /** The error with which a call is answered. */
  const refusal = async (name: string, argument?: unknown): Promise<ContractError> => {
    const reply = await dispatch(name, argument)
    if (!reply.ok) return reply.error
    throw new Error(`${name} was not refused: ${JSON.stringify(reply.result)}`)
  }

  /** The next event that `wanted` picks. */
  const heard = <Name extends EventName>(
    name: Name,
    wanted: (payload: Events[Name]) => boolean = () => true,
  ): Promise<Events[Name]> => {
    const { promise, resolve } = Promise.withResolvers<Events[Name]>()
    const listener = (event: Heard): void => {
      if (event.name !== name || !wanted(event.payload as Events[Name])) return
      listeners.delete(listener)
      resolve(event.payload as Events[Name])
    }
    listeners.add(listener)
    return promise
  }

  const ended = (id: number): Promise<JobInfo> =>
    heard('job.state', (job) => job.id === id && job.state !== 'queued' && job.state !== 'running')

  /** Runs a job to its end. */
  const work = async (argument: ArgumentOf<'jobs.start'>): Promise<JobInfo> => {
    const { id } = await call('jobs.start', argument)
    return ended(id)
  }

  /** Payloads of one event, in order. */
  const all = <Name extends EventName>(name: Name): Events[Name][] =>
    events.filter((event) => event.name === name).map((event) => event.payload as Events[Name])

  return { call, refusal, heard, ended, work, all, answered, faults, close }
}
