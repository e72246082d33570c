import { fork } from 'node:child_process'
import path from 'node:path'
import type { FromParser, ParseRequest } from './messages.ts'

/** A started process that reads models, whatever started it. */
export interface ParserProcess {
  readonly post: (request: ParseRequest) => void
  /** Takes the place of the listener before. */
  readonly onMessage: (listener: (message: FromParser) => void) => void
  /** Told once, also when it has ended before. `how` says how: `exit code 1`, `signal SIGKILL`. */
  readonly onExit: (listener: (how: string) => void) => void
  /** The last of what it wrote to stderr. */
  readonly lastWords: () => string
  /** Whether the program waits for it before it ends by itself. */
  readonly hold: (held: boolean) => void
  readonly kill: () => void
}

/** Characters of stderr that are kept. */
export const LAST_WORDS = 4096

const PARSER = path.join(import.meta.dirname, `parser${path.extname(import.meta.filename)}`)

/** Starts the process under Node. */
export function forkParser(file = PARSER): ParserProcess {
  // Flags such as those of a debugger are for the program that asks.
  const child = fork(file, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  let words = ''
  let ended: string | undefined
  let listener: (message: FromParser) => void = () => {}
  let exitListener: (how: string) => void = () => {}
  const end = (how: string): void => {
    if (ended !== undefined) return
    ended = how
    exitListener(how)
  }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-LAST_WORDS)))
  child.on('message', (message) => listener(message as FromParser))
  // Not at its exit: what it wrote to stderr comes until then.
  child.once('close', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`))
  child.on('error', (error) => {
    if (child.pid === undefined) end(error.message)
  })
  return {
    post: (request) => {
      // The end of the process is told by its exit, and by nothing else.
      if (child.connected) child.send(request, () => {})
    },
    onMessage: (next) => (listener = next),
    onExit: (next) => {
      exitListener = next
      if (ended !== undefined) next(ended)
    },
    lastWords: () => words,
    hold: (held) => {
      const stderr = child.stderr as unknown as { ref(): void; unref(): void } | null
      for (const part of [child, child.channel, stderr]) {
        if (held) part?.ref()
        else part?.unref()
      }
    },
    kill: () => child.kill('SIGKILL'),
  }
}
