import { constants, setPriority } from 'node:os'
import { inspect } from 'node:util'
import { compact } from '../shared/codec.ts'
import { isolated } from './importers/isolated/index.ts'
import { ShellParsers, type MessagePort } from './importers/isolated/shell-parsers.ts'
import type { EngineEvent, FromEngine, ToEngine } from './shells/engine-messages.ts'
import { startWorkbench } from './workbench.ts'

/**
 * The engine process: owns the model, the jobs and the database and speaks the contract with the shell that started
 * it, which is Electron (`utilityProcess`) or Node (`child_process.fork` with `serialization: 'advanced'`). Faults go
 * to stderr, which the shell keeps in its log.
 */

/** Of Electron's `process.parentPort`, what is used here. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: ToEngine; ports: readonly MessagePort[] }) => void): void
  postMessage(message: FromEngine): void
}

interface Port {
  readonly post: (message: FromEngine) => void
  readonly listen: (listener: (message: ToEngine, ports: readonly MessagePort[]) => void) => void
  /** Whether this process may start others. */
  readonly canFork: boolean
}

yieldToTheWindow()
const port = portOf()
const workbench = startWorkbench(
  (name, payload) => port.post({ kind: 'event', name, payload } as EngineEvent),
  (error) => process.stderr.write(`${new Date().toISOString()} ${inspect(error)}\n`),
)
const parsers = new ShellParsers((message) => port.post(message))
if (!port.canFork) isolated.startBy(() => parsers.start())
let closing = false

port.listen((message, ports) => {
  switch (message.kind) {
    case 'call':
      void answer(message.id, message.name, message.argument)
      return
    case 'close':
      void close()
      return
    default:
      parsers.receive(message, ports)
  }
})

// Ctrl-C at a terminal reaches every process of the group; the shell decides what it means.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => void close())
process.on('disconnect', () => void close())

port.post({ kind: 'ready' })
// The first model is then opened without waiting for the process that reads it.
isolated.warm()

async function answer(id: number, name: string, argument: unknown): Promise<void> {
  const reply = await workbench.dispatch(name, argument)
  port.post({ kind: 'reply', id, reply: compact(reply).value })
}

async function close(): Promise<void> {
  if (closing) return
  closing = true
  await workbench.close()
  process.exit(0)
}

/**
 * A job takes every core; below normal priority, the window still gets its turn at once. Before TensorFlow starts its
 * threads, which inherit it. Where it is not allowed, the engine runs as it is.
 */
function yieldToTheWindow(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // The window is slower to answer, and nothing else.
  }
}

function portOf(): Port {
  const { parentPort } = process as { parentPort?: ParentPort }
  if (parentPort) {
    return {
      post: (message) => parentPort.postMessage(message),
      listen: (listener) => parentPort.on('message', ({ data, ports }) => listener(data, ports)),
      canFork: false,
    }
  }
  if (!process.send) throw new Error('The engine is started by a shell, not by hand.')
  return {
    post: (message) => {
      // What is said after the shell has gone reaches nobody.
      if (process.connected) process.send?.(message)
    },
    listen: (listener) => process.on('message', (message) => listener(message as ToEngine, [])),
    canFork: true,
  }
}
