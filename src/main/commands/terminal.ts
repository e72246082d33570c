import cliProgress from 'cli-progress'
import { reasonOf, VebiError } from '../../shared/errors.ts'
import type { JobProgress } from '../../shared/jobs.ts'
import { progressReporter, type JobContext } from '../jobs/runner.ts'

/** What a command says goes to stdout, as text or with `--json` as one JSON document; all else goes to stderr. */
export function say(json: boolean | undefined, document: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`)
}

/** A sentence that a person should read though the work goes on; on stderr. */
export function note(sentence: string): void {
  process.stderr.write(`Note: ${sentence}\n`)
}

/** One sentence on stderr and a non-zero exit code: 130 after Ctrl-C, as shells expect, else 1. */
export function fail(error: unknown): void {
  const known = error instanceof VebiError
  if (known && error.code === 'cancelled') {
    process.stderr.write('Cancelled. What was finished is kept; the same command goes on from there.\n')
    process.exitCode = 130
    return
  }
  process.stderr.write(`vebi: ${reasonOf(error)}\n`)
  if (!known && process.env['VEBI_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
}

/**
 * Runs work that Ctrl-C cancels within one batch. A second Ctrl-C ends the process at once; the store survives that.
 * Progress goes to stderr: a bar with rate and time left on a terminal, else one line at the start and end of a phase.
 */
export async function withContext<Result>(work: (context: JobContext) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write('\nStopping after this batch (Ctrl-C again to stop at once) ...\n')
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const display = process.stderr.isTTY ? new Bar() : new Lines()
  try {
    return await work({ signal: controller.signal, report: progressReporter((progress) => display.show(progress)) })
  } finally {
    display.end()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

class Bar {
  private bar: cliProgress.SingleBar | undefined
  private phase = ''

  show(progress: JobProgress): void {
    if (progress.phase !== this.phase) {
      this.end()
      this.phase = progress.phase
      this.bar = new cliProgress.SingleBar(
        {
          format: '{phase} [{bar}] {value}/{total} {unit}, {rate}/s, {left} left',
          hideCursor: true,
          stream: process.stderr,
          noTTYOutput: false,
        },
        cliProgress.Presets.rect,
      )
      this.bar.start(Math.round(progress.total), 0, payload(progress))
    }
    this.bar?.update(Math.round(progress.done), payload(progress))
  }

  end(): void {
    this.bar?.stop()
    this.bar = undefined
    this.phase = ''
  }
}

/** Least time between two lines of one phase where there is no terminal, milliseconds. */
const LINE_INTERVAL = 10_000

class Lines {
  private phase = ''
  private written = 0

  show(progress: JobProgress): void {
    const last = progress.done >= progress.total
    if (progress.phase === this.phase && !last && performance.now() - this.written < LINE_INTERVAL) return
    this.phase = last ? '' : progress.phase
    this.written = performance.now()
    const { rate, left } = payload(progress)
    process.stderr.write(
      `${progress.phase}: ${Math.round(progress.done)}/${progress.total} ${progress.unit}, ${rate}/s${last ? '' : `, ${left} left`}\n`,
    )
  }

  end(): void {
    this.phase = ''
  }
}

function payload({ phase, unit, rate, secondsLeft }: JobProgress): {
  phase: string
  unit: string
  rate: string
  left: string
} {
  return {
    phase,
    unit,
    rate: rate >= 10 ? rate.toFixed(0) : rate.toFixed(1),
    left: secondsLeft === null ? '?' : duration(secondsLeft),
  }
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/** Columns padded to their widest cell: those of text left-aligned (the first, unless told), the others right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  isText: (column: number) => boolean = (column) => column === 0,
): string {
  const lines = [header, ...rows].map((row) => row.map(String))
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
