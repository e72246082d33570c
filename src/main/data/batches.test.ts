import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { VebiError } from '../../shared/errors.ts'
import { batches } from './batches.ts'
import type { Batch, BatchOptions } from './batches.ts'
import { preprocess } from './preprocess.ts'
import { validatePreprocessing } from './preprocessing.ts'
import type { ImageSource, RawImage } from './types.ts'

const preprocessing = validatePreprocessing({ height: 2, width: 3, channels: 3, scale: 0.5, mean: 1 })

function imageOf(index: number): RawImage {
  return { height: 2, width: 3, channels: 3, data: new Uint8Array(18).fill(index).map((level, i) => level * 3 + i) }
}

/** A source of `count` images that come out of order; it counts reads and how many run at once. */
function fakeSource(count: number, broken: readonly number[] = []) {
  const seen = { reads: 0, inFlight: 0, most: 0 }
  const source: ImageSource = {
    location: 'fake',
    classes: ['a'],
    notes: [],
    records: Array.from({ length: count }, (_, index) => (
      { hash: String(index), label: 0, name: `image ${index}`, hasMask: false })),
    async read(index) {
      seen.reads++
      seen.most = Math.max(seen.most, ++seen.inFlight)
      await setTimeout((index * 7) % 3)
      seen.inFlight--
      if (broken.includes(index)) throw new VebiError('bad-file', `"image ${index}" cannot be decoded: broken.`)
      return imageOf(index)
    },
    readMask: () => Promise.reject(new VebiError('bad-data', 'No masks.')),
  }
  return { source, seen }
}

async function collect(source: ImageSource, options: BatchOptions): Promise<Batch[]> {
  const all: Batch[] = []
  for await (const batch of batches(source, preprocessing, options)) all.push(batch)
  return all
}

function expectData(batch: Batch): void {
  expect([...batch.data]).toEqual([...batch.indexes].flatMap((index) => [...preprocess(imageOf(index), preprocessing)]))
}

describe('batches', () => {
  it.each([0, 1, 5])('hold the images in order with %i batches of prefetch', async (prefetch) => {
    const all = await collect(fakeSource(10).source, { batchSize: 4, prefetch })
    expect(all.map(({ indexes }) => [...indexes])).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    all.forEach(expectData)
  })

  it('resume at a position with the same batches', async () => {
    const whole = await collect(fakeSource(23, [5, 13]).source, { batchSize: 4 })
    const rest = await collect(fakeSource(23, [5, 13]).source, { batchSize: 4, start: 8 })
    expect(rest).toEqual(whole.slice(2))
  })

  it('visit given images, and a range of them', async () => {
    const indexes = [9, 3, 3, 0, 7]
    const visited = async (options: Partial<BatchOptions>) => (
      await collect(fakeSource(10).source, { batchSize: 2, indexes, ...options })).map((batch) => [...batch.indexes])
    expect(await visited({})).toEqual([[9, 3], [3, 0], [7]])
    expect(await visited({ indexes: Uint32Array.from(indexes), start: 2, end: 4 })).toEqual([[3, 0]])
    expect(await visited({ indexes: [] })).toEqual([])
  })

  it('report unreadable images and leave the others in place', async () => {
    const all = await collect(fakeSource(9, [1, 3, 4, 5]).source, { batchSize: 3 })
    expect(all.map(({ indexes }) => [...indexes])).toEqual([[0, 2], [], [6, 7, 8]])
    all.forEach(expectData)
    expect(all[0].failures).toEqual([{ index: 1, name: 'image 1', reason: '"image 1" cannot be decoded: broken.' }])
    expect(all[1].failures.map(({ index }) => index)).toEqual([3, 4, 5])
  })

  it('never run further ahead than the prefetch', async () => {
    const { source, seen } = fakeSource(400)
    const generator = batches(source, preprocessing, { batchSize: 10, prefetch: 2 })
    for (let taken = 1; taken <= 5; taken++) {
      await generator.next()
      await setTimeout(30)
      expect(seen.reads).toBe((taken + 2) * 10)
    }
    await generator.return()
    expect(seen.reads).toBe(70)
  })

  it('write over data that nobody needs any more only when told to', async () => {
    const visit = async (reuse: boolean): Promise<number> => {
      const memory = new Set<ArrayBufferLike>()
      const { source } = fakeSource(42, [5, 30])
      for await (const batch of batches(source, preprocessing, { batchSize: 4, prefetch: 1, reuse })) {
        expectData(batch)
        if (batch.indexes.length === 4) memory.add(batch.data.buffer)
      }
      return memory.size
    }
    expect(await visit(false)).toBe(8)
    expect(await visit(true)).toBeLessThanOrEqual(4)
  })

  it('decode the next batch while the consumer works, but not all at once', async () => {
    const { source, seen } = fakeSource(300)
    for await (const batch of batches(source, preprocessing, { batchSize: 100 })) expectData(batch)
    expect(seen.most).toBeGreaterThan(4)
    expect(seen.most).toBeLessThanOrEqual(64)
  })

  it('keep few large images in decoding at once', async () => {
    const { source, seen } = fakeSource(60)
    // 100 MB, of which the crop reads ten columns.
    const large: RawImage = { height: 10, width: 10_000_000, channels: 1, data: new Uint8Array(100_000_000) }
    const largeSource: ImageSource = { ...source, read: (index) => source.read(index).then(() => large) }
    const crop = validatePreprocessing({ height: 10, width: 10, channels: 1, resize: 'crop' })
    const most: number[] = []
    for await (const batch of batches(largeSource, crop, { batchSize: 10 })) {
      expect(batch.indexes.length).toBe(10)
      most.push(seen.most)
      seen.most = 0
    }
    expect(most[0]).toBe(4)
    expect(Math.max(...most.slice(1))).toBe(2)
  })

  it('stop when cancelled, without reading on', async () => {
    const { source, seen } = fakeSource(1000)
    const controller = new AbortController()
    const visit = async () => {
      for await (const batch of batches(source, preprocessing, { batchSize: 10, signal: controller.signal })) {
        if (batch.indexes[0] === 20) controller.abort()
      }
    }
    await expect(visit()).rejects.toMatchObject({ code: 'cancelled' })
    await setTimeout(20)
    expect(seen.reads).toBeLessThanOrEqual(60)
  })

  it.each<[BatchOptions, string]>([
    [{ batchSize: 0 }, 'The batch size must be a positive integer, not 0.'],
    [{ batchSize: 1, start: 3, end: 2 }, 'The range 3..2 does not lie within the 4 images.'],
    [{ batchSize: 1, end: 5 }, 'The range 0..5 does not lie within the 4 images.'],
    [{ batchSize: 1, prefetch: -1 }, 'The number of batches to prefetch must be an integer from 0 on, not -1.'],
    [{ batchSize: 1, indexes: [4] }, 'There is no image 4 in "fake".'],
  ])('refuse %o', async (options, sentence) => {
    await expect(collect(fakeSource(4).source, options)).rejects.toMatchObject(
      { code: 'bad-argument', message: sentence })
  })
})
