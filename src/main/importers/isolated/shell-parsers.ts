import type { FromParser, ParseRequest } from './messages.ts'
import { LAST_WORDS, type ParserProcess } from './parser-process.ts'

/** Of a message port of Electron's, what is used here. */
export interface MessagePort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  start(): void
  postMessage(message: unknown): void
}

/** What the shell is asked for; see `shells/engine-messages.ts`. */
export type ToShell = { readonly kind: 'start-parser' | 'kill-parser'; readonly id: number }

/** What it tells; the port comes beside the message. */
export type FromShell =
  | { readonly kind: 'parser-started'; readonly id: number }
  | { readonly kind: 'parser-words'; readonly id: number; readonly text: string }
  | { readonly kind: 'parser-ended'; readonly id: number; readonly how: string }

interface Started {
  readonly connect: (port: MessagePort) => void
  readonly hear: (text: string) => void
  readonly end: (how: string) => void
}

/**
 * Reading processes that the shell starts: a packaged Electron runs no module by `fork`, and only its main process
 * starts utility processes. What they read comes over a port between them and the engine.
 */
export class ShellParsers {
  private readonly ask: (message: ToShell) => void
  private readonly started = new Map<number, Started>()
  private nextId = 1

  constructor(ask: (message: ToShell) => void) {
    this.ask = ask
  }

  start(): ParserProcess {
    const id = this.nextId++
    const waiting: ParseRequest[] = []
    let port: MessagePort | undefined
    let words = ''
    let ended: string | undefined
    let listener: (message: FromParser) => void = () => {}
    let exitListener: (how: string) => void = () => {}
    this.started.set(id, {
      connect: (given) => {
        port = given
        given.on('message', ({ data }) => listener(data as FromParser))
        given.start()
        for (const request of waiting.splice(0)) given.postMessage(request)
      },
      hear: (text) => (words = (words + text).slice(-LAST_WORDS)),
      end: (how) => {
        ended = how
        this.started.delete(id)
        exitListener(how)
      },
    })
    this.ask({ kind: 'start-parser', id })
    return {
      post: (request) => {
        if (port) port.postMessage(request)
        else waiting.push(request)
      },
      onMessage: (next) => (listener = next),
      onExit: (next) => {
        exitListener = next
        if (ended !== undefined) next(ended)
      },
      lastWords: () => words,
      hold: () => {},
      kill: () => this.ask({ kind: 'kill-parser', id }),
    }
  }

  receive(message: FromShell, ports: readonly MessagePort[]): void {
    const parser = this.started.get(message.id)
    if (message.kind === 'parser-started') parser?.connect(ports[0])
    else if (message.kind === 'parser-words') parser?.hear(message.text)
    else parser?.end(message.how)
  }
}
