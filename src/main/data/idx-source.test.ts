import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { batches } from './batches.ts'
import { checkDisjoint } from './identity.ts'
import type { OpenOptions } from './open-options.ts'
import { validatePreprocessing } from './preprocessing.ts'
import { openSource } from './source.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vebi-idx-'))
})
afterAll(() => rm(folder, { recursive: true }))

function idx(sizes: number[], values: ArrayLike<number>, type = 0x08): Uint8Array {
  const bytes = new Uint8Array(4 + sizes.length * 4 + values.length)
  bytes.set([0, 0, type, sizes.length])
  const view = new DataView(bytes.buffer)
  sizes.forEach((size, axis) => view.setUint32(4 + axis * 4, size))
  bytes.set(values, 4 + sizes.length * 4)
  return bytes
}

const pixels = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 13 + 5) % 256)

/** Writes the pair as files and answers DATA. */
async function pair(images: Uint8Array, labels: Uint8Array): Promise<string> {
  await writeFile(join(folder, 'images'), images)
  await writeFile(join(folder, 'labels'), labels)
  return `${join(folder, 'images')}:${join(folder, 'labels')}`
}

async function refusal(location: string, options: OpenOptions = {}): Promise<string> {
  const error = await openSource(location, options).then(() => null, (thrown: Error & { code?: string }) => thrown)
  expect(error?.name).toBe('VebiError')
  return `${error?.code}: ${error?.message.replaceAll(folder, '<data>')}`
}

describe('a pair', () => {
  const grey = idx([3, 2, 4], pixels(24))
  const labels = idx([3], [2, 0, 2])

  it.each([['plain', grey, labels], ['gzip', gzipSync(grey), gzipSync(labels)], ['mixed', gzipSync(grey), labels]])(
    '%s', async (_, images, theirLabels) => {
      const source = await openSource(await pair(images, theirLabels))
      expect(source.classes).toEqual(['0', '1', '2'])
      expect(source.notes).toEqual([`No image in "${source.location}" belongs to: "1".`])
      const hash = createHash('sha256').update(pixels(24).subarray(8, 16)).digest('hex')
      expect(source.records[1]).toEqual({ hash, label: 0, name: 'images#1', hasMask: false })
      expect(source.records.map(({ label }) => label)).toEqual([2, 0, 2])
      expect(await source.read(2)).toEqual({ height: 2, width: 4, channels: 1, data: pixels(24).subarray(16) })
      await expect(source.read(3)).rejects.toMatchObject({ code: 'bad-argument' })
      await expect(source.readMask(0)).rejects.toMatchObject({ code: 'bad-data', message: '"images#0" has no mask.' })
    })

  it('of colour images, channels last', async () => {
    const source = await openSource(await pair(idx([2, 2, 2, 3], pixels(24)), idx([2], [0, 1])))
    expect(await source.read(1)).toEqual({ height: 2, width: 2, channels: 3, data: pixels(24).subarray(12) })
  })

  it('takes class names in label order', async () => {
    const location = await pair(grey, labels)
    expect((await openSource(location, { classes: ['a', 'b', 'c'] })).classes).toEqual(['a', 'b', 'c'])
    expect(await refusal(location, { classes: ['a', 'b'] })).toBe(
      'bad-data: "<data>/labels" gives image 0 the label 2, but there are 2 classes.')
  })

  it('ends its progress at the number of images', async () => {
    const seen: number[] = []
    await openSource(await pair(grey, labels), { onProgress: (done) => seen.push(done) })
    expect(seen).toEqual([0, 3])
  })

  it.each<[string, Uint8Array, Uint8Array, string]>([
    ['swapped', labels, grey,
      'bad-argument: "<data>/images" holds labels and "<data>/labels" images: swap the two ("images:labels").'],
    ['images twice', grey, grey, 'bad-file: "<data>/labels" holds no labels: it has 3 axes, labels have 1.'],
    ['labels twice', labels, labels, 'bad-file: "<data>/images" holds no images: it has 1 axis, images have 3 or 4.'],
    ['a label too few', grey, idx([2], [0, 1]),
      'bad-data: "<data>/images" holds 3 images, but "<data>/labels" 2 labels.'],
    ['two channels', idx([1, 2, 2, 2], pixels(8)), idx([1], [0]),
      'bad-file: "<data>/images" has 2 channels (its last axis), not 1 or 3.'],
    ['no images', idx([0, 28, 28], []), idx([0], []), 'bad-file: "<data>/images" is empty: its axes are 0 x 28 x 28.'],
    ['float values', idx([1, 1, 1], [0, 0, 0, 0], 0x0d), idx([1], [0]),
      'bad-file: "<data>/images" is not an IDX file of unsigned bytes: its type is 0x0d, not 0x08.'],
    ['five axes', idx([1, 1, 1, 1, 1], [0]), idx([1], [0]),
      'bad-file: "<data>/images" has 5 axes: labels have 1, images 3 or 4.'],
    ['text', new TextEncoder().encode('P5 28 28 255'), labels,
      'bad-file: "<data>/images" is not an IDX file: it does not begin with two zero bytes.'],
    ['an empty file', new Uint8Array(0), labels, 'bad-file: "<data>/images" is too short to be an IDX file.'],
    ['half a header', grey.subarray(0, 9), labels, 'bad-file: "<data>/images" is too short to be an IDX file.'],
    ['a truncated file', grey.subarray(0, 20), labels,
      'bad-file: "<data>/images" is truncated or too large: its header promises 24 bytes of values.'],
    ['values beyond the promised', idx([2, 2, 4], pixels(24)), labels,
      'bad-file: "<data>/images" goes on after the 16 bytes of values that its header promises.'],
    ['a gzip stream cut short', gzipSync(grey).subarray(0, -9), labels,
      'bad-file: "<data>/images" is truncated: its gzip stream has no end.'],
    ['a gzip stream of too few values', gzipSync(grey.subarray(0, -1)), labels,
      'bad-file: "<data>/images" is truncated: it holds 23 of 24 bytes of values.'],
    ['a header that promises more than gzip can hold', gzipSync(idx([1 << 20, 1 << 10, 1], [])), labels,
      'bad-file: "<data>/images" is truncated or too large: its header promises 1073741824 bytes of values.'],
    ['a damaged gzip stream', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff), labels,
      'bad-file: "<data>/images" cannot be read: invalid block type.'],
  ])('is refused: %s', async (_, images, theirLabels, sentence) => {
    expect(await refusal(await pair(images, theirLabels))).toBe(sentence)
  })

  it('is refused when a file is missing or alone, or with a masks folder', async () => {
    const location = await pair(grey, labels)
    const images = join(folder, 'images')
    expect(await refusal(`${images}:${folder}/gone`)).toBe(
      'missing-file: "<data>/gone" does not exist (the other file of the pair does).')
    expect(await refusal(`${folder}/gone:${images}`)).toBe(
      'missing-file: "<data>/gone" does not exist (the other file of the pair does).')
    expect(await refusal(images)).toBe(
      'bad-argument: "<data>/images" is one IDX file: give the pair as "images:labels".')
    expect(await refusal(location, { masks: folder })).toMatch(
      /^bad-argument: A masks folder cannot be used with the IDX pair/)
  })
})

const data = process.env['VEBI_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))
const mnist = join(data, 'mnist')
const missing = existsSync(mnist) ? '' : ` (skipped: no ${mnist}, see VEBI_DATA)`

describe.skipIf(missing !== '')(`MNIST${missing}`, () => {
  const open = (set: string) => openSource(
    `${join(mnist, `${set}-images-idx3-ubyte.gz`)}:${join(mnist, `${set}-labels-idx1-ubyte.gz`)}`)

  it('opens with the known files, counts and classes; training and test do not overlap', async () => {
    const md5 = (name: string) => createHash('md5').update(readFileSync(join(mnist, name))).digest('hex')
    expect(md5('train-images-idx3-ubyte.gz')).toBe('f68b3c2dcbeaaa9fbdd348bbdeb94873')
    expect(md5('t10k-labels-idx1-ubyte.gz')).toBe('ec29112dd5afa0611ce80d1b7f02629c')
    const [train, test] = await Promise.all([open('train'), open('t10k')])
    const counts = (records: readonly { label: number }[]) => records.reduce((sums, { label }) => {
      sums[label]++
      return sums
    }, new Array<number>(10).fill(0))
    expect(train.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect(counts(train.records)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    expect(counts(test.records)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    expect(test.records[0]).toMatchObject({ label: 7, name: 't10k-images-idx3-ubyte.gz#0' })
    expect(() => checkDisjoint(train, test)).not.toThrow()
    expect(() => checkDisjoint(test, test)).toThrow('10000 of 10000 test images are also training images')
  })

  it('comes in batches with the known mean and deviation', async () => {
    const source = await open('train')
    const preprocessing = validatePreprocessing({ height: 28, width: 28, channels: 1, scale: 1 / 255 })
    let sum = 0
    let squares = 0
    let images = 0
    for await (const batch of batches(source, preprocessing, { batchSize: 512 })) {
      expect(batch.failures).toEqual([])
      images += batch.indexes.length
      for (let i = 0; i < batch.data.length; i++) {
        sum += batch.data[i]
        squares += batch.data[i] ** 2
      }
    }
    const count = images * 784
    expect(images).toBe(60_000)
    expect(sum / count).toBeCloseTo(0.1307, 4)
    expect(Math.sqrt(squares / count - (sum / count) ** 2)).toBeCloseTo(0.3081, 4)
  })
})
