import { VebiError } from '../../shared/errors.ts'
import type { JobProgress, JobState } from '../../shared/jobs.ts'
import type { JobInfo } from '../../shared/work.ts'
import { canonicalJson } from './artifact-key.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'

export type JobEnd = Extract<JobState, 'finished' | 'cancelled' | 'failed'>

/** `spec` is JSON as given to `add`. */
export type JobRecord = JobInfo

export interface JobReader {
  get(id: number): JobRecord | undefined
  /** Latest first. */
  list(options?: { state?: JobState; limit?: number }): JobRecord[]
  /** What was kept of its end, null where nothing was. */
  result(id: number): unknown
}

export interface JobWriter extends JobReader {
  /** Records a job as queued and returns its id. `spec` is any JSON value. */
  add(kind: string, spec: unknown): number
  /** To `running`, from any state but `running` and `finished`: an unfinished job can be resumed. */
  start(id: number): void
  /** Each call is a commit to disk, so callers report at most a few times per second. */
  progress(id: number, progress: JobProgress): void
  /** From `queued` (cancelled before its turn) or `running`. */
  end(id: number, state: JobEnd, message?: string): void
  /** Keeps a JSON value with the job, until it is kept again. */
  keep(id: number, result: unknown): void
}

interface JobRow {
  id: number
  kind: string
  spec: string
  state: JobState
  progress: string
  message: string
  queued_at: number
  started_at: number | null
  ended_at: number | null
}

export function jobReader(database: ReadableDatabase): JobReader {
  return {
    get(id) {
      const row = database.get<JobRow>('SELECT * FROM jobs WHERE id = ?', id)
      return row && fromRow(row)
    },
    list: ({ state, limit } = {}) =>
      database
        .all<JobRow>(
          'SELECT * FROM jobs WHERE state = coalesce(?, state) ORDER BY id DESC LIMIT ?',
          state ?? null,
          limit ?? -1,
        )
        .map(fromRow),
    result(id) {
      const row = database.get<{ result: string }>('SELECT result FROM jobs WHERE id = ?', id)
      return row ? (JSON.parse(row.result) as unknown) : null
    },
  }
}

export function jobWriter(database: WritableDatabase): JobWriter {
  const change = (id: number, what: string, changes: number): void => {
    if (changes === 1) return
    const state = jobReader(database).get(id)?.state
    throw new VebiError('internal', `Job ${id} cannot ${what}: it is ${state ?? 'unknown'}.`)
  }
  return {
    ...jobReader(database),
    add: (kind, spec) =>
      database.run(
        'INSERT INTO jobs (kind, spec, state, queued_at) VALUES (?, ?, \'queued\', ?)',
        kind,
        canonicalJson(spec),
        Date.now(),
      ).lastId,
    start(id) {
      const { changes } = database.run(
        `UPDATE jobs SET state = 'running', progress = 'null', message = '', started_at = ?, ended_at = NULL
         WHERE id = ? AND state NOT IN ('running', 'finished')`,
        Date.now(),
        id,
      )
      change(id, 'start', changes)
    },
    progress(id, progress) {
      const { changes } = database.run(
        'UPDATE jobs SET progress = ? WHERE id = ? AND state = \'running\'',
        canonicalJson(progress),
        id,
      )
      change(id, 'report progress', changes)
    },
    end(id, state, message = '') {
      const { changes } = database.run(
        'UPDATE jobs SET state = ?, message = ?, ended_at = ? WHERE id = ? AND state IN (\'queued\', \'running\')',
        state,
        message,
        Date.now(),
        id,
      )
      change(id, 'end', changes)
    },
    keep(id, result) {
      const { changes } = database.run('UPDATE jobs SET result = ? WHERE id = ?', canonicalJson(result), id)
      change(id, 'keep a result', changes)
    },
  }
}

/** Jobs that a dead process left `running`; called once by the process that has just become the writer. */
export function markInterrupted(database: WritableDatabase): void {
  database.run(
    `UPDATE jobs SET state = 'interrupted', message = 'The program stopped before the job ended.', ended_at = ?
     WHERE state = 'running'`,
    Date.now(),
  )
}

function fromRow({ id, kind, state, message, ...row }: JobRow): JobRecord {
  return {
    id,
    kind,
    spec: JSON.parse(row.spec),
    state,
    progress: JSON.parse(row.progress) as JobProgress | null,
    message,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}
