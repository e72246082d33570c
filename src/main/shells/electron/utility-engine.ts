import type { utilityProcess } from 'electron'
import type { EngineProcess } from '../engine-client.ts'
import type { FromEngine } from '../engine-messages.ts'
import type { UtilityParsers } from './utility-parsers.ts'

/**
 * Starts the engine in a process of Electron's that needs no `RunAsNode`.
 *
 * @param file Module of the engine process.
 * @param parsers Starts the processes that the engine asks for.
 * @param onLog Hears what it writes to stderr.
 */
export function startUtilityEngine(
  utility: Pick<typeof utilityProcess, 'fork'>,
  file: string,
  parsers: UtilityParsers,
  onLog: (text: string) => void,
): EngineProcess {
  const child = utility.fork(file, [], { serviceName: 'VEBI engine', stdio: ['ignore', 'ignore', 'pipe'] })
  let ended: string | undefined
  child.stderr?.setEncoding?.('utf8')
  child.stderr?.on('data', (data: unknown) => onLog(String(data)))
  child.once('exit', (code) => {
    ended = `exit code ${code}`
    parsers.close()
  })
  return {
    post: (message) => {
      if (ended === undefined) child.postMessage(message)
    },
    onMessage: (listener) =>
      child.on('message', (message) => {
        if (!parsers.serve(child, message as FromEngine)) listener(message as FromEngine)
      }),
    onExit: (listener) => {
      if (ended === undefined) child.once('exit', (code) => listener(`exit code ${code}`))
      else listener(ended)
    },
    kill: () => void child.kill(),
  }
}
