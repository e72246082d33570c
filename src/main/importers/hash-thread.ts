import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

/** Entry of the thread of `ThreadHash`: takes the bytes that it is handed into a hash and hands them back. */

/** A text or bytes; null ends the hash, which is the answer then. */
export type HashInput = string | ArrayBuffer | null

const port = parentPort!
const hash = createHash('sha256')

port.on('message', (input: HashInput) => {
  if (input === null) port.postMessage(hash.digest('hex'))
  else if (typeof input === 'string') hash.update(input)
  else {
    hash.update(new Uint8Array(input))
    port.postMessage(input, [input])
  }
})
