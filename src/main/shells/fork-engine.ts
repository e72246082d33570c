import { fork } from 'node:child_process'
import type { EngineProcess } from './engine-client.ts'
import type { FromEngine } from './engine-messages.ts'

/**
 * Starts the engine under Node.
 *
 * @param file Module of the engine process.
 * @param onLog Hears what it writes to stderr.
 */
export function forkEngine(file: string, onLog: (text: string) => void): EngineProcess {
  // Typed arrays keep their types on the way only with the advanced serialization.
  const child = fork(file, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  child.stderr?.setEncoding('utf8').on('data', onLog)
  return {
    post: (message) => {
      // The end of the process is told by its exit, and by nothing else.
      if (child.connected) child.send(message, () => {})
    },
    onMessage: (listener) => child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => {
      const { exitCode, signalCode } = child
      if (exitCode !== null || signalCode !== null) listener(describeExit(exitCode, signalCode))
      else {
        child.once('exit', (code, signal) => listener(describeExit(code, signal)))
        // An error before the start has no exit.
        child.once('error', (error) => {
          if (child.pid === undefined) listener(error.message)
        })
      }
    },
    kill: () => child.kill('SIGKILL'),
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}
