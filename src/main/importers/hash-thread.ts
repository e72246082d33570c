import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { allFinite } from './finite.ts'

/** Entry of the thread of `ThreadHash`: takes the values that it is handed into a hash and hands them back. */

/** A text or the bytes of float32 values; null ends the hash, which is the answer then. */
export type HashInput = string | ArrayBuffer | null

/** The answer to bytes. */
export interface HashedBytes {
  readonly bytes: ArrayBuffer
  /** Whether no value is NaN or infinite. */
  readonly finite: boolean
}

const port = parentPort!
const hash = createHash('sha256')

port.on('message', (input: HashInput) => {
  if (input === null) port.postMessage(hash.digest('hex'))
  else if (typeof input === 'string') hash.update(input)
  else {
    hash.update(new Uint8Array(input))
    const finite = allFinite(new Float32Array(input))
    port.postMessage({ bytes: input, finite } satisfies HashedBytes, [input])
  }
})
