import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { JobProgress } from '../../shared/jobs.ts'
import type { JobInfo, Work, WorkKind, WorkSpecs } from '../../shared/work.ts'
import { canonicalJson } from '../store/artifact-key.ts'
import type { JobRecord } from '../store/job-log.ts'
import { ablate } from './ablation.ts'
import { average } from './averages.ts'
import { runCheck } from './checks/index.ts'
import { evaluate } from './evaluation.ts'
import { explain } from './explanation.ts'
import { extract } from './extraction.ts'
import { explainFolder } from './folder-explanation.ts'
import { writeFigures } from './figures.ts'
import { predict } from './predictions.ts'
import type { Project } from './project.ts'
import { breathe, progressReporter, type JobContext } from './runner.ts'
import { writeReport } from './report.ts'
import { select } from './selection.ts'

type Runner<Kind extends WorkKind> = (
  project: Project,
  spec: WorkSpecs[Kind],
  context: JobContext,
) => Promise<unknown>

/** The function behind each kind of work. Results go to the store; what they return is read from there. */
const RUNNERS: { readonly [Kind in WorkKind]: Runner<Kind> } = {
  extraction: extract,
  selection: select,
  ablation: ablate,
  averages: average,
  explanation: explain,
  evaluation: evaluate,
  check: runCheck,
  predictions: predict,
  'folder-explanation': explainFolder,
  figures: writeFigures,
  report: writeReport,
}

/** Kinds whose end is told nowhere else than in their record. */
const KEPT_RESULTS: ReadonlySet<string> = new Set<WorkKind>(['figures', 'report'])

/** Least time between two records of the running job's progress, milliseconds: each is a commit to disk. */
const RECORD_INTERVAL = 2000

export interface QueueListener {
  onState(job: JobInfo): void
  onProgress(id: number, progress: JobProgress): void
  /** An error that no user can mend, for the log. */
  onFault(error: unknown): void
}

interface Running {
  readonly id: number
  readonly controller: AbortController
  /** False for the moment between its turn and its start. */
  started: boolean
  progress: JobProgress | null
}

/**
 * The jobs of an open project, one at a time, first come first served. Each keeps its record in the project, so that
 * it can be resumed by another process: `close` leaves a running job as a crash would, to be found `interrupted`.
 */
export class JobQueue {
  private readonly project: Project
  private readonly listener: QueueListener
  private readonly waiting: number[] = []
  private running: Running | undefined
  /** Settles when nothing runs any more. */
  private working: Promise<void> = Promise.resolve()
  private closing = false

  constructor(project: Project, listener: QueueListener) {
    this.project = project
    this.listener = listener
    const { jobs } = project.store
    for (const { id } of jobs.list({ state: 'queued' })) {
      jobs.end(id, 'cancelled', 'The program stopped before its turn.')
    }
  }

  /** Throws VebiError('busy') while a job runs or waits. */
  requireIdle(): void {
    if (this.running || this.waiting.length > 0) {
      throw new VebiError('busy', `A job is running in ${this.project.folder}: cancel it first, or wait for its end.`)
    }
  }

  /** Queues work. Work that waits or runs already is not queued twice. */
  start({ kind, spec }: Work): JobInfo {
    this.requireOpen()
    const wanted = canonicalJson({ kind, spec })
    const pending = [...(this.running ? [this.running.id] : []), ...this.waiting].map((id) => this.get(id))
    const same = pending.find((job) => canonicalJson({ kind: job.kind, spec: job.spec }) === wanted)
    return same ?? this.enqueue(this.project.store.jobs.add(kind, spec))
  }

  /** Queues a job again that was cancelled, failed or interrupted. Throws VebiError('bad-argument') for any other. */
  resume(id: number): JobInfo {
    this.requireOpen()
    const job = this.get(id)
    if (job.state === 'cancelled' || job.state === 'failed' || job.state === 'interrupted') return this.enqueue(id)
    throw new VebiError('bad-argument', `Job ${id} cannot be resumed: it is ${job.state}.`)
  }

  /** Takes a waiting job out, or stops the running one within a batch. Other jobs have ended: they stay as they are. */
  cancel(id: number): JobInfo {
    const place = this.waiting.indexOf(id)
    if (place >= 0) {
      this.waiting.splice(place, 1)
      const { jobs } = this.project.store
      // A job that waited to be resumed keeps the record of its end.
      if (jobs.get(id)?.state === 'queued') jobs.end(id, 'cancelled', 'Cancelled by the user.')
      this.listener.onState(this.get(id))
    } else if (this.running?.id === id) {
      this.running.controller.abort()
    }
    return this.get(id)
  }

  /** Throws VebiError('bad-argument') for a job that does not exist. */
  get(id: number): JobInfo {
    const record = this.project.store.jobs.get(id)
    if (record) return this.describe(record)
    throw new VebiError('bad-argument', `There is no job ${id} in ${this.project.folder}.`)
  }

  /** Latest first. */
  list(limit?: number): JobInfo[] {
    const options = limit === undefined ? {} : { limit }
    return this.project.store.jobs.list(options).map((record) => this.describe(record))
  }

  /** Stops the running job within a batch; it can be resumed when the project is opened again, as can those waiting. */
  async close(): Promise<void> {
    this.closing = true
    for (const id of this.waiting.splice(0)) {
      const { jobs } = this.project.store
      if (jobs.get(id)?.state === 'queued') jobs.end(id, 'cancelled', 'The project was closed before its turn.')
    }
    this.running?.controller.abort()
    await this.working
  }

  private enqueue(id: number): JobInfo {
    this.waiting.push(id)
    const job = this.get(id)
    this.listener.onState(job)
    if (!this.running) this.next()
    return job
  }

  private next(): void {
    const id = this.waiting.shift()
    if (id === undefined) return
    const running: Running = { id, controller: new AbortController(), started: false, progress: null }
    this.running = running
    this.working = this.work(running)
      .catch((error: unknown) => this.listener.onFault(error))
      .finally(() => {
        this.running = undefined
        if (!this.closing) this.next()
      })
  }

  /** How a job ends is in its record. */
  private async work(running: Running): Promise<void> {
    // Whoever starts a job gets the answer before news of it.
    await breathe()
    const { id } = running
    const { jobs } = this.project.store
    try {
      jobs.start(id)
      running.started = true
      this.listener.onState(this.get(id))
      const { kind, spec } = this.get(id)
      const context = { signal: running.controller.signal, report: this.reporter(running) }
      const result = await this.run({ kind, spec } as Work, context)
      if (KEPT_RESULTS.has(kind)) jobs.keep(id, result)
      if (running.progress) jobs.progress(id, running.progress)
      jobs.end(id, 'finished')
    } catch (error) {
      this.fail(running, error)
    }
    // A listener may ask for the list and must find the job ended.
    this.running = undefined
    if (!this.closing) this.listener.onState(this.get(id))
  }

  private run<Kind extends WorkKind>(
    { kind, spec }: { kind: Kind; spec: WorkSpecs[Kind] },
    context: JobContext,
  ): Promise<unknown> {
    return RUNNERS[kind](this.project, spec, context)
  }

  private fail({ id }: Running, error: unknown): void {
    const { jobs } = this.project.store
    const cancelled = error instanceof VebiError && error.code === 'cancelled'
    // Left `running`, it is `interrupted` when the project is opened again.
    if (cancelled && this.closing) return
    if (!(error instanceof VebiError)) this.listener.onFault(error)
    try {
      jobs.end(id, cancelled ? 'cancelled' : 'failed', reasonOf(error))
    } catch (fault) {
      // The disk may be full: the record is lost, and the job is found `interrupted` later.
      this.listener.onFault(fault)
    }
  }

  private reporter(running: Running): JobContext['report'] {
    let recorded = performance.now()
    return progressReporter((progress) => {
      running.progress = progress
      if (performance.now() - recorded >= RECORD_INTERVAL) {
        recorded = performance.now()
        this.project.store.jobs.progress(running.id, progress)
      }
      this.listener.onProgress(running.id, progress)
    })
  }

  private describe(record: JobRecord): JobInfo {
    const { id } = record
    const running = this.running?.id === id ? this.running : undefined
    if (running?.started) return { ...record, progress: running.progress }
    const pending = running !== undefined || this.waiting.includes(id)
    return pending ? { ...record, state: 'queued', progress: null, message: '', endedAt: null } : record
  }

  private requireOpen(): void {
    if (this.closing) throw new VebiError('not-ready', `${this.project.folder} is being closed.`)
  }
}
