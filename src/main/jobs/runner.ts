import type { JobProgress } from '../../shared/jobs.ts'

/** What a job says while it works; the runner adds rate and time left. */
export interface Step {
  readonly phase: string
  readonly done: number
  readonly total: number
  readonly unit: string
}

/** What every job is handed. */
export interface JobContext {
  readonly signal: AbortSignal
  report(step: Step): void
}

/** Least time between two reports of one phase, milliseconds. */
const INTERVAL = 100

/**
 * Turns a job's steps into progress with rate and time left, at most ten a second;
 * the first and the last step of a phase always arrive.
 */
export function progressReporter(
  deliver: (progress: JobProgress) => void,
  now: () => number = () => performance.now(),
): (step: Step) => void {
  let phase: string | undefined
  let began = 0
  let doneAtStart = 0
  let delivered = 0
  return (step) => {
    const time = now()
    const first = step.phase !== phase
    if (first) {
      phase = step.phase
      began = time
      doneAtStart = step.done
    }
    if (!first && step.done < step.total && time - delivered < INTERVAL) return
    delivered = time
    const seconds = (time - began) / 1000
    const rate = seconds > 0 ? (step.done - doneAtStart) / seconds : 0
    deliver({ ...step, rate, secondsLeft: rate > 0 ? (step.total - step.done) / rate : null })
  }
}

/** Lets signals and messages be handled between two synchronous batches. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
