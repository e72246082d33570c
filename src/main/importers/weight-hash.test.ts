import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { DirectHash, ThreadHash, type WeightHash } from './weight-hash.ts'

function started(kind: 'direct' | 'thread'): WeightHash {
  const hash = kind === 'direct' ? new DirectHash('text') : new ThreadHash('text')
  onTestFinished(() => hash.close())
  return hash
}

test.each(['direct', 'thread'] as const)('%s: the SHA-256 of text and arrays, which come back', async (kind) => {
  const hash = started(kind)
  const all = Float32Array.of(1, 2, 3, 4, 5)
  const part = all.subarray(1, 4)
  expect([...(await hash.add(all.slice()))]).toEqual([1, 2, 3, 4, 5])
  expect(await hash.add(part)).toBe(part)
  // Others may hold what lies around a part.
  expect([...all]).toEqual([1, 2, 3, 4, 5])
  const bytes = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const plain = createHash('sha256').update('text').update(bytes(all)).update(bytes(part)).digest('hex')
  expect(await hash.digest()).toBe(plain)
})

test('a thread that has failed answers everything that is asked later, too', async () => {
  const hash = started('thread')
  await hash.digest()
  // A hash ends once: the thread stops at the second question.
  await expect(hash.digest()).rejects.toThrow(/Digest already called/)
  await expect(hash.add(Float32Array.of(1))).rejects.toThrow(/Digest already called/)
  const closed = started('thread')
  closed.close()
  await expect(closed.digest()).rejects.toThrow('the thread that hashes has ended')
})
