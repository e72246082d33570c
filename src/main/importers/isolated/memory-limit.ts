import path from 'node:path'
import { Worker } from 'node:worker_threads'

/** Bounds the resident memory of this process from a thread beside it, which ends the process. */
export class MemoryLimit {
  private readonly bytes = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT))

  constructor() {
    const file = path.join(import.meta.dirname, `watchdog${path.extname(import.meta.filename)}`)
    new Worker(file, { workerData: this.bytes }).unref()
  }

  /** 0 for none. */
  set(bytes: number): void {
    this.bytes[0] = bytes
  }
}
