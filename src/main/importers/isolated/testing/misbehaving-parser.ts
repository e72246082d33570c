import { MemoryLimit } from '../memory-limit.ts'
import type { ParseRequest } from '../messages.ts'

/** Takes the place of the reading process in tests: the name of the file says what goes wrong. */
const limit = new MemoryLimit()
const kept: Uint8Array[] = []

process.on('message', (request) => {
  const { location, memory } = request as ParseRequest
  limit.set(memory)
  if (location.includes('loop')) for (;;);
  if (location.includes('memory')) for (;;) kept.push(new Uint8Array(2 ** 24).fill(1))
  if (location.includes('stack')) nest()
  if (location.includes('crash')) process.abort()
  process.exit(3)
})
process.on('disconnect', () => process.exit())

function nest(): never {
  return nest()
}
