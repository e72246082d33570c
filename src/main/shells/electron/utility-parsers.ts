import type { MessageChannelMain, UtilityProcess, utilityProcess } from 'electron'
import type { FromEngine, ToEngine } from '../engine-messages.ts'

/**
 * Starts the processes that read models for the engine: a utility process can start none itself. The engine and each of
 * them speak over a port of their own.
 *
 * @param file Module of such a process.
 */
export class UtilityParsers {
  private readonly utility: Pick<typeof utilityProcess, 'fork'>
  private readonly newChannel: () => MessageChannelMain
  private readonly file: string
  private readonly running = new Map<number, UtilityProcess>()

  constructor(utility: Pick<typeof utilityProcess, 'fork'>, newChannel: () => MessageChannelMain, file: string) {
    this.utility = utility
    this.newChannel = newChannel
    this.file = file
  }

  /** Whether the message was for here. */
  serve(engine: Pick<UtilityProcess, 'postMessage'>, message: FromEngine): boolean {
    if (message.kind === 'start-parser') this.start(engine, message.id)
    else if (message.kind === 'kill-parser') this.running.get(message.id)?.kill()
    else return false
    return true
  }

  /** When the engine has gone. */
  close(): void {
    for (const parser of this.running.values()) parser.kill()
  }

  private start(engine: Pick<UtilityProcess, 'postMessage'>, id: number): void {
    const parser = this.utility.fork(this.file, [], { serviceName: 'VEBI model reader', stdio: ['ignore', 'ignore', 'pipe'] })
    this.running.set(id, parser)
    const tell = (message: ToEngine): void => engine.postMessage(message)
    parser.stderr?.setEncoding?.('utf8')
    parser.stderr?.on('data', (data: unknown) => tell({ kind: 'parser-words', id, text: String(data) }))
    parser.once('exit', (code) => {
      // After what it wrote last.
      setTimeout(() => {
        if (this.running.delete(id)) tell({ kind: 'parser-ended', id, how: `exit code ${code}` })
      }, WORDS_ARRIVE_WITHIN)
    })
    const { port1, port2 } = this.newChannel()
    parser.postMessage(null, [port1])
    engine.postMessage({ kind: 'parser-started', id } satisfies ToEngine, [port2])
  }
}

/** Milliseconds. */
const WORDS_ARRIVE_WITHIN = 50
