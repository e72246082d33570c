import { describe, expect, it } from 'vitest'
import type { JobProgress } from '../../shared/jobs.ts'
import { breathe, progressReporter, type Step } from './runner.ts'

/** A reporter with a clock that the test sets, in milliseconds. */
function reporting(): { at: (time: number, step: Partial<Step>) => void; delivered: JobProgress[] } {
  const delivered: JobProgress[] = []
  let clock = 0
  const report = progressReporter((progress) => delivered.push(progress), () => clock)
  const at = (time: number, step: Partial<Step>): void => {
    clock = time
    report({ phase: 'extract', done: 0, total: 100, unit: 'images', ...step })
  }
  return { at, delivered }
}

describe('progress', () => {
  it('gives units per second and seconds left, from the start of the phase', () => {
    const { at, delivered } = reporting()
    at(5000, { done: 40 })
    at(7000, { done: 60 })
    at(9000, { done: 90 })
    expect(delivered).toEqual([
      { phase: 'extract', done: 40, total: 100, unit: 'images', rate: 0, secondsLeft: null },
      { phase: 'extract', done: 60, total: 100, unit: 'images', rate: 10, secondsLeft: 4 },
      { phase: 'extract', done: 90, total: 100, unit: 'images', rate: 12.5, secondsLeft: 0.8 },
    ])
  })

  it('passes at most ten a second, but always the first and the last of each phase', () => {
    const { at, delivered } = reporting()
    for (let time = 0; time < 1000; time++) at(time, { done: time / 20 })
    expect(delivered.length).toBe(10)
    at(1000, { done: 100 })
    at(1001, { phase: 'select', done: 1, total: 2 })
    at(1002, { phase: 'select', done: 2, total: 2 })
    expect(delivered.slice(-3).map(({ phase, done }) => `${phase} ${done}`)).toEqual(['extract 100', 'select 1', 'select 2'])
  })
})

describe('breathe', () => {
  it('lets a signal that is waiting be handled', async () => {
    let handled = false
    setImmediate(() => (handled = true))
    await breathe()
    expect(handled).toBe(true)
  })
})
