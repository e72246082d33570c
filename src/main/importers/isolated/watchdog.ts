import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { OUT_OF_MEMORY } from './messages.ts'

/**
 * Ends its process when that takes too much memory. A thread of its own: the one that reads a model may be in a loop
 * that never comes back. Reads the limit (bytes, 0 while nothing is read) from the shared array that it is given.
 */
const INTERVAL = 50

const limit = workerData as Float64Array

setInterval(() => {
  if (limit[0] === 0 || process.memoryUsage.rss() < limit[0]) return
  writeSync(2, `${OUT_OF_MEMORY}\n`)
  process.kill(process.pid, 'SIGKILL')
}, INTERVAL)
