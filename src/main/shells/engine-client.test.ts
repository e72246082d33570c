import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EngineState } from '../../shared/host.ts'
import type { ProjectInfo } from '../../shared/project-info.ts'
import type { JobInfo } from '../../shared/work.ts'
import { EngineClient, type EngineProcess } from './engine-client.ts'
import type { EngineEvent, FromEngine, ToEngine } from './engine-messages.ts'
import { engineEvent } from './testing/engine-event.ts'

/** A process whose every word is written by the test. */
class ScriptedProcess implements EngineProcess {
  readonly received: ToEngine[] = []
  killed = false
  private readonly listeners: ((message: FromEngine) => void)[] = []
  private readonly exits: ((how: string) => void)[] = []

  post = (message: ToEngine): void => void this.received.push(message)
  onMessage = (listener: (message: FromEngine) => void): void => void this.listeners.push(listener)
  onExit = (listener: (how: string) => void): void => void this.exits.push(listener)
  kill = (): void => {
    this.killed = true
    this.exit('signal SIGKILL')
  }

  say(message: FromEngine): void {
    for (const listener of this.listeners) listener(message)
  }

  exit(how: string): void {
    for (const listener of this.exits.splice(0)) listener(how)
  }

  get calls(): { name: string; argument: unknown; id: number }[] {
    return this.received.flatMap((message) => (message.kind === 'call' ? [message] : []))
  }

  /** Answers the latest call of a method. */
  answer(name: string, result: unknown): void {
    const call = this.calls.findLast((each) => each.name === name)
    if (!call) throw new Error(`${name} was not called`)
    this.say({ kind: 'reply', id: call.id, reply: { ok: true, result } })
  }
}

const project = { folder: '/data/flowers' } as ProjectInfo
const job = (id: number, state: JobInfo['state']): JobInfo => ({ id, state }) as JobInfo

let processes: ScriptedProcess[]
let events: EngineEvent[]
let states: EngineState[]
let client: EngineClient

const latest = (): ScriptedProcess => processes.at(-1)!
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
  processes = []
  events = []
  states = []
  client = new EngineClient(
    () => {
      const started = new ScriptedProcess()
      processes.push(started)
      return started
    },
    { onEvent: (event) => events.push(event), onState: (state) => states.push(state) },
  )
})

afterEach(() => vi.useRealTimers())

async function ready(): Promise<void> {
  latest().say({ kind: 'ready' })
  await settle()
}

describe('a call', () => {
  it('waits until the engine listens and gets its own answer', async () => {
    const first = client.call('jobs.get', { id: 1 })
    const second = client.call('jobs.get', { id: 2 })
    expect(latest().received).toEqual([])
    await ready()
    expect(client.state).toEqual({ state: 'running', sentence: '' })
    const [{ id: firstId }, { id: secondId }] = latest().calls
    latest().say({ kind: 'reply', id: secondId, reply: { ok: true, result: 'two' } })
    latest().say({ kind: 'reply', id: firstId, reply: { ok: true, result: 'one' } })
    expect([await first, await second]).toEqual([{ ok: true, result: 'one' }, { ok: true, result: 'two' }])
  })

  it('is answered when the engine crashes, and those after it wait for the next engine', async () => {
    await ready()
    const before = client.call('engine.info', {})
    latest().exit('signal SIGKILL')
    expect(await before).toEqual({
      ok: false,
      error: {
        code: 'internal',
        sentence: 'The engine has stopped unexpectedly (signal SIGKILL) before it answered.',
      },
    })
    expect(client.state.state).toBe('restarting')
    expect(client.state.sentence).toContain('signal SIGKILL')
    const after = client.call('engine.info', {})
    await settle()
    expect(processes).toHaveLength(2)
    await ready()
    latest().answer('engine.info', 'here')
    expect(await after).toEqual({ ok: true, result: 'here' })
    expect(states.map(({ state }) => state)).toEqual(['running', 'restarting', 'running'])
  })
})

describe('after a crash', () => {
  beforeEach(async () => {
    await ready()
    latest().say(engineEvent('project.changed', project))
    latest().say(engineEvent('job.state', job(3, 'running')))
    latest().say(engineEvent('job.state', job(4, 'finished')))
    expect([client.project, client.working]).toEqual([project, true])
    events.length = 0
  })

  it('the project is opened again and its jobs are told, before anything else is asked', async () => {
    latest().exit('exit code 1')
    const call = client.call('project.info', {})
    await settle()
    await ready()
    expect(client.state.state).toBe('restarting')
    expect(latest().calls).toMatchObject([{ name: 'project.open', argument: { folder: '/data/flowers' } }])
    latest().say(engineEvent('project.changed', project))
    latest().answer('project.open', project)
    await settle()
    expect(latest().calls[1]).toMatchObject({ name: 'jobs.get', argument: { id: 3 } })
    latest().answer('jobs.get', job(3, 'interrupted'))
    await settle()
    expect(client.state.state).toBe('running')
    expect(client.working).toBe(false)
    expect(events).toEqual([
      engineEvent('project.changed', project),
      engineEvent('job.state', job(3, 'interrupted')),
    ])
    expect(latest().calls.map(({ name }) => name)).toEqual(['project.open', 'jobs.get', 'project.info'])
    latest().answer('project.info', project)
    expect(await call).toMatchObject({ ok: true })
  })

  it('a project that cannot be opened any more is closed, with its reason', async () => {
    latest().exit('exit code 1')
    await settle()
    await ready()
    const { id } = latest().calls[0]
    const error = { code: 'missing-file', sentence: 'The model is gone.' } as const
    latest().say({ kind: 'reply', id, reply: { ok: false, error } })
    await settle()
    expect(client.state).toEqual({
      state: 'running',
      sentence: 'The engine was restarted, but /data/flowers could not be opened again: The model is gone.',
    })
    expect(events).toEqual([engineEvent('project.changed', null)])
  })

  it('a project whose opening crashes the engine is not opened a second time', async () => {
    latest().exit('exit code 1')
    await settle()
    await ready()
    latest().exit('exit code 1')
    await vi.advanceTimersByTimeAsync(1000)
    await ready()
    expect(latest().calls).toEqual([])
    expect([client.project, client.state.state]).toEqual([null, 'running'])
  })

  it('after four within a short time the engine is lost, and every call is told so', async () => {
    for (let i = 0; i < 4; i++) {
      latest().exit('exit code 134')
      await vi.advanceTimersByTimeAsync(5000)
    }
    expect(processes).toHaveLength(4)
    expect(client.state.state).toBe('lost')
    expect(client.state.sentence).toContain('4 times')
    expect(await client.call('engine.info', {})).toMatchObject({ error: { sentence: client.state.sentence } })
  })
})

describe('closing', () => {
  it('asks the engine to stop, waits for its end, and is no crash', async () => {
    await ready()
    const pending = client.call('jobs.start', {})
    let closed = false
    const closing = client.close().then(() => (closed = true))
    await settle()
    expect([latest().received.at(-1), closed]).toEqual([{ kind: 'close' }, false])
    latest().exit('exit code 0')
    await closing
    expect(await pending).toMatchObject({ ok: false })
    expect(await client.call('engine.info', {})).toMatchObject({ ok: false })
    expect([processes.length, latest().killed, states.length]).toEqual([1, false, 1])
  })

  it('kills an engine that does not stop', async () => {
    await ready()
    const closing = client.close()
    await vi.advanceTimersByTimeAsync(30_000)
    await closing
    expect(latest().killed).toBe(true)
  })

  it('between a crash and the restart starts nothing any more', async () => {
    await ready()
    latest().exit('exit code 1')
    await client.close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(processes).toHaveLength(1)
  })
})
