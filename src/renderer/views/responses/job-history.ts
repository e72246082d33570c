import type { JobState } from '../../../shared/jobs.ts'
import type { JobInfo } from '../../../shared/work.ts'

export const STATE_WORDS: Record<JobState, string> = {
  queued: 'waits',
  running: 'runs',
  finished: 'finished',
  cancelled: 'cancelled',
  failed: 'failed',
  interrupted: 'interrupted',
}

/** Whether `jobs.resume` takes it. */
export function isResumable({ state }: JobInfo): boolean {
  return state === 'cancelled' || state === 'failed' || state === 'interrupted'
}

export function isActive({ state }: JobInfo): boolean {
  return state === 'queued' || state === 'running'
}

/** Seconds that a job has run, to its end or until now; null where it has not begun or its end is not known. */
export function secondsRun({ state, startedAt, endedAt }: JobInfo, now: number): number | null {
  if (startedAt === null) return null
  if (state === 'running') return Math.max(0, now - startedAt) / 1000
  return endedAt === null || endedAt < startedAt ? null : (endedAt - startedAt) / 1000
}

/** `14:03:27` today, else `2026-11-23 14:03`, in local time. Milliseconds since 1970. */
export function formatMoment(time: number, now: number): string {
  const date = new Date(time)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`
  if (date.toDateString() === new Date(now).toDateString()) return `${clock}:${two(date.getSeconds())}`
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`
}
