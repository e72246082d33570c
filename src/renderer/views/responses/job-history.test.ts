import { expect, it } from 'vitest'
import type { JobState } from '../../../shared/jobs.ts'
import type { JobInfo } from '../../../shared/work.ts'
import { formatMoment, isActive, isResumable, secondsRun } from './job-history.ts'

function job(state: JobState, startedAt: number | null = null, endedAt: number | null = null): JobInfo {
  return { id: 1, kind: 'extraction', spec: {}, state, progress: null, message: '', queuedAt: 0, startedAt, endedAt }
}

it('knows what can be cancelled and what can be resumed', () => {
  const states: JobState[] = ['queued', 'running', 'finished', 'cancelled', 'failed', 'interrupted']
  expect(states.filter((state) => isActive(job(state)))).toEqual(['queued', 'running'])
  expect(states.filter((state) => isResumable(job(state)))).toEqual(['cancelled', 'failed', 'interrupted'])
})

it('tells how long a job took, or has run', () => {
  expect(secondsRun(job('finished', 1000, 3500), 9000)).toBe(2.5)
  expect(secondsRun(job('running', 1000), 4000)).toBe(3)
  expect(secondsRun(job('queued'), 4000)).toBeNull()
  // The end of an interrupted job is not known, and one that is resumed has the end of the time before.
  expect(secondsRun(job('interrupted', 1000), 4000)).toBeNull()
  expect(secondsRun(job('queued', 1000, 500), 4000)).toBeNull()
})

it('writes the time of day today, and the date before', () => {
  const now = new Date(2026, 10, 23, 18, 0).getTime()
  expect(formatMoment(new Date(2026, 10, 23, 4, 5, 6).getTime(), now)).toBe('04:05:06')
  expect(formatMoment(new Date(2026, 0, 2, 13, 5).getTime(), now)).toBe('2026-01-02 13:05')
})
