import { reasonOf, VebiError } from '../../../shared/errors.ts'
import { parseModel } from '../index.ts'
import { MemoryLimit } from './memory-limit.ts'
import type { FromParser, ParseRequest } from './messages.ts'
import { packGraph } from './packed-graph.ts'
import type { MessagePort } from './shell-parsers.ts'

/**
 * Entry of the process that reads models which others made: whatever they do to it, the program that asked goes on.
 * Started by `child_process.fork` with `serialization: 'advanced'`, or by Electron, which hands over a port to the
 * engine; answers one request at a time.
 */

/** Of Electron's `process.parentPort`, what is used here. */
interface ParentPort {
  on(event: 'message', listener: (event: { ports: readonly MessagePort[] }) => void): void
}

/** Values that one message holds, so that the next ones are not copied before these have gone. */
const VALUES_PER_MESSAGE = 2 ** 22

const limit = new MemoryLimit()

const { parentPort } = process as { parentPort?: ParentPort }
let send: (message: FromParser) => Promise<void>
if (parentPort) {
  parentPort.on('message', ({ ports: [port] }) => {
    send = (message) => Promise.resolve(port.postMessage(message))
    port.on('message', ({ data }) => void answer(data as ParseRequest))
    port.start()
  })
} else {
  send = sendToParent
  process.on('message', (request) => void answer(request as ParseRequest))
  process.on('disconnect', () => process.exit())
}
// Ctrl-C at a terminal reaches every process of the group; whoever asked decides what it means.
process.on('SIGINT', () => {})

async function answer({ location, options, memory }: ParseRequest): Promise<void> {
  limit.set(memory)
  try {
    const { packed, following } = packGraph(await parseModel(location, options))
    await send({ kind: 'graph', graph: packed })
    for (const [weight, values] of following) {
      for (let start = 0; start < values.length; start += VALUES_PER_MESSAGE) {
        await send({ kind: 'values', weight, start, values: values.slice(start, start + VALUES_PER_MESSAGE) })
      }
    }
    limit.set(0)
    await send({ kind: 'done', memory: process.memoryUsage.rss() })
  } catch (error) {
    limit.set(0)
    const code = error instanceof VebiError ? error.code : 'bad-file'
    const sentence = error instanceof VebiError ? error.message : `${location} cannot be read: ${reasonOf(error)}.`
    await send({ kind: 'refused', code, sentence, memory: process.memoryUsage.rss() })
  }
}

function sendToParent(message: FromParser): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(message, undefined, undefined, (error) => (error ? reject(error) : resolve()))
  })
}
