import type { ContractError, Reply } from '../../shared/contract.ts'
import type { EngineState } from '../../shared/host.ts'
import type { ProjectInfo } from '../../shared/project-info.ts'
import type { JobInfo } from '../../shared/work.ts'
import type { EngineEvent, FromEngine, ToEngine } from './engine-messages.ts'
import { afterCrash } from './restart-policy.ts'

/** A started engine process, whatever started it. */
export interface EngineProcess {
  readonly post: (message: ToEngine) => void
  readonly onMessage: (listener: (message: FromEngine) => void) => void
  /** Told once. `how` says how it ended: `exit code 1`, `signal SIGKILL`. */
  readonly onExit: (listener: (how: string) => void) => void
  readonly kill: () => void
}

export interface EngineListener {
  readonly onEvent: (event: EngineEvent) => void
  readonly onState: (state: EngineState) => void
}

interface Pending {
  readonly name: string
  readonly argument: unknown
  readonly answer: (reply: Reply<unknown>) => void
}

/** How long an engine may take to stop before it is killed, which the store survives; milliseconds. */
const CLOSE_TIME = 30_000

/**
 * A shell's end of the engine process. A crash is noticed and told, what was asked is answered with an error, and the
 * engine is started anew with the project that was open; calls that come meanwhile wait. Its jobs are then found
 * `interrupted` and can be resumed.
 */
export class EngineClient {
  private readonly spawn: () => EngineProcess
  private readonly listener: EngineListener
  private process: EngineProcess | undefined
  private current: EngineState = { state: 'starting', sentence: '' }
  private nextId = 1
  /** Sent, not answered. */
  private readonly asked = new Map<number, Pending>()
  /** Not sent: the engine is not there yet. */
  private held: Pending[] = []
  private crashes: readonly number[] = []
  private openProject: ProjectInfo | null = null
  private readonly unfinished = new Set<number>()
  private restartTimer: NodeJS.Timeout | undefined
  private closed: Promise<void> | undefined

  constructor(spawn: () => EngineProcess, listener: EngineListener) {
    this.spawn = spawn
    this.listener = listener
    this.start()
  }

  get state(): EngineState {
    return this.current
  }

  /** Null where none is open. */
  get project(): ProjectInfo | null {
    return this.openProject
  }

  /** Whether a job runs or waits. */
  get working(): boolean {
    return this.unfinished.size > 0
  }

  /** Never rejects, as the engine's own dispatch. */
  call(name: string, argument: unknown): Promise<Reply<unknown>> {
    if (this.closed) return Promise.resolve(failure('The program is being closed.'))
    if (this.current.state === 'lost') return Promise.resolve(failure(this.current.sentence))
    return new Promise((answer) => {
      const pending = { name, argument, answer }
      if (this.current.state === 'running') this.ask(pending)
      else this.held.push(pending)
    })
  }

  /** Stops a running job within a batch, closes the project and ends the process. */
  close(): Promise<void> {
    this.closed ??= this.end()
    return this.closed
  }

  private start(): void {
    let process: EngineProcess
    try {
      process = this.spawn()
    } catch (error) {
      this.crash(error instanceof Error ? error.message : String(error))
      return
    }
    this.process = process
    process.onMessage((message) => {
      if (this.process === process) this.receive(message)
    })
    process.onExit((how) => {
      if (this.process !== process) return
      this.process = undefined
      if (!this.closed) this.crash(how)
    })
  }

  private receive(message: FromEngine): void {
    switch (message.kind) {
      case 'ready':
        void this.welcome()
        return
      case 'reply':
        this.asked.get(message.id)?.answer(message.reply)
        this.asked.delete(message.id)
        return
      case 'event':
        this.remember(message)
        this.listener.onEvent(message)
        return
      // For the shell that started the engine, which has taken them.
      case 'start-parser':
      case 'kill-parser':
    }
  }

  private remember(event: EngineEvent): void {
    if (event.name === 'project.changed') {
      this.openProject = event.payload
      this.unfinished.clear()
    }
    if (event.name === 'job.state') {
      const { id, state } = event.payload
      if (state === 'queued' || state === 'running') this.unfinished.add(id)
      else this.unfinished.delete(id)
    }
  }

  private async welcome(): Promise<void> {
    const sentence = this.openProject ? await this.reopen(this.openProject) : ''
    if (!this.process || this.closed) return
    this.tell({ state: 'running', sentence })
    for (const pending of this.held.splice(0)) this.ask(pending)
  }

  /** @returns A sentence where the project could not be opened again. */
  private async reopen({ folder }: ProjectInfo): Promise<string> {
    const interrupted = [...this.unfinished]
    const opened = await this.askFor('project.open', { folder })
    if (!opened.ok) {
      // A project whose opening crashes the engine is not tried twice either.
      this.forgetProject()
      return `The engine was restarted, but ${folder} could not be opened again: ${opened.error.sentence}`
    }
    for (const id of interrupted) {
      const job = await this.askFor('jobs.get', { id })
      if (job.ok) this.listener.onEvent({ kind: 'event', name: 'job.state', payload: job.result as JobInfo })
    }
    return ''
  }

  private crash(how: string): void {
    const decision = afterCrash(this.crashes, Date.now())
    this.crashes = decision.crashes
    const stopped = `The engine has stopped unexpectedly (${how})`
    if (decision.restart) {
      this.tell({
        state: 'restarting',
        sentence: `${stopped} and is being restarted. What was finished is kept; a job that ran can be resumed.`,
      })
    } else {
      this.tell({
        state: 'lost',
        sentence: `${stopped} ${decision.crashes.length} times within two minutes and is not started again. What was finished is kept: close the program and start it anew; its log says more.`,
      })
    }
    const unanswered = [...this.asked.values(), ...(decision.restart ? [] : this.held.splice(0))]
    this.asked.clear()
    for (const { answer } of unanswered) answer(failure(`${stopped} before it answered.`))
    if (decision.restart) this.restartTimer = setTimeout(() => this.start(), decision.delay)
  }

  private forgetProject(): void {
    if (!this.openProject) return
    const event: EngineEvent = { kind: 'event', name: 'project.changed', payload: null }
    this.remember(event)
    this.listener.onEvent(event)
  }

  private askFor(name: string, argument: unknown): Promise<Reply<unknown>> {
    return new Promise((answer) => this.ask({ name, argument, answer }))
  }

  private ask(pending: Pending): void {
    const id = this.nextId++
    this.asked.set(id, pending)
    this.process?.post({ kind: 'call', id, name: pending.name, argument: pending.argument })
  }

  private tell(state: EngineState): void {
    this.current = state
    this.listener.onState(state)
  }

  private async end(): Promise<void> {
    clearTimeout(this.restartTimer)
    for (const { answer } of this.held.splice(0)) answer(failure('The program is being closed.'))
    const { process } = this
    if (process) {
      const gone = new Promise<void>((resolve) => process.onExit(() => resolve()))
      process.post({ kind: 'close' })
      const timer = setTimeout(() => process.kill(), CLOSE_TIME)
      await gone
      clearTimeout(timer)
    }
    for (const { answer } of this.asked.values()) answer(failure('The program was closed before the answer came.'))
    this.asked.clear()
  }
}

function failure(sentence: string): { readonly ok: false; readonly error: ContractError } {
  return { ok: false, error: { code: 'internal', sentence } }
}
