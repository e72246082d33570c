import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NumericArray } from '../../shared/matrix.ts'
import { dataTypeOf } from './array-blob.ts'
import { openWritable } from './database.ts'
import { artifactStore, MAX_ARRAY_BYTES } from './artifacts.ts'
import { openProject, PART_BYTES, partRanges } from './index.ts'
import { failureOf } from './testing/failures.ts'
import { temporaryFolders } from './testing/folders.ts'

const temporaryFolder = temporaryFolders()
const create = (folder = temporaryFolder()) => openProject(folder, { mode: 'create' })
const bytesOf = (array: NumericArray) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex')

const samples = {
  float32: new Float32Array(new Uint32Array([0x7fc00001, 0xffc12345, 0x80000000, 1, 0x7f800000, 0]).buffer),
  float64: new Float64Array(new BigUint64Array([0x7ff8000000000001n, 1n << 63n, 1n, 0xfff8dead00000000n]).buffer),
  int32: new Int32Array([-1, 2 ** 31 - 1, -(2 ** 31)]),
  uint8: new Uint8Array([0, 255]),
}

describe('artifacts', () => {
  it('keep arrays of every type bit for bit over closing and opening', () => {
    const folder = temporaryFolder()
    const store = create(folder)
    const writer = store.artifacts.begin('responses', { images: 'a' })
    writer.put(3, { ...samples, empty: new Float32Array(0) }, { failures: ['x'] })
    writer.put(0, { float64: { shape: [2, 2], data: samples.float64 } })
    const finished = writer.finish({ count: 7 })
    store.close()

    const reader = openProject(folder, { mode: 'read' })
    const artifact = reader.artifacts.find('responses', { images: 'a' })
    expect(artifact).toEqual(finished)
    expect(artifact).toMatchObject({ complete: true, meta: { count: 7 }, inputs: { images: 'a' } })
    if (!artifact) return
    expect(reader.artifacts.parts(artifact)).toEqual([0, 3])
    expect(reader.artifacts.partMeta(artifact, 3)).toEqual({ failures: ['x'] })
    expect(reader.artifacts.partMeta(artifact, 0)).toBeNull()
    expect(reader.artifacts.partMeta(artifact, 1)).toBeUndefined()
    for (const array of Object.values(samples)) {
      const dtype = dataTypeOf(array)
      const read = reader.artifacts.read(artifact, 3, dtype, dtype)
      expect(read.data.constructor).toBe(array.constructor)
      expect(read.shape).toEqual([array.length])
      expect(bytesOf(read.data)).toBe(bytesOf(array))
    }
    expect(reader.artifacts.read(artifact, 3, 'empty', 'float32')).toEqual({ shape: [0], data: new Float32Array(0) })
    expect(reader.artifacts.read(artifact, 0, 'float64', 'float64').shape).toEqual([2, 2])
    expect(reader.artifacts.arrays(artifact, 0)).toEqual([{ name: 'float64', dtype: 'float64', shape: [2, 2] }])
    reader.close()
  })

  it('give some rows of an array of any type, bit for bit', () => {
    const store = create()
    const writer = store.artifacts.begin('gram', {})
    const cube = Int32Array.from({ length: 24 }, (_, i) => i)
    writer.put(0, { ...samples, cube: { shape: [4, 3, 2], data: cube } })
    const { artifacts } = store
    const { artifact } = writer
    for (const array of Object.values(samples)) {
      const dtype = dataTypeOf(array)
      const { shape, data } = artifacts.readRows(artifact, 0, dtype, dtype, 1, array.length - 1)
      expect(shape).toEqual([array.length - 1])
      expect(data.constructor).toBe(array.constructor)
      expect(bytesOf(data)).toBe(bytesOf(array.slice(1)))
    }
    expect(artifacts.readRows(artifact, 0, 'cube', 'int32', 2, 2)).toEqual({ shape: [2, 3, 2], data: cube.slice(12) })
    expect(artifacts.readRows(artifact, 0, 'cube', 'int32', 4, 0)).toEqual({ shape: [0, 3, 2], data: new Int32Array() })
    const refused = (first: number, count: number) => failureOf(() => artifacts.readRows(artifact, 0, 'cube', 'int32', first, count))
    expect(refused(3, 2)).toEqual({ code: 'internal', sentence: 'The array "cube" in part 0 of artifact 1 has 4 rows, not 3 to 5.' })
    expect(refused(-1, 2).code).toBe('internal')
    expect(failureOf(() => artifacts.readRows(artifact, 0, 'cube', 'float32', 0, 1)).code).toBe('bad-file')
    expect(failureOf(() => artifacts.readRows(artifact, 1, 'cube', 'int32', 0, 1)).code).toBe('not-ready')
    store.close()
  })

  it('are found by content: other inputs are a miss, the same in another order a hit', () => {
    const store = create()
    const { artifact } = store.artifacts.begin('gram', { layers: [1, 2], weights: 'w' })
    expect(store.artifacts.find('gram', { weights: 'w', layers: [1, 2] })).toEqual(artifact)
    expect(store.artifacts.find('gram', { weights: 'w', layers: [2, 1] })).toBeUndefined()
    expect(store.artifacts.find('gram', { weights: 'v', layers: [1, 2] })).toBeUndefined()
    expect(store.artifacts.find('responses', { weights: 'w', layers: [1, 2] })).toBeUndefined()
    store.close()
  })

  it('are resumed where they stopped', () => {
    const folder = temporaryFolder()
    const first = create(folder)
    const begun = first.artifacts.begin('responses', {})
    begun.put(0, { x: Int32Array.of(1) })
    begun.put(2, { x: Int32Array.of(3) })
    first.close()

    const second = openProject(folder, { mode: 'open' })
    const resumed = second.artifacts.begin('responses', {})
    expect(resumed.artifact).toEqual(begun.artifact)
    expect(resumed.parts()).toEqual([0, 2])
    resumed.put(1, { x: Int32Array.of(2) })
    resumed.finish()
    expect(second.artifacts.begin('responses', {}).artifact.complete).toBe(true)
    expect(second.artifacts.list()).toMatchObject([{ complete: true, parts: 3, bytes: 12 }])
    second.close()
  })

  it('replace a part as a whole', () => {
    const store = create()
    const writer = store.artifacts.begin('gram', {})
    writer.put(0, { old: new Float64Array(10), x: Int32Array.of(1) })
    writer.put(0, { x: Int32Array.of(2) })
    expect(store.artifacts.arrays(writer.artifact, 0).map(({ name }) => name)).toEqual(['x'])
    expect(store.artifacts.list()[0]).toMatchObject({ parts: 1, bytes: 4 })
    store.close()
  })

  it('store nothing of a part that fails on the way', () => {
    const store = create()
    const writer = store.artifacts.begin('gram', {})
    writer.put(0, { x: Int32Array.of(1) })
    const wrong = { x: Int32Array.of(2), y: { shape: [2, 2], data: new Float32Array(3) } }
    expect(failureOf(() => writer.put(0, wrong)).sentence).toBe('Array "y" has 3 numbers, its shape is 2 x 2.')
    expect(failureOf(() => writer.put(1, wrong)).code).toBe('internal')
    expect(store.artifacts.read(writer.artifact, 0, 'x', 'int32').data).toEqual(Int32Array.of(1))
    expect(writer.parts()).toEqual([0])
    store.close()
  })

  it('refuse a part after finish or after removal, and an array that is too large', () => {
    const store = create()
    const writer = store.artifacts.begin('gram', {})
    const huge = new Uint8Array(MAX_ARRAY_BYTES + 1)
    expect(failureOf(() => writer.put(0, { huge })).sentence).toContain('store it in several parts')
    writer.finish()
    const refusal = { code: 'internal', sentence: `Artifact ${writer.artifact.id} is complete or was removed.` }
    expect(failureOf(() => writer.put(0, {}))).toEqual(refusal)
    expect(failureOf(() => writer.finish())).toEqual(refusal)
    store.artifacts.remove(writer.artifact)
    expect(failureOf(() => writer.put(0, {}))).toEqual(refusal)
    expect(store.artifacts.begin('gram', {}).artifact.id).not.toBe(writer.artifact.id)
    store.close()
  })

  it('say what is missing or of another type', () => {
    const folder = temporaryFolder()
    const store = create(folder)
    const writer = store.artifacts.begin('gram', {})
    writer.put(0, { x: Int32Array.of(1) })
    const { id } = writer.artifact
    const file = join(folder, 'project.sqlite')
    expect(failureOf(() => store.artifacts.read({ id }, 1, 'x', 'int32'))).toEqual({
      code: 'not-ready',
      sentence: `${file} holds no array "x" in part 1 of artifact ${id}.`,
    })
    expect(failureOf(() => store.artifacts.read({ id }, 0, 'x', 'float32'))).toEqual({
      code: 'bad-file',
      sentence: `${file}: array "x" in part 0 of artifact ${id} is int32, not float32.`,
    })
    store.close()
  })

  it('are listed by kind with their sizes, and give their space back when removed', () => {
    const folder = temporaryFolder()
    const store = create(folder)
    const kept = store.artifacts.begin('responses', { run: 0 })
    kept.put(0, { x: new Float32Array(250_000).fill(1) })
    const removed = store.artifacts.begin('gram', { run: 1 })
    for (let part = 0; part < 4; part++) removed.put(part, { x: new Float64Array(250_000).fill(2) })
    const last = store.artifacts.begin('responses', { run: 2 })
    last.put(0, { x: new Float32Array(250_000).fill(3) })
    expect(store.artifacts.list().map(({ kind, parts, bytes }) => [kind, parts, bytes])).toEqual([
      ['responses', 1, 1e6],
      ['gram', 4, 8e6],
      ['responses', 1, 1e6],
    ])
    expect(store.artifacts.list({ kind: 'gram' })).toHaveLength(1)
    store.artifacts.remove(removed.artifact)
    expect(store.artifacts.get(removed.artifact.id)).toBeUndefined()
    expect(statSync(join(folder, 'project.sqlite')).size).toBeLessThan(4e6)
    expect(store.artifacts.read(last.artifact, 0, 'x', 'float32').data.every((value) => value === 3)).toBe(true)
    store.close()
  })

  it('change together in one transaction of the store', () => {
    const store = create()
    const one = store.artifacts.begin('responses', {})
    const two = store.artifacts.begin('gram', {})
    const fail = () =>
      store.transaction(() => {
        one.put(0, { x: Int32Array.of(1) })
        two.put(0, { x: Int32Array.of(1) })
        throw new RangeError('stop')
      })
    expect(fail).toThrow(RangeError)
    expect([...one.parts(), ...two.parts()]).toEqual([])
    expect(store.transaction(() => one.artifact.id)).toBe(one.artifact.id)
    store.close()
  })

  it('stream in parts, of which no second copy is made', () => {
    const store = create()
    const writer = store.artifacts.begin('gram', {})
    const rows = partRanges(500, 80_000, 2e6)
    const part = new Float64Array(25 * 10_000)
    /** Bytes of JavaScript array memory that `work` adds; a collection on the way can only lower it. */
    const added = (work: () => void) => {
      const before = process.memoryUsage().arrayBuffers
      work()
      return process.memoryUsage().arrayBuffers - before
    }
    for (const range of rows) {
      part.fill(range.part)
      const put = () => writer.put(range.part, { gram: { shape: [25, 10_000], data: part } })
      expect(added(put)).toBeLessThan(1e5)
    }
    for (const range of rows) {
      const read = () => {
        const { data, shape } = store.artifacts.read(writer.artifact, range.part, 'gram', 'float64')
        expect([shape, data[0], data.at(-1)]).toEqual([[25, 10_000], range.part, range.part])
      }
      expect(added(read)).toBeLessThan(2.1e6)
    }
    expect(store.artifacts.list()[0]).toMatchObject({ parts: 20, bytes: 40e6 })
    store.close()
  })
})

describe('a full disk', () => {
  it('stops a put with one sentence, leaves the parts before it and can be resumed', () => {
    const folder = temporaryFolder()
    create(folder).close()
    const file = join(folder, 'project.sqlite')
    const database = openWritable(file)
    database.execute('PRAGMA foreign_keys = ON; PRAGMA max_page_count = 60')
    const writer = artifactStore(database).begin('responses', {})
    writer.put(0, { x: new Float32Array(100_000).fill(1) })
    const refused = failureOf(() => writer.put(1, { small: Int32Array.of(1), x: new Float32Array(500_000) }))
    expect(refused).toEqual({
      code: 'disk-full',
      sentence: `The disk is full: ${file} cannot grow; what was stored before is intact.`,
    })
    expect(writer.parts()).toEqual([0])
    database.close()

    const store = openProject(folder, { mode: 'open' })
    const resumed = store.artifacts.begin('responses', {})
    expect(resumed.parts()).toEqual([0])
    resumed.put(1, { x: new Float32Array(500_000).fill(2) })
    expect(store.artifacts.read(resumed.artifact, 0, 'x', 'float32').data.every((value) => value === 1)).toBe(true)
    store.close()
  })
})

describe('partRanges', () => {
  it('covers every row once with parts of at most the given size', () => {
    expect(partRanges(10, 8, 24)).toEqual([
      { part: 0, start: 0, end: 3 },
      { part: 1, start: 3, end: 6 },
      { part: 2, start: 6, end: 9 },
      { part: 3, start: 9, end: 10 },
    ])
    expect(partRanges(2, 100, 24).map(({ end }) => end)).toEqual([1, 2])
    expect(partRanges(0, 8)).toEqual([])
    const gram = partRanges(12_000, 12_000 * 8)
    expect(Math.max(...gram.map(({ start, end }) => (end - start) * 96_000))).toBeLessThanOrEqual(PART_BYTES)
    expect(gram.at(-1)?.end).toBe(12_000)
  })
})
