import { createHash } from 'node:crypto'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { HashInput } from './hash-thread.ts'

/** A SHA-256 over a text and then the bytes of arrays, in the order in which they are added. */
export interface WeightHash {
  /** The same values, when they have been hashed; the array that is passed may be unusable then. */
  add(values: Float32Array): Promise<Float32Array>
  /** Hex. */
  digest(): Promise<string>
  close(): void
}

/** Hashes at once, in this thread. */
export class DirectHash implements WeightHash {
  private readonly hash = createHash('sha256')

  constructor(text: string) {
    this.hash.update(text)
  }

  update(values: Float32Array): void {
    this.hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }

  add(values: Float32Array): Promise<Float32Array> {
    this.update(values)
    return Promise.resolve(values)
  }

  digest(): Promise<string> {
    return Promise.resolve(this.hash.digest('hex'))
  }

  close(): void {}
}

/** Hashes in a thread beside this one, which gets the memory of the arrays and gives it back: nothing is copied. */
export class ThreadHash implements WeightHash {
  private readonly thread = new Worker(path.join(import.meta.dirname, `hash-thread${path.extname(import.meta.filename)}`))
  private readonly waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = []
  private failure: Error | undefined

  constructor(text: string) {
    this.thread.on('message', (answer) => this.waiting.shift()!.resolve(answer))
    this.thread.on('error', (error: Error) => this.fail(error))
    this.thread.on('exit', () => this.fail(new Error('the thread that hashes has ended')))
    this.thread.postMessage(text satisfies HashInput)
  }

  async add(values: Float32Array): Promise<Float32Array> {
    const { buffer, byteLength } = values
    // Part of a larger buffer, whose other parts somebody else may hold.
    const own = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : values.slice().buffer
    const bytes = (await this.ask(own, [own])) as ArrayBuffer
    return own === buffer ? new Float32Array(bytes) : values
  }

  async digest(): Promise<string> {
    return (await this.ask(null, [])) as string
  }

  close(): void {
    void this.thread.terminate()
  }

  /** Nobody answers any more, neither what was asked nor what will be. */
  private fail(error: Error): void {
    this.failure ??= error
    this.waiting.splice(0).forEach(({ reject }) => reject(error))
  }

  private ask(input: HashInput, transfer: ArrayBuffer[]): Promise<unknown> {
    if (this.failure) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.thread.postMessage(input, transfer)
    })
  }
}
